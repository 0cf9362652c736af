import type { Db, Tx } from '@iotistic/chassis/database';
import type { Selectable } from 'kysely';
import type { LicenseReissuesTable, LicensingTables } from './tables.ts';

/** A batch that issues every license in force anew. */
export interface LicenseReissue {
  id: string;
  actor: string;
  reason: string;
  total: number;
  remaining: number;
  afterCustomerId: string;
  startedAt: Date;
  finishedAt: Date | null;
}

const MAX_LISTED = 50;

function toReissue(row: Selectable<LicenseReissuesTable>): LicenseReissue {
  return { id: row.id, actor: row.actor, reason: row.reason, total: row.total, remaining: row.remaining, afterCustomerId: row.after_customer_id, startedAt: row.started_at, finishedAt: row.finished_at };
}

export async function addReissue(tx: Tx<LicensingTables>, reissue: Omit<LicenseReissue, 'afterCustomerId' | 'finishedAt'>): Promise<void> {
  await tx.insertInto('license_reissues').values({ id: reissue.id, actor: reissue.actor, reason: reissue.reason, total: reissue.total, remaining: reissue.remaining, started_at: reissue.startedAt, finished_at: null }).execute();
}

export async function findReissue(db: Db<LicensingTables>, id: string): Promise<LicenseReissue | null> {
  const row = await db.selectFrom('license_reissues').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toReissue(row);
}

/** Newest first. */
export async function listReissues(db: Db<LicensingTables>): Promise<LicenseReissue[]> {
  return (await db.selectFrom('license_reissues').selectAll().orderBy('started_at', 'desc').orderBy('id').limit(MAX_LISTED).execute()).map(toReissue);
}

/** Oldest first. */
export async function listUnfinishedReissues(db: Db<LicensingTables>): Promise<string[]> {
  return (await db.selectFrom('license_reissues').select('id').where('finished_at', 'is', null).orderBy('started_at').orderBy('id').execute()).map(({ id }) => id);
}

export async function saveReissueProgress(tx: Tx<LicensingTables>, id: string, progress: { remaining: number; afterCustomerId: string; finishedAt: Date | null }): Promise<void> {
  await tx.updateTable('license_reissues').set({ remaining: progress.remaining, after_customer_id: progress.afterCustomerId, finished_at: progress.finishedAt }).where('id', '=', id).execute();
}
