import { instanceId } from '@iotistic/contracts/ids';
import type { Account } from '../contestant.ts';
import { makeReportPartitions } from '../report-partitions.ts';
import { instanceNameOf } from '../report-usage/requests.ts';
import type { ScratchDatabase } from '../scratch-database.ts';

/** How much is stored: the days before `end`, of the first so many customers. */
export interface Filling {
  accounts: readonly Account[];
  customers: number;
  days: number;
  /** A midnight of UTC. */
  end: Date;
}

export const INSTANCES_PER_CUSTOMER = 5;
/** Customers that have instances, with reports or without. */
export const ALL_CUSTOMERS = 200;
/** The first customer's instances report every minute, the others' every hour. */
const MINUTES_PER_DAY = 1_440;
const HOURS_PER_DAY = 24;
const DAY_MS = 86_400_000;
/** Days that one statement fills; two run at once. */
const DAYS_PER_STATEMENT = 8;

export const reportsPerDayOf = (customer: number): number => INSTANCES_PER_CUSTOMER * (customer === 0 ? MINUTES_PER_DAY : HOURS_PER_DAY);

/** Of all that `filling` stores. */
export function countReports({ customers, days }: Pick<Filling, 'customers' | 'days'>): number {
  return days * (reportsPerDayOf(0) + (customers - 1) * reportsPerDayOf(1));
}

/**
 * Instances, reports and rollups as `reportUsage` would have left them, in the order of time. Two things are not there
 * that no series reads: the keys by which a second delivery is known, and news for billing.
 */
export async function fill(database: ScratchDatabase, filling: Filling): Promise<void> {
  const { query } = database;
  await makeReportPartitions(query);
  await query("alter system set max_wal_size = '8GB'");
  await query('select pg_reload_conf()');
  await query(instancesOf(filling.accounts));
  const statements: string[] = [];
  for (let first = 0; first < filling.days; first += DAYS_PER_STATEMENT) {
    const from = new Date(filling.end.getTime() - (filling.days - first) * DAY_MS);
    const to = new Date(Math.min(from.getTime() + DAYS_PER_STATEMENT * DAY_MS, filling.end.getTime()));
    statements.push(reportsBetween(from, to, filling.customers), rollupsBetween(from, to, filling.customers));
  }
  const work = async (): Promise<void> => {
    for (let next = statements.shift(); next !== undefined; next = statements.shift()) await query(next);
  };
  await Promise.all([work(), work()]);
  await query(COUNT_INTAKES);
  await query('alter system reset max_wal_size');
  await query('select pg_reload_conf()');
  await query('vacuum analyze');
  await query('checkpoint');
  const [row] = await query<{ stored: string; rolled: string; counted: string }>(
    'select (select count(*) from usage.usage_reports) as stored, (select sum(reports) from usage.rollups_hourly) as rolled, (select sum(accepted) from usage.instances) as counted',
  );
  const expected = String(countReports(filling));
  if (row?.stored !== expected || row.rolled !== expected || row.counted !== expected) throw new Error(`${expected} reports were due, ${row?.stored} are stored, ${row?.rolled} rolled up, ${row?.counted} counted`);
}

/** Those who sign in are the first; the others are names only. */
function instancesOf(accounts: readonly Account[]): string {
  const rows = Array.from({ length: ALL_CUSTOMERS * INSTANCES_PER_CUSTOMER }, (_, index) => {
    const customer = Math.floor(index / INSTANCES_PER_CUSTOMER);
    const customerId = accounts[customer]?.customerId ?? `cust_${String(customer).padStart(24, '0')}`;
    const name = instanceNameOf(index);
    return `(${index + 1}, '${instanceId(customerId, name)}', '${customerId}', '${name}', now(), now(), now())`;
  });
  return `insert into usage.instances (no, id, customer_id, name, first_seen_at, first_reported_at, last_reported_at) overriding system value values ${rows.join(', ')}`;
}

/** What each report says. */
const COUNTS = { devices: 12, published: 1500, received: 1200, bytesSent: 1_500_000, bytesReceived: 1_200_000, requests: 500, httpSent: 50_000, httpReceived: 30_000, storage: 131_596_288 };

/** In the order of time, as they would have come. Ids have the length, the alphabet and the order of real ones. */
function reportsBetween(from: Date, to: Date, customers: number): string {
  const minutely = INSTANCES_PER_CUSTOMER;
  return `
    insert into usage.usage_reports (id, instance_no, interval_start, interval_end, received_at, late, sequence, previous_hash, active_devices, total_devices, mqtt_messages_published, mqtt_messages_received,
      mqtt_bytes_sent, mqtt_bytes_received, http_requests, http_bytes_sent, http_bytes_received, storage_bytes, storage_rows)
    select 'rept_' || lpad(to_hex((extract(epoch from ended) * 1000)::bigint), 12, '0') || substr(md5(no || '/' || ended), 1, 12), no, ended - width, ended, ended + interval '1 second', false,
      (extract(epoch from ended) / extract(epoch from width))::bigint, md5(ended || '/' || no)::uuid, ${COUNTS.devices}, 45, ${COUNTS.published}, ${COUNTS.received}, ${COUNTS.bytesSent}, ${COUNTS.bytesReceived}, ${COUNTS.requests}, ${COUNTS.httpSent}, ${COUNTS.httpReceived}, ${COUNTS.storage}, 500000
    from (
      select no, minute + interval '30 seconds' as ended, interval '1 minute' as width
      from generate_series('${from.toISOString()}'::timestamptz, '${to.toISOString()}'::timestamptz - interval '1 minute', interval '1 minute') as minute, generate_series(1, ${minutely}) as no
      union all
      select no, hour + interval '30 minutes', interval '1 hour'
      from ${hoursBetween(from, to)}, generate_series(${minutely + 1}, ${customers * INSTANCES_PER_CUSTOMER}) as no
    ) reports
    order by ended, no`;
}

function rollupsBetween(from: Date, to: Date, customers: number): string {
  return `
    insert into usage.rollups_hourly (instance_no, hour, reports, devices_peak, mqtt_messages, mqtt_bytes, http_bytes, api_calls, storage_bytes_peak)
    select no, hour, reports, ${COUNTS.devices}, reports * ${COUNTS.published + COUNTS.received}, reports * ${COUNTS.bytesSent + COUNTS.bytesReceived}, reports * ${COUNTS.httpSent + COUNTS.httpReceived}, reports * ${COUNTS.requests}, ${COUNTS.storage}
    from ${hoursBetween(from, to)}, generate_series(1, ${customers * INSTANCES_PER_CUSTOMER}) as no, lateral (select case when no <= ${INSTANCES_PER_CUSTOMER} then 60 else 1 end as reports) width
    order by hour, no`;
}

function hoursBetween(from: Date, to: Date): string {
  return `generate_series('${from.toISOString()}'::timestamptz, '${to.toISOString()}'::timestamptz - interval '1 hour', interval '1 hour') as hour`;
}

const COUNT_INTAKES = 'update usage.instances i set accepted = counted.reports from (select instance_no, sum(reports) as reports from usage.rollups_hourly group by 1) counted where counted.instance_no = i.no';
