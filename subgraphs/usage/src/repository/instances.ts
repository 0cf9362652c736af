import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import type { Intake } from '../domain/intake.ts';
import type { UsageTables } from './tables.ts';

export interface InstanceRow {
  no: number;
  id: string;
  customerId: string;
  name: string;
  lastReportedAt: Date | null;
  latestReportId: string | null;
  intake: Intake;
}

export interface InstanceNaming {
  id: string;
  customerId: string;
  name: string;
}

function toInstance(row: Selectable<UsageTables['instances']>): InstanceRow {
  const { accepted, late, duplicates, rejected } = row;
  return {
    no: row.no,
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    lastReportedAt: row.last_reported_at,
    latestReportId: row.latest_report_id,
    intake: { received: accepted + late + duplicates + rejected, accepted, late, duplicates, rejected },
  };
}

export async function findInstances(db: Db<UsageTables>, ids: readonly string[]): Promise<InstanceRow[]> {
  const rows = await db.selectFrom('instances').selectAll().where('id', 'in', ids).execute();
  return rows.map(toInstance);
}

/** The report with the latest interval of each customer's instances, as [customer, report]. */
export async function findLatestReportIds(db: Db<UsageTables>, customerIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ customer_id: string; latest_report_id: string }>`
    select distinct on (customer_id) customer_id, latest_report_id
    from instances
    where customer_id = any(${customerIds}::text[]) and latest_report_id is not null
    order by customer_id, latest_report_id desc`.execute(db);
  return new Map(rows.map((row) => [row.customer_id, row.latest_report_id]));
}

export async function sumIntakes(db: Db<UsageTables>, customerIds: readonly string[]): Promise<Map<string, Intake>> {
  const { rows } = await sql<Intake & { customer_id: string }>`
    select customer_id, sum(accepted + late + duplicates + rejected) as received, sum(accepted) as accepted, sum(late) as late,
      sum(duplicates) as duplicates, sum(rejected) as rejected
    from instances where customer_id = any(${customerIds}::text[]) group by customer_id`.execute(db);
  return new Map(rows.map(({ customer_id: customerId, ...intake }) => [customerId, intake]));
}

/** Names instances that were never heard of; what is known stays as it is. In order of id, so that two who do this at once wait instead of locking one another. */
export async function insertInstances(tx: Tx<UsageTables>, instances: readonly InstanceNaming[], at: Date): Promise<void> {
  const rows = instances.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((instance) => ({ id: instance.id, customer_id: instance.customerId, name: instance.name, first_seen_at: at }));
  await tx
    .insertInto('instances')
    .values(rows)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

export interface LockedInstance {
  no: number;
  id: string;
  hasReported: boolean;
  /** Where the customer's periods began, as far as billing named them. Milliseconds. */
  boundaries: number[];
}

/**
 * Holds these instances until the transaction ends: whoever else writes for one of them waits, and sees what is written
 * here. Always in order of id, so that nobody waits for one another.
 */
export async function lockInstances(tx: Tx<UsageTables>, ids: readonly string[]): Promise<LockedInstance[]> {
  const { rows } = await sql<{ no: number; id: string; hasReported: boolean; start: Date | null; previous: Date | null }>`
    select i.no, i.id, i.first_reported_at is not null as "hasReported", p.period_start as start, p.previous_start as previous
    from instances i left join subscription_periods p on p.customer_id = i.customer_id
    where i.id = any(${ids}::text[]) order by i.id for no key update of i`.execute(tx);
  return rows.map(({ start, previous, ...instance }) => ({ ...instance, boundaries: [previous, start].filter((boundary) => boundary !== null).map((boundary) => boundary.getTime()) }));
}

export interface SequenceGap {
  from: number;
  to: number;
}

/** More of them than anybody reads: the oldest. */
const MAX_GAPS = 1_000;

/** The sequence numbers that never arrived, from 1 to the highest that did, in the order of the instances. */
export async function listSequenceGaps(db: Db<UsageTables>, ids: readonly string[]): Promise<SequenceGap[][]> {
  const { rows } = await sql<SequenceGap & { id: string }>`
    select i.id, lower(gap.missing) as "from", upper(gap.missing) - 1 as "to"
    from instances i
    cross join lateral (
      select missing from unnest(int8multirange(int8range(1, greatest(1, upper(i.seen_sequences)))) - i.seen_sequences) as missing order by missing limit ${MAX_GAPS}
    ) gap
    where i.id = any(${[...new Set(ids)]}::text[]) and not isempty(i.seen_sequences)
    order by 2`.execute(db);
  return ids.map((id) => rows.filter((row) => row.id === id).map(({ from, to }) => ({ from, to })));
}
