import { prepared } from '@iotistic/chassis/prepared';
import { type RawBuilder, sql } from 'kysely';
import { type Decision, keyOf, type Submission } from '../domain/fates.ts';
import { COUNTS } from '../domain/report.ts';
import { toMultirange } from '../domain/sequence-runs.ts';
import { arrayLiteral, idArrayLiteral, nullableHexLiteral } from './array-literal.ts';
import { columnOfCount } from './count-columns.ts';
import { holdAsKnown, type LockedInstance } from './instances.ts';

export interface DigestRow {
  instance_no: number;
  report_uuid: string;
  digest: number;
}

/**
 * The digests of those reports of these calls that are stored already. Left to itself the planner reads all keys that
 * there are for a thousand of them: the fence (`offset 0`) makes each one a look into the index.
 * @param numberOf an instance that is new has no reports.
 */
export function digestsOf(submissions: readonly Submission[], numberOf: (instanceId: string) => number | undefined): RawBuilder<DigestRow> {
  const numbers: number[] = [];
  const uuids: string[] = [];
  for (const { instanceId, reports } of submissions) {
    const instanceNo = numberOf(instanceId) ?? 0;
    for (const report of reports) {
      numbers.push(instanceNo);
      uuids.push(report.uuid);
    }
  }
  return prepared(sql<DigestRow>`
    select k.instance_no, k.report_uuid, k.digest
    from unnest(${arrayLiteral(numbers)}::bigint[], ${idArrayLiteral(uuids)}::uuid[]) as asked (no, uuid)
    cross join lateral (select * from report_keys r where r.instance_no = asked.no and r.report_uuid = asked.uuid offset 0) k`);
}

/** By keyOf. */
export function toDigests(rows: readonly DigestRow[]): Map<string, number> {
  return new Map(rows.map((row) => [keyOf(row.instance_no, row.report_uuid), row.digest]));
}

const COUNT_COLUMNS = sql.raw(COUNTS.map(columnOfCount).join(', '));

/** What a count stays at when its sum leaves the whole numbers that the schema promises. */
const MAX = sql.lit(Number.MAX_SAFE_INTEGER);

/** Some thousand gaps. Who leaves more counts in some way of its own: what is missing so far is given up, lest each report rewrite all of it. */
const MAX_SEEN_BYTES = sql.lit(16_000);

/**
 * All that a group of calls comes to, in one statement: keys, reports, rollups, whose usage changed, and what each
 * instance's row says of it. The instances are locked (lockOf), so that no key can have appeared meanwhile; or the statement
 * locks them itself.
 * @param known the instances as they were seen last, where they are still to be locked; with isNotAsKnown it fails otherwise.
 */
export function writesOf(decision: Decision, receivedAt: Date, known: readonly LockedInstance[] | null = null): RawBuilder<unknown> {
  const { reports, rollups, instances, changed } = decision;
  const ofReports = (value: (row: (typeof reports)[number]) => number | null): string => arrayLiteral(reports.map(value));
  const countArrays = sql.join(COUNTS.map((_name, index) => sql`${ofReports((row) => row.report.counts[index] ?? 0)}::bigint[]`));
  const rollupArrays = sql.join([0, 1, 2, 3, 4, 5].map((meter) => sql`${arrayLiteral(rollups.map((row) => row.values[meter] ?? 0))}::bigint[]`));
  const hold = known === null ? sql`` : sql`${holdAsKnown(known)},`;
  // Joined with all that is held, so that no row is written before all are locked, in their order.
  const held = known === null ? sql`` : sql`cross join held`;
  return prepared(sql`
    with ${hold} report as (
      select * from unnest(
        ${idArrayLiteral(reports.map((row) => row.id))}::text[], ${ofReports((row) => row.instanceNo)}::bigint[], ${idArrayLiteral(reports.map((row) => row.report.uuid))}::uuid[],
        ${ofReports((row) => row.report.digest)}::bigint[], ${ofReports((row) => row.report.startMs)}::bigint[], ${ofReports((row) => row.report.endMs)}::bigint[],
        ${ofReports((row) => row.report.sequence)}::bigint[], ${arrayLiteral(reports.map((row) => row.isLate))}::boolean[], ${nullableHexLiteral(reports.map((row) => row.report.previousHash))}::uuid[], ${countArrays}
      ) as r (id, instance_no, uuid, digest, start_ms, end_ms, sequence, is_late, previous_hash, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11)
    ), keyed as (
      insert into report_keys (instance_no, report_uuid, digest) select instance_no, uuid, digest from report
    ), stored as (
      insert into usage_reports (id, instance_no, interval_start, interval_end, received_at, late, sequence, previous_hash, ${COUNT_COLUMNS})
      select id, instance_no, to_timestamp(start_ms / 1000.0), to_timestamp(end_ms / 1000.0), ${receivedAt}::timestamptz, is_late, sequence, previous_hash, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11
      from report
    ), rolled as (
      insert into rollups_hourly as kept
      select no, to_timestamp(hour_ms / 1000.0), reports, devices, messages, mqtt, http, calls, storage
      from unnest(${arrayLiteral(rollups.map((row) => row.instanceNo))}::bigint[], ${arrayLiteral(rollups.map((row) => row.hourMs))}::bigint[], ${arrayLiteral(rollups.map((row) => row.reports))}::bigint[], ${rollupArrays})
        as r (no, hour_ms, reports, devices, messages, mqtt, http, calls, storage)
      on conflict (instance_no, hour) do update set
        reports = kept.reports + excluded.reports,
        devices_peak = greatest(kept.devices_peak, excluded.devices_peak),
        mqtt_messages = least(kept.mqtt_messages + excluded.mqtt_messages, ${MAX}),
        mqtt_bytes = least(kept.mqtt_bytes + excluded.mqtt_bytes, ${MAX}),
        http_bytes = least(kept.http_bytes + excluded.http_bytes, ${MAX}),
        api_calls = least(kept.api_calls + excluded.api_calls, ${MAX}),
        storage_bytes_peak = greatest(kept.storage_bytes_peak, excluded.storage_bytes_peak)
    ), changed as (
      insert into changed_customers (customer_id, since)
      select customer_id, to_timestamp(since_ms / 1000.0) from unnest(${idArrayLiteral([...changed.keys()])}::text[], ${arrayLiteral([...changed.values()])}::bigint[]) as c (customer_id, since_ms)
    )
    update instances i set
      first_reported_at = coalesce(i.first_reported_at, ${receivedAt}::timestamptz),
      last_reported_at = greatest(i.last_reported_at, ${receivedAt}::timestamptz),
      last_sequence = greatest(i.last_sequence, d.sequence),
      seen_sequences = case when pg_column_size(i.seen_sequences + '{}') > ${MAX_SEEN_BYTES} then i.seen_sequences + int8multirange(int8range(0, upper(i.seen_sequences))) else i.seen_sequences end + d.arrived::int8multirange,
      latest_report_id = greatest(i.latest_report_id, d.latest_id),
      accepted = i.accepted + d.accepted,
      late = i.late + d.late,
      duplicates = i.duplicates + d.duplicates,
      rejected = i.rejected + d.rejected
    from unnest(
      ${arrayLiteral(instances.map((row) => row.instanceNo))}::bigint[], ${arrayLiteral(instances.map((row) => row.accepted))}::bigint[], ${arrayLiteral(instances.map((row) => row.late))}::bigint[],
      ${arrayLiteral(instances.map((row) => row.duplicates))}::bigint[], ${arrayLiteral(instances.map((row) => row.rejected))}::bigint[],
      ${arrayLiteral(instances.map((row) => row.lastSequence))}::bigint[], ${instances.map((row) => row.latestReportId)}::text[], ${instances.map((row) => toMultirange(row.arrived))}::text[]
    ) as d (no, accepted, late, duplicates, rejected, sequence, latest_id, arrived) ${held}
    where i.no = d.no${known === null ? sql`` : sql` and held.one = 1`}`);
}
