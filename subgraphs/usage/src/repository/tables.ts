import type { EventTables } from '@iotistic/chassis/outbox';
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Meter, UsageAlertKind, UsageAnomalyKind } from '@iotistic/contracts/events';
import type { SubscriptionPeriod } from '../domain/period.ts';

interface InstancesTable {
  /** Short, for the keys of the big tables; never leaves the database. */
  no: Generated<number>;
  id: string;
  customer_id: string;
  name: string;
  first_seen_at: Date;
  /** null for one that was only named so far. */
  first_reported_at: Date | null;
  last_reported_at: Date | null;
  last_sequence: number | null;
  /** An int8multirange, as text. */
  seen_sequences: Generated<string>;
  /** Of all its reports the one with the latest interval: ids sort by that. */
  latest_report_id: string | null;
  /** Of the customer's terms when it was written last. */
  terms_version: Generated<number>;
  accepted: Generated<number>;
  late: Generated<number>;
  duplicates: Generated<number>;
  rejected: Generated<number>;
}

/** The idempotency keys, for ever: they outlive the reports that retention purges. */
interface ReportKeysTable {
  instance_no: number;
  report_uuid: string;
  digest: number;
}

/** Partitioned by the month of interval_end. */
interface UsageReportsTable {
  id: string;
  instance_no: number;
  interval_start: Date;
  interval_end: Date;
  received_at: Date;
  late: boolean;
  sequence: number | null;
  /** Of the report before it, as the instance says: 32 hex digits, kept as a UUID. */
  previous_hash: string | null;
  active_devices: number;
  total_devices: number;
  mqtt_messages_published: number;
  mqtt_messages_received: number;
  mqtt_bytes_sent: number;
  mqtt_bytes_received: number;
  http_requests: number;
  http_bytes_sent: number;
  http_bytes_received: number;
  storage_bytes: number;
  storage_rows: number;
}

/** Of an instance's day whose reports are not kept any more; a further part for what came for that day later. */
interface UsageDigestsTable extends Omit<UsageReportsTable, 'id' | 'interval_start' | 'interval_end' | 'received_at' | 'late' | 'sequence' | 'previous_hash'> {
  from_at: Date;
  part: number;
  through_at: Date;
  reports: number;
  late: number;
  /** An int8multirange, as text. */
  sequences: string;
  first_hash: string | null;
  head: string | null;
  hash: Buffer;
  made_at: Date;
}

interface RollupsHourlyTable {
  instance_no: number;
  hour: Date;
  reports: number;
  devices_peak: number;
  mqtt_messages: number;
  mqtt_bytes: number;
  http_bytes: number;
  api_calls: number;
  storage_bytes_peak: number;
}

interface SubscriptionPeriodsTable {
  customer_id: string;
  version: number;
  period_start: Date | null;
  period_end: Date | null;
  first_period_start: Date | null;
  /** Rises with whatever decides where and how a report counts. */
  terms_version: Generated<number>;
  /** Where periods began that did not begin with an hour. */
  boundaries: Generated<Date[]>;
  invoiced_from: Date | null;
  invoiced_until: Date | null;
  included: JSONColumnType<SubscriptionPeriod['included']>;
  max_devices: ColumnType<number | null, number | null, number | null>;
  /** How long raw reports are kept; null for ever. */
  retention_days: number | null;
  /** Instances that the customer may have; null is unlimited. */
  max_instances: ColumnType<number | null, number | null | undefined, number | null>;
}

/** Whose usage changed since it was last measured; one may stand here often. */
interface ChangedCustomersTable {
  position: Generated<number>;
  customer_id: string;
  /** The earliest hour that changed; null for the present period alone. */
  since: Date | null;
}

/** All periods that billing named. */
interface BillingPeriodsTable {
  customer_id: string;
  period_start: Date;
  period_end: Date;
  /** Of the subscription that said so; 0 for an invoice that did. */
  version: number;
  invoice_id: string | null;
  invoiced_at: Date | null;
  /** When its bill was final, or was found to be none. */
  closed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Corrections that an operator signed off; none is ever changed. */
interface UsageAdjustmentsTable {
  id: string;
  customer_id: string;
  meter: Meter;
  period_start: Date;
  /** To be added; below 0 it is taken off. */
  quantity: number;
  reason: string;
  reference: string;
  signed_off_by: string;
  signed_off_at: Date;
}

/** What billing was told last of each period. */
interface MeasuredPeriodsTable {
  customer_id: string;
  period_start: Date;
  period_end: Date;
  revision: number;
  quantities: JSONColumnType<Record<Meter, number>>;
  measured_at: Date;
}

/** Ed25519, as an instance's usage files say it. */
interface InstanceKeysTable {
  instance_id: string;
  customer_id: string;
  public_key: string;
  first_seen_at: Date;
}

interface UsageAlertsTable {
  /** In the order of their commits, of one customer. */
  position: Generated<number>;
  id: string;
  customer_id: string;
  kind: UsageAlertKind;
  meter: Meter;
  threshold: number;
  used: number;
  included: number;
  period_start: Date;
  raised_at: Date;
}

/** What each period includes, as the highest version said that names it. */
interface PeriodAllowancesTable {
  customer_id: string;
  period_start: Date;
  version: number;
  included: JSONColumnType<SubscriptionPeriod['included']>;
  max_devices: ColumnType<number | null, number | null, number | null>;
}

interface UsageAnomaliesTable {
  /** In the order of their commits. */
  position: Generated<number>;
  id: string;
  customer_id: string;
  instance_id: string | null;
  kind: UsageAnomalyKind;
  meter: Meter | null;
  /** What it is about: of one kind there is one open at a time. */
  subject: string;
  detail: string;
  raised_at: Date;
  /** When it was seen last; of a silent instance, when that reported last. */
  seen_at: Date;
  resolved_at: Date | null;
}

/** One row: how far the look for anomalies got. Whoever looks holds it. */
interface AnomalyWatchTable {
  received_until: Date | null;
  looked_at: Date | null;
  /** From when on looks followed one another. */
  /** When looks were last known to run, by the database's own clock. */
  beat_at: Date | null;
}

/** Each instance that ever reported. */
interface WatchedInstancesTable {
  instance_no: number;
  /** When it is looked at again; null while it is silent. */
  due_at: Date | null;
}

/** Each customer's counters by day of UTC, of the last weeks, for its trend. */
interface DailyCountersTable {
  customer_id: string;
  day: Date;
  mqtt_messages: number;
  mqtt_bytes: number;
  http_bytes: number;
  api_calls: number;
}

interface SubscriptionStandingsTable {
  customer_id: string;
  version: number;
  is_over: boolean;
}

export interface UsageTables extends EventTables {
  instance_keys: InstanceKeysTable;
  instances: InstancesTable;
  report_keys: ReportKeysTable;
  usage_reports: UsageReportsTable;
  usage_digests: UsageDigestsTable;
  rollups_hourly: RollupsHourlyTable;
  subscription_periods: SubscriptionPeriodsTable;
  changed_customers: ChangedCustomersTable;
  measured_periods: MeasuredPeriodsTable;
  billing_periods: BillingPeriodsTable;
  usage_adjustments: UsageAdjustmentsTable;
  usage_alerts: UsageAlertsTable;
  period_allowances: PeriodAllowancesTable;
  usage_anomalies: UsageAnomaliesTable;
  anomaly_watch: AnomalyWatchTable;
  watched_instances: WatchedInstancesTable;
  listening_gaps: { gap_from: Date; gap_until: Date; is_outage: boolean };
  daily_counters: DailyCountersTable;
  subscription_standings: SubscriptionStandingsTable;
}
