import type { Db, Tx } from '@iotistic/chassis/database';
import type { PlanKey } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { LicenseAction } from '../domain/license-action.ts';
import type { LicenseHistoryTable, LicensingTables } from './tables.ts';

export interface HistoryEntry {
  position: number;
  id: string;
  customerId: string;
  at: Date;
  action: LicenseAction;
  plan: PlanKey;
  maxDevices: number | null;
  tokenHash: string;
  actor: string;
  reason: string | null;
}

export interface HistoryRequest {
  customerId: string;
  first: number;
  /** The entries older than this position; null from the newest. */
  before: number | null;
}

export interface HistoryCount {
  action: LicenseAction;
  plan: PlanKey;
  count: number;
}

type Row = Selectable<LicenseHistoryTable>;

function toEntry(row: Row): HistoryEntry {
  return { position: row.position, id: row.id, customerId: row.customer_id, at: row.at, action: row.action, plan: row.plan, maxDevices: row.max_devices, tokenHash: row.token_hash, actor: row.actor, reason: row.reason };
}

/** Each issue and each revocation once: an entry that is there stays as it is. */
export async function addHistoryEntry(tx: Tx<LicensingTables>, entry: Omit<HistoryEntry, 'position'>): Promise<void> {
  await tx
    .insertInto('license_history')
    .values({ id: entry.id, customer_id: entry.customerId, at: entry.at, action: entry.action, plan: entry.plan, max_devices: entry.maxDevices, token_hash: entry.tokenHash, actor: entry.actor, reason: entry.reason })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Newest first, in the order of the requests; one entry more than asked for where there is one. */
export async function listHistory(db: Db<LicensingTables>, requests: readonly HistoryRequest[]): Promise<HistoryEntry[][]> {
  const { rows } = await sql<Row & { request: number }>`
    select asked.request, h.*
    from unnest(${requests.map((_request, index) => index)}::int[], ${requests.map(({ customerId }) => customerId)}::text[], ${requests.map(({ first }) => first)}::int[], ${requests.map(({ before }) => before)}::bigint[])
      as asked (request, customer_id, first, before)
    cross join lateral (
      select * from license_history e
      where e.customer_id = asked.customer_id and e.position < coalesce(asked.before, 9223372036854775807)
      order by e.position desc limit asked.first + 1
    ) h
    order by h.position desc`.execute(db);
  const found: HistoryEntry[][] = requests.map(() => []);
  for (const row of rows) found[row.request]?.push(toEntry(row));
  return found;
}

/** In the order of the ids. */
export async function countHistory(db: Db<LicensingTables>, customerIds: readonly string[]): Promise<HistoryCount[][]> {
  const { rows } = await sql<HistoryCount & { customer_id: string }>`
    select customer_id, action, plan, count(*)::int as count from license_history where customer_id = any(${customerIds}) group by customer_id, action, plan order by action, plan`.execute(db);
  return customerIds.map((id) => rows.filter((row) => row.customer_id === id));
}
