import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { byCustomer } from './by-customer.ts';
import type { CustomersTables } from './tables.ts';

export interface InstanceRow {
  id: string;
  customerId: string;
  name: string;
  createdAt: Date;
}

/** Where an instance stands in its customer's list: by name. */
export type InstanceKey = [name: string];

export interface InstancePage extends Page<InstanceRow> {
  customerId: string;
}

export function findInstances(db: Db<CustomersTables>, ids: readonly string[]): Promise<InstanceRow[]> {
  return db.selectFrom('instances').select(['id', 'customer_id as customerId', 'name', 'created_at as createdAt']).where('id', 'in', ids).execute();
}

/** The same page of each of these customers, in their order. */
export async function listInstancePages(db: Db<CustomersTables>, customerIds: readonly string[], request: PageRequest<InstanceKey>): Promise<InstancePage[]> {
  const after = request.after?.[0] ?? null;
  const { rows } = await sql<InstanceRow>`
    select i.* from unnest(${[...customerIds]}::text[]) as c (id) cross join lateral (
      select id, customer_id as "customerId", name, created_at as "createdAt" from instances
      where customer_id = c.id and (${after}::text is null or name > ${after}::text collate "C") order by name limit ${request.first + 1}
    ) as i`.execute(db);
  const groups = byCustomer(rows);
  return customerIds.map((customerId) => ({ customerId, ...toPage(groups.get(customerId) ?? [], request, (row): InstanceKey => [row.name]) }));
}

/** How many instances each of these customers has, in their order. */
export async function countInstancesOf(db: Db<CustomersTables>, customerIds: readonly string[]): Promise<number[]> {
  const rows = await db
    .selectFrom('instances')
    .select((eb) => ['customer_id', eb.fn.countAll<number>().as('count')])
    .where('customer_id', 'in', customerIds)
    .groupBy('customer_id')
    .execute();
  const counts = new Map(rows.map((row) => [row.customer_id, row.count]));
  return customerIds.map((id) => counts.get(id) ?? 0);
}

/** Whether it was new. */
export async function insertInstance(tx: Tx<CustomersTables>, instance: InstanceRow): Promise<boolean> {
  const row = await tx
    .insertInto('instances')
    .values({ id: instance.id, customer_id: instance.customerId, name: instance.name, created_at: instance.createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** How many instances a customer has: more than `limit` are not counted. */
export async function countInstances(tx: Tx<CustomersTables>, customerId: string, limit: number): Promise<number> {
  const rows = await tx.selectFrom('instances').select('id').where('customer_id', '=', customerId).limit(limit).execute();
  return rows.length;
}

/** The instance as of when it was first heard of, in whatever order that is told. */
export async function saveInstanceHeardOf(tx: Tx<CustomersTables>, instance: InstanceRow): Promise<void> {
  await tx
    .insertInto('instances')
    .values({ id: instance.id, customer_id: instance.customerId, name: instance.name, created_at: instance.createdAt })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((eb) => ({ created_at: eb.ref('excluded.created_at') }))
        .whereRef('excluded.created_at', '<', 'instances.created_at'),
    )
    .execute();
}
