import type { Db, Tx } from '@iotistic/chassis/database';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { sql } from 'kysely';
import type { StripeFinding, StripeFindingKind } from '../domain/stripe-findings.ts';
import type { BillingTables } from './tables.ts';

export interface StoredFinding extends StripeFinding {
  customerId: string;
  /** When it was seen first. */
  foundAt: Date;
}

/** Newest first. */
export type FindingKey = [foundAt: string, customerId: string, kind: string, objectId: string];

/** Keeps what the newest reading of a customer found, and forgets what it found no more. @returns those that were not known */
export async function saveFindings(tx: Tx<BillingTables>, customerId: string, findings: readonly StripeFinding[], now: Date): Promise<StripeFinding[]> {
  const known = await tx.selectFrom('stripe_findings').select(['kind', 'object_id']).where('customer_id', '=', customerId).execute();
  const isFound = (kind: string, objectId: string): boolean => findings.some((finding) => finding.kind === kind && finding.objectId === objectId);
  const fresh = findings.filter(({ kind, objectId }) => !known.some((row) => row.kind === kind && row.object_id === objectId));
  for (const { kind, object_id: objectId } of known) if (!isFound(kind, objectId)) await tx.deleteFrom('stripe_findings').where('customer_id', '=', customerId).where('kind', '=', kind).where('object_id', '=', objectId).execute();
  for (const { kind, objectId, detail } of fresh) await tx.insertInto('stripe_findings').values({ customer_id: customerId, kind, object_id: objectId, detail, found_at: now }).onConflict((conflict) => conflict.doNothing()).execute();
  return fresh;
}

export async function listFindingPage(db: Db<BillingTables>, request: PageRequest<FindingKey>): Promise<Page<StoredFinding>> {
  let query = db.selectFrom('stripe_findings').selectAll().orderBy('found_at', 'desc').orderBy('customer_id', 'desc').orderBy('kind', 'desc').orderBy('object_id', 'desc').limit(request.first + 1);
  if (request.after !== null) {
    const [foundAt, customerId, kind, objectId] = request.after;
    query = query.where(sql<boolean>`(found_at, customer_id, kind, object_id) < (${foundAt}::timestamptz, ${customerId}, ${kind}, ${objectId})`);
  }
  const rows = await query.execute();
  return toPage(rows.map((row) => ({ customerId: row.customer_id, kind: row.kind, objectId: row.object_id, detail: row.detail, foundAt: row.found_at })), request, (one): FindingKey => [one.foundAt.toISOString(), one.customerId, one.kind, one.objectId]);
}

export async function hasFindings(db: Db<BillingTables>, customerId: string): Promise<boolean> {
  return (await db.selectFrom('stripe_findings').select('kind').where('customer_id', '=', customerId).limit(1).executeTakeFirst()) !== undefined;
}

export async function countFindings(db: Db<BillingTables>): Promise<{ kind: StripeFindingKind; count: number }[]> {
  const rows = await db.selectFrom('stripe_findings').select((select) => ['kind', select.fn.countAll<string>().as('count')]).groupBy('kind').execute();
  return rows.map(({ kind, count }) => ({ kind, count: Number(count) }));
}
