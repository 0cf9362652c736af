import type { Db, Tx } from '@iotistic/chassis/database';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { type Selectable, sql } from 'kysely';
import type { BillingTables, WebhookEventsTable, WebhookEventStatus } from './tables.ts';

export interface WebhookEvent {
  id: string;
  position: number;
  type: string;
  stripeCustomerId: string | null;
  customerId: string | null;
  objectId: string | null;
  status: WebhookEventStatus;
  attempts: number;
  error: string | null;
  receivedAt: Date;
  handledAt: Date | null;
}

/** Where an event stands in the list: as it was received. */
export type WebhookEventKey = [position: number];

function toWebhookEvent(row: Selectable<WebhookEventsTable>): WebhookEvent {
  return { id: row.id, position: row.position, type: row.type, stripeCustomerId: row.stripe_customer_id, customerId: row.customer_id, objectId: row.object_id, status: row.status, attempts: row.attempts, error: row.error, receivedAt: row.received_at, handledAt: row.handled_at };
}

export interface NewWebhookEvent {
  id: string;
  type: string;
  stripeCustomerId: string | null;
  objectId: string | null;
  createdAt: Date;
  status: 'RECEIVED' | 'IGNORED';
  error: string | null;
}

/** Those that were not known, by id; the others change nothing. */
export async function insertWebhookEvents(tx: Tx<BillingTables>, events: readonly NewWebhookEvent[], source: 'webhook' | 'sweep', now: Date): Promise<string[]> {
  if (events.length === 0) return [];
  const rows = await tx
    .insertInto('webhook_events')
    .values(events.map((event) => ({ id: event.id, type: event.type, stripe_customer_id: event.stripeCustomerId, customer_id: null, object_id: event.objectId, status: event.status, error: event.error, source, created_at: event.createdAt, received_at: now, handled_at: event.status === 'IGNORED' ? now : null })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function findWebhookEvent(db: Db<BillingTables>, id: string): Promise<WebhookEvent | null> {
  const row = await db.selectFrom('webhook_events').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toWebhookEvent(row);
}

/** What waits, of one customer at Stripe. */
export async function listWaitingEvents(db: Db<BillingTables>, stripeCustomerId: string): Promise<WebhookEvent[]> {
  const rows = await db.selectFrom('webhook_events').selectAll().where('status', '=', 'RECEIVED').where('stripe_customer_id', '=', stripeCustomerId).orderBy('position').execute();
  return rows.map(toWebhookEvent);
}

/** One waiting event of each customer, for events that were received before then, and each that is nobody's; the oldest first. */
export async function listForgottenEvents(db: Db<BillingTables>, before: Date, except: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select min(id) as id from webhook_events where status = 'RECEIVED' and received_at < ${before} and id <> all(${except}::text[])
    group by coalesce(stripe_customer_id, id) order by min(received_at), id limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

export async function finishWebhookEvents(tx: Tx<BillingTables>, ids: readonly string[], outcome: { status: 'HANDLED' | 'IGNORED'; customerId: string | null; error: string | null }, now: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable('webhook_events')
    .set((row) => ({ status: outcome.status, customer_id: outcome.customerId, error: outcome.error, handled_at: now, attempts: row('attempts', '+', 1) }))
    .where('id', 'in', ids)
    .execute();
}

/** One more try that went wrong; after the last one it stays FAILED until somebody replays it. */
export async function failWebhookEvents(tx: Tx<BillingTables>, ids: readonly string[], error: string, maxAttempts: number): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update webhook_events set attempts = attempts + 1, error = ${error}, status = case when attempts + 1 >= ${maxAttempts} then 'FAILED' else status end
    where id = any(${[...ids]}::text[])`.execute(tx);
}

export async function reopenWebhookEvent(tx: Tx<BillingTables>, id: string): Promise<void> {
  await tx.updateTable('webhook_events').set({ status: 'RECEIVED', error: null, handled_at: null }).where('id', '=', id).execute();
}

/** Newest first. */
export async function listWebhookEventPage(db: Db<BillingTables>, request: PageRequest<WebhookEventKey>, status: WebhookEventStatus | null): Promise<Page<WebhookEvent>> {
  let query = db.selectFrom('webhook_events').selectAll().orderBy('position', 'desc').limit(request.first + 1);
  if (request.after !== null) query = query.where('position', '<', request.after[0]);
  if (status !== null) query = query.where('status', '=', status);
  return toPage((await query.execute()).map(toWebhookEvent), request, (event): WebhookEventKey => [event.position]);
}

export async function countOpenEvents(db: Db<BillingTables>): Promise<{ received: number; failed: number; oldestReceivedAt: Date | null }> {
  const { rows } = await sql<{ received: number; failed: number; oldest: Date | null }>`
    select count(*) filter (where status = 'RECEIVED') as received, count(*) filter (where status = 'FAILED') as failed, min(received_at) filter (where status = 'RECEIVED') as oldest
    from webhook_events where status in ('RECEIVED', 'FAILED')`.execute(db);
  return { received: rows[0]?.received ?? 0, failed: rows[0]?.failed ?? 0, oldestReceivedAt: rows[0]?.oldest ?? null };
}

export async function findSweptUntil(db: Db<BillingTables>, name: string): Promise<Date | null> {
  return (await db.selectFrom('sweeps').select('swept_until').where('name', '=', name).executeTakeFirst())?.swept_until ?? null;
}

export async function saveSweptUntil(tx: Tx<BillingTables>, name: string, until: Date): Promise<void> {
  await tx
    .insertInto('sweeps')
    .values({ name, swept_until: until })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ swept_until: until }))
    .execute();
}

export interface OwnEndpoint {
  /** What it is for: `snapshots`, `thin`. */
  name: string;
  stripeEndpointId: string;
  secret: string;
}

export async function listOwnEndpoints(db: Db<BillingTables>): Promise<OwnEndpoint[]> {
  const rows = await db.selectFrom('webhook_endpoints').selectAll().execute();
  return rows.map((row) => ({ name: row.name, stripeEndpointId: row.stripe_endpoint_id, secret: row.secret }));
}

export async function saveOwnEndpoint(tx: Tx<BillingTables>, endpoint: OwnEndpoint): Promise<void> {
  const row = { name: endpoint.name, stripe_endpoint_id: endpoint.stripeEndpointId, secret: endpoint.secret };
  await tx
    .insertInto('webhook_endpoints')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
}
