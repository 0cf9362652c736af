import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { NamedPeriod } from '../domain/period.ts';
import type { UsageTables } from './tables.ts';

/**
 * Of one start the highest version says where the period ends. One that began within a newer one (Stripe's clock is behind
 * ours, or knows seconds only) was replaced by it, in whatever order they come, and counts no more.
 * @returns where those began.
 */
export async function saveBillingPeriod(tx: Tx<UsageTables>, period: { customerId: string; periodStart: Date; periodEnd: Date; version: number }): Promise<Date[]> {
  const { customerId, periodStart, periodEnd, version } = period;
  const replaced = await sql<{ start: Date }>`delete from billing_periods where customer_id = ${customerId} and period_start > ${periodStart}::timestamptz and version < ${version} and version > 0 returning period_start as start`.execute(tx);
  await sql`
    insert into billing_periods as kept (customer_id, period_start, period_end, version)
    select ${customerId}, ${periodStart}::timestamptz, ${periodEnd}::timestamptz, ${version}::bigint
    where not exists (select from billing_periods n where n.customer_id = ${customerId} and n.version > ${version} and n.period_start < ${periodStart}::timestamptz and n.period_end > ${periodStart}::timestamptz)
    on conflict (customer_id, period_start) do update set period_end = excluded.period_end, version = excluded.version where kept.version < excluded.version`.execute(tx);
  return replaced.rows.map(({ start }) => start);
}

/** A period whose bill is final; `invoiceId` is null where nobody bills it, and then nothing that comes for it is late. Said again, the first stays. */
export async function markClosed(tx: Tx<UsageTables>, period: { customerId: string; periodStart: Date; periodEnd: Date; invoiceId: string | null; at: Date }): Promise<void> {
  const invoicedAt = period.invoiceId === null ? null : period.at;
  await sql`
    insert into billing_periods as kept (customer_id, period_start, period_end, version, invoice_id, invoiced_at, closed_at)
    values (${period.customerId}, ${period.periodStart}, ${period.periodEnd}, 0, ${period.invoiceId}, ${invoicedAt}, ${period.at})
    on conflict (customer_id, period_start) do update set
      period_end = least(kept.period_end, excluded.period_end), invoice_id = coalesce(kept.invoice_id, excluded.invoice_id),
      invoiced_at = coalesce(kept.invoiced_at, excluded.invoiced_at), closed_at = coalesce(kept.closed_at, excluded.closed_at)`.execute(tx);
}

/** Holds all instances of a customer until the transaction ends, in order of id, as those who report lock them. Before anything of the customer's is written, as they do. */
export async function holdInstances(tx: Tx<UsageTables>, customerId: string): Promise<void> {
  await sql`select no from instances where customer_id = ${customerId} order by id for no key update`.execute(tx);
}

/**
 * Makes what is known of a customer's periods hold for all its instances' reports from here on: who reports at this moment
 * is waited for, and who waits for us sees it. After holdInstances; the customer's row has to be there.
 */
export async function renewTerms(tx: Tx<UsageTables>, customerId: string): Promise<void> {
  await sql`
    update subscription_periods p set
      terms_version = p.terms_version + 1,
      boundaries = array(
        select start from (select period_start as start from billing_periods where customer_id = p.customer_id union select p.period_start) began
        where start <> date_trunc('hour', start) order by 1),
      invoiced_from = (select min(period_start) from billing_periods where customer_id = p.customer_id and invoiced_at is not null),
      invoiced_until = (select max(period_end) from billing_periods where customer_id = p.customer_id and invoiced_at is not null)
    where p.customer_id = ${customerId}`.execute(tx);
  await sql`update instances i set terms_version = p.terms_version from subscription_periods p where i.customer_id = ${customerId} and p.customer_id = i.customer_id`.execute(tx);
}

/** For a customer of which nothing but an invoice is known yet. */
export async function ensureTerms(tx: Tx<UsageTables>, customerId: string): Promise<void> {
  await sql`insert into subscription_periods (customer_id, version, included) values (${customerId}, 0, '{}') on conflict do nothing`.execute(tx);
}

/**
 * All that was named of these customers, in their order and that of time. A period ends where the next one begins, if that is
 * earlier: also where the next one has no end, as a contract's, and so is not among them.
 */
export async function listNamedPeriods(db: Db<UsageTables>, customerIds: readonly string[]): Promise<NamedPeriod[]> {
  const { rows } = await sql<NamedPeriod>`
    select b.customer_id as "customerId", (extract(epoch from b.period_start) * 1000)::bigint as "startMs",
      (extract(epoch from least(b.period_end, lead(b.period_start) over (partition by b.customer_id order by b.period_start), case when p.period_start > b.period_start then p.period_start end)) * 1000)::bigint as "endMs",
      b.invoiced_at as "invoicedAt"
    from billing_periods b left join subscription_periods p on p.customer_id = b.customer_id
    where b.customer_id = any(${customerIds}::text[]) order by b.customer_id, b.period_start`.execute(db);
  return rows;
}

const MAX = sql.lit(Number.MAX_SAFE_INTEGER);

/**
 * A period was found to begin within an hour that reports were counted in already: the part of it that is theirs moves. Only
 * hours of which every report is still there are counted anew. After renewTerms, which holds the instances.
 */
export async function splitHour(tx: Tx<UsageTables>, customerId: string, boundary: Date): Promise<void> {
  const { rows } = await sql<{ no: number; hour: Date; end: Date }>`
    select i.no, hour.start as hour, hour.start + interval '1 hour' as end
    from instances i cross join (select date_trunc('hour', ${boundary}::timestamptz) as start) hour
    where i.customer_id = ${customerId}
      and (select sum(r.reports) from rollups_hourly r where r.instance_no = i.no and r.hour >= hour.start and r.hour < hour.start + interval '1 hour')
        = (select count(*) from usage_reports u where u.instance_no = i.no and u.interval_end > hour.start and u.interval_end <= hour.start + interval '1 hour')`.execute(tx);
  const [first] = rows;
  if (first === undefined) return;
  const { hour, end } = first;
  const numbers = rows.map(({ no }) => no);
  await sql`delete from rollups_hourly where instance_no = any(${numbers}::bigint[]) and hour >= ${hour}::timestamptz and hour < ${end}::timestamptz`.execute(tx);
  await sql`
    insert into rollups_hourly (instance_no, hour, reports, devices_peak, mqtt_messages, mqtt_bytes, http_bytes, api_calls, storage_bytes_peak)
    select u.instance_no, coalesce((select max(b) from unnest(p.boundaries) b where b > ${hour}::timestamptz and b < u.interval_end), ${hour}::timestamptz),
      count(*), max(u.active_devices), least(sum(u.mqtt_messages_published + u.mqtt_messages_received), ${MAX}), least(sum(u.mqtt_bytes_sent + u.mqtt_bytes_received), ${MAX}),
      least(sum(u.http_bytes_sent + u.http_bytes_received), ${MAX}), least(sum(u.http_requests), ${MAX}), max(u.storage_bytes)
    from usage_reports u cross join subscription_periods p
    where u.instance_no = any(${numbers}::bigint[]) and u.interval_end > ${hour}::timestamptz and u.interval_end <= ${end}::timestamptz and p.customer_id = ${customerId}
    group by 1, 2`.execute(tx);
}
