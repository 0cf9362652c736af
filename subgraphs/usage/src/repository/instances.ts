import type { Db, Tx } from '@iotistic/chassis/database';
import { prepared } from '@iotistic/chassis/prepared';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { KnownInstance } from '../domain/fates.ts';
import type { Intake } from '../domain/intake.ts';
import { arrayLiteral, idArrayLiteral } from './array-literal.ts';
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
  const rows = instances.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  // Whoever changes the terms at this moment is waited for, or waits and then sees the new one.
  await sql`
    with terms as materialized (select customer_id, terms_version from subscription_periods where customer_id = any(${rows.map((row) => row.customerId)}::text[]) order by customer_id for share)
    insert into instances (id, customer_id, name, first_seen_at, terms_version)
    select n.id, n.customer_id, n.name, ${at}::timestamptz, coalesce(t.terms_version, 0)
    from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.customerId)}::text[], ${rows.map((row) => row.name)}::text[]) with ordinality as n (id, customer_id, name, position)
    left join terms t on t.customer_id = n.customer_id order by n.position
    on conflict (id) do nothing`.execute(tx);
}

export interface LockedInstance extends KnownInstance {
  id: string;
  hasReported: boolean;
  /** Which terms of the customer these are: a later one has a higher number. */
  termsVersion: number;
}

export interface LockedRow {
  no: number;
  id: string;
  hasReported: boolean;
  termsVersion: number;
  isStale: boolean;
  /** As PostgreSQL writes an array of times; null for none. */
  boundaries: string | null;
  invoicedFrom: Date | null;
  invoicedUntil: Date | null;
}

/**
 * Holds these instances until the transaction ends: whoever else writes for one of them waits, and sees what is written
 * here. Always in order of id, so that nobody waits for one another. What was read beside a row that somebody else held until
 * now may be older than the row: it is read again then.
 */
export async function lockInstances(tx: Tx<UsageTables>, ids: readonly string[]): Promise<LockedInstance[]> {
  const { rows } = await lockOf(ids).execute(tx);
  if (!rows.some(({ isStale }) => isStale)) return rows.map(toLocked);
  const { rows: again } = await lockOf(ids).execute(tx);
  await sql`update instances i set terms_version = p.terms_version from subscription_periods p where i.id = any(${ids}::text[]) and p.customer_id = i.customer_id and i.terms_version <> p.terms_version`.execute(tx);
  return again.map(toLocked);
}

/** Holds them for the rest of the transaction. */
export function lockOf(ids: readonly string[]): RawBuilder<LockedRow> {
  return prepared(sql<LockedRow>`
    select i.no, i.id, i.first_reported_at is not null as "hasReported", i.terms_version as "termsVersion", i.terms_version <> coalesce(p.terms_version, i.terms_version) as "isStale",
      nullif(p.boundaries, '{}')::text as boundaries, p.invoiced_from as "invoicedFrom", p.invoiced_until as "invoicedUntil"
    from instances i left join subscription_periods p on p.customer_id = i.customer_id
    where i.id = any(${idArrayLiteral(ids)}::text[]) order by i.id for no key update of i`);
}

/**
 * The same as part of a statement that takes it for granted that these instances stand under the terms under which they were seen last: `held`
 * has its one row once all are locked, and the whole statement fails where one of them does not. What somebody else wrote for one of
 * them meanwhile was waited for: PostgreSQL looks at the newest row, whatever was there when the statement began.
 */
export function holdAsKnown(instances: readonly LockedInstance[]): RawBuilder<unknown> {
  return sql`
    locked as materialized (
      select i.no from instances i
      join unnest(${idArrayLiteral(instances.map(({ id }) => id))}::text[], ${arrayLiteral(instances.map(({ no }) => no))}::bigint[], ${arrayLiteral(instances.map(({ termsVersion }) => termsVersion))}::bigint[]) as k (id, no, terms_version) on k.id = i.id
      where i.no = k.no and i.terms_version = k.terms_version
      order by i.id for no key update of i
    ), held as materialized (
      select 1 / (count(*) = ${instances.length})::int as one from locked
    )`;
}

/** Whether such a statement failed since what it took for granted is not so: an instance is under other terms, or a report's key is known. Nothing is written then. */
export function isNotAsKnown(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === DIVISION_BY_ZERO || code === UNIQUE_VIOLATION;
}

const DIVISION_BY_ZERO = '22012';
const UNIQUE_VIOLATION = '23505';

const NONE: readonly number[] = [];
const MAX_KNOWN_TEXTS = 10_000;
const knownTexts = new Map<string, readonly number[]>();

/** All instances of a customer have the same ones, with every report: read once, and known by their text. Connections are in UTC. */
function instantsOf(text: string): readonly number[] {
  const known = knownTexts.get(text);
  if (known !== undefined) return known;
  const instants = text.slice(1, -1).replaceAll('"', '').split(',').map((time) => Date.parse(time.replace(' ', 'T').replace(/\+00$/, 'Z')));
  if (instants.some(Number.isNaN)) throw new TypeError(`not an array of times: ${text}`);
  if (knownTexts.size >= MAX_KNOWN_TEXTS) knownTexts.clear();
  knownTexts.set(text, instants);
  return instants;
}

export function toLocked({ no, id, hasReported, termsVersion, boundaries, invoicedFrom, invoicedUntil }: LockedRow): LockedInstance {
  const invoiced = invoicedFrom === null || invoicedUntil === null ? null : { fromMs: invoicedFrom.getTime(), untilMs: invoicedUntil.getTime() };
  return { no, id, hasReported, termsVersion, boundaries: boundaries === null ? NONE : instantsOf(boundaries), invoiced };
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
