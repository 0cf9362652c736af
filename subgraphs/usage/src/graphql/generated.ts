// Written by "npm run codegen" from schema/usage.graphql.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { CustomerReference, InstanceReference, Context } from './context.ts';
import type { FleetRow } from '../repository/fleet.ts';
import type { MeteredPeriod as TracedPeriod } from '../service/trace-usage.ts';
import type { ReportedUsage } from '../service/report-usage.ts';
import type { UsageAdjustment as AdjustmentRow } from '../repository/adjustments.ts';
import type { AlertRow } from '../repository/alerts.ts';
import type { AnomalyRow } from '../repository/anomalies.ts';
import type { ImportedFile } from '../service/import-usage-file.ts';
import type { ReportRow } from '../repository/reports.ts';
import type { UsageReportPage } from '../service/list-usage-reports.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  DateTime: { input: Date; output: Date | string; }
  SafeInt: { input: number; output: number; }
  link__Import: { input: string; output: string; }
  federation__FieldSet: { input: string; output: string; }
  federation__Scope: { input: string; output: string; }
  federation__Policy: { input: string; output: string; }
  federation__ContextFieldValue: { input: string; output: string; }
  _Any: { input: Record<string, unknown>; output: Record<string, unknown>; }
};

export type PageInfo = {
  readonly __typename?: 'PageInfo';
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

export type Query = {
  readonly __typename?: 'Query';
  /** Admin: the fleet now, customers by utilization, highest first. The order is that of the last measurement, a moment ago. */
  readonly fleetUsage: FleetUsageConnection;
  /** Admin: what looked wrong anywhere, newest first; open ones only, or only those that were resolved. */
  readonly usageAnomalies: UsageAnomalyConnection;
};


export type QueryFleetUsageArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type QueryUsageAnomaliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  open?: InputMaybe<Scalars['Boolean']['input']>;
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** For instance agents. 1 to 1000 reports; durable once answered; a reportId seen before counts as a duplicate and changes nothing. */
  readonly reportUsage: ReportUsagePayload;
  /** For instances without a network: takes the signed file that the agent exported. The same file again changes nothing and gives the same answer. By the customer's users or the operator. */
  readonly importUsageFile: ReportUsagePayload;
  /**
   * Admin: deletes raw reports older than the given days, as far as no bill needs them as evidence, and keeps a digest of each day in their place;
   * without an age it only says what it would delete of those over 90 days. Rollups, billed quantities and the keys by which a second delivery is
   * known stay. The same is done nightly of itself.
   */
  readonly purgeUsageReports: PurgeUsageReportsPayload;
  /**
   * Admin: corrects what a meter came to in a billing period. It stands beside what was measured and changes none of it; on a period that
   * is invoiced already it is billed, or credited, with the next invoice. The same reference again changes nothing.
   */
  readonly adjustUsage: AdjustUsagePayload;
  /** Admin: forgets the key that an instance signed its usage files with, so that its next file may bring another: its machine was replaced. */
  readonly forgetInstanceKey: ForgetInstanceKeyPayload;
};


export type MutationReportUsageArgs = {
  input: ReportUsageInput;
};


export type MutationImportUsageFileArgs = {
  input: ImportUsageFileInput;
};


export type MutationPurgeUsageReportsArgs = {
  input?: PurgeUsageReportsInput;
};


export type MutationAdjustUsageArgs = {
  input: AdjustUsageInput;
};


export type MutationForgetInstanceKeyArgs = {
  input: ForgetInstanceKeyInput;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /**
   * Each usage report as it is accepted, of one customer or of one of its instances. A reader that is too slow for too long is told how many
   * it missed with the next one: `extensions.gap.missed`, null where that is not known.
   */
  readonly usageReported: UsageReport;
  /** Each limit crossed (80 % and 100 % of what is included) as it happens. */
  readonly usageAlertRaised: UsageAlert;
  /** Whatever looks wrong with a customer's usage, as it is found. */
  readonly usageAnomalyRaised: UsageAnomaly;
};


export type SubscriptionUsageReportedArgs = {
  customerId: Scalars['ID']['input'];
  instance?: InputMaybe<Scalars['String']['input']>;
};


export type SubscriptionUsageAlertRaisedArgs = {
  customerId: Scalars['ID']['input'];
};


export type SubscriptionUsageAnomalyRaisedArgs = {
  customerId: Scalars['ID']['input'];
};

export type Meter =
  | 'DEVICES'
  | 'MQTT_MESSAGES'
  | 'MQTT_BYTES'
  | 'HTTP_BYTES'
  | 'API_CALLS'
  | 'STORAGE_BYTES';

/** What one instance measured over one interval: gauges as of its end, counters over its length. */
export type UsageReport = {
  readonly __typename?: 'UsageReport';
  /** rept_ and 24 characters of base 32; ids sort by the interval's end. */
  readonly id: Scalars['ID']['output'];
  /** Null, with an error, while the part of the graph that knows the customer does not answer. */
  readonly customer: Maybe<Customer>;
  /** Which reported. */
  readonly instance: Maybe<Instance>;
  /** What came of it. */
  readonly fate: ReportFate;
  /** When what it covers began. */
  readonly intervalStart: Scalars['DateTime']['output'];
  /** When that ended. */
  readonly intervalEnd: Scalars['DateTime']['output'];
  /** When it was stored. */
  readonly receivedAt: Scalars['DateTime']['output'];
  /** Devices that were active, as of the interval's end. */
  readonly activeDevices: Scalars['SafeInt']['output'];
  /** Devices that the instance knows, as of the interval's end. */
  readonly totalDevices: Scalars['SafeInt']['output'];
  /** Messages that the broker sent to its clients, in the interval. */
  readonly mqttMessagesPublished: Scalars['SafeInt']['output'];
  /** Messages that the broker took from its clients, in the interval. */
  readonly mqttMessagesReceived: Scalars['SafeInt']['output'];
  /** Bytes that the broker sent, in the interval. */
  readonly mqttBytesSent: Scalars['SafeInt']['output'];
  /** Bytes that the broker took, in the interval. */
  readonly mqttBytesReceived: Scalars['SafeInt']['output'];
  /** Requests to the product's API, in the interval. */
  readonly httpRequests: Scalars['SafeInt']['output'];
  /** Bytes that the product's API sent, in the interval. */
  readonly httpBytesSent: Scalars['SafeInt']['output'];
  /** Bytes that the product's API took, in the interval. */
  readonly httpBytesReceived: Scalars['SafeInt']['output'];
  /** Bytes that are stored, as of the interval's end. */
  readonly storageBytes: Scalars['SafeInt']['output'];
  /** Rows that are stored, as of the interval's end. */
  readonly storageRows: Scalars['SafeInt']['output'];
};

/** LATE: its period was already invoiced, so it is billed in the next one. */
export type ReportFate =
  /** In time for its period's invoice. */
  | 'ACCEPTED'
  /** Its period was invoiced already: it is billed with the next one. */
  | 'LATE';

/** A page of usage reports. */
export type UsageReportConnection = {
  readonly __typename?: 'UsageReportConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<UsageReportEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
  /** Of all pages together. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An entry of a page. */
export type UsageReportEdge = {
  readonly __typename?: 'UsageReportEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: UsageReport;
};

export type Customer = {
  readonly __typename?: 'Customer';
  readonly id: Scalars['ID']['output'];
  /** Its newest report, of any instance. */
  readonly latestUsage: Maybe<UsageReport>;
  /** Single reports, newest first, as far as retention keeps them. */
  readonly usageReports: Maybe<UsageReportConnection>;
  /** Totals per bucket, from rollups: its cost does not grow with the number of reports. */
  readonly usageSeries: Maybe<ReadonlyArray<UsagePoint>>;
  /** All meters over time as comma-separated values: start, end, a column for each meter, reports. As usageSeries says it, for spreadsheets. */
  readonly usageCsv: Maybe<Scalars['String']['output']>;
  /** The current billing period, meter by meter. */
  readonly usageSummary: Maybe<UsageSummary>;
  /** A period's meter, down to the hours and the reports; null where the customer had no period that began then. */
  readonly meteredPeriod: Maybe<MeteredPeriod>;
  /** Corrections by operators, newest first. */
  readonly usageAdjustments: Maybe<UsageAdjustmentConnection>;
  /** Limits crossed, newest first. */
  readonly usageAlerts: Maybe<UsageAlertConnection>;
  /** What looked wrong, newest first; open ones only, or only those that were resolved. */
  readonly usageAnomalies: Maybe<UsageAnomalyConnection>;
  /** What has come of all its reports. */
  readonly intake: Maybe<Intake>;
  /** What reports now, all instances together. An instance that has not reported for 35 days counts again with its next report. */
  readonly activeNow: Maybe<ActiveNow>;
};


export type CustomerUsageReportsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  instance?: InputMaybe<Scalars['String']['input']>;
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


export type CustomerUsageSeriesArgs = {
  meter: Meter;
  from: Scalars['DateTime']['input'];
  to: Scalars['DateTime']['input'];
  granularity?: Granularity;
  instance?: InputMaybe<Scalars['String']['input']>;
};


export type CustomerUsageCsvArgs = {
  from: Scalars['DateTime']['input'];
  to: Scalars['DateTime']['input'];
  granularity?: Granularity;
  instance?: InputMaybe<Scalars['String']['input']>;
};


export type CustomerMeteredPeriodArgs = {
  meter: Meter;
  periodStart: Scalars['DateTime']['input'];
};


export type CustomerUsageAdjustmentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type CustomerUsageAlertsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


export type CustomerUsageAnomaliesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  open?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What is active of a customer: instances that reported within 35 days, and the devices of their newest reports. What was billed stays. */
export type ActiveNow = {
  readonly __typename?: 'ActiveNow';
  /** How many of them. */
  readonly instances: Scalars['Int']['output'];
  /** Devices that were active. */
  readonly activeDevices: Scalars['SafeInt']['output'];
  /** Devices that were known. */
  readonly totalDevices: Scalars['SafeInt']['output'];
  /** Instances that reported once, and not for 35 days. */
  readonly goneInstances: Scalars['Int']['output'];
};

export type Instance = {
  readonly __typename?: 'Instance';
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** Its newest report. */
  readonly latestUsage: Maybe<UsageReport>;
  /** When it was last heard of with a report. */
  readonly lastReportedAt: Maybe<Scalars['DateTime']['output']>;
  /** What has come of its reports. */
  readonly intake: Maybe<Intake>;
  /** Sequence numbers that never arrived, from 1 on; they close when the late report comes. The oldest thousand gaps. */
  readonly missingReports: Maybe<ReadonlyArray<SequenceGap>>;
};

/** Every report received, by fate: received = accepted + late + duplicates + rejected, always. */
export type Intake = {
  readonly __typename?: 'Intake';
  /** All, repetitions too. */
  readonly received: Scalars['SafeInt']['output'];
  /** New, and in time for their period's invoice. */
  readonly accepted: Scalars['SafeInt']['output'];
  /** New, and their period was invoiced already. */
  readonly late: Scalars['SafeInt']['output'];
  /** Known already. */
  readonly duplicates: Scalars['SafeInt']['output'];
  /** Refused, with a reason. */
  readonly rejected: Scalars['SafeInt']['output'];
};

/** One customer of the fleet, as it stands now. */
export type FleetUsage = {
  readonly __typename?: 'FleetUsage';
  /** Which. */
  readonly customer: Maybe<Customer>;
  /** Its present billing period. */
  readonly summary: UsageSummary;
  /** Of the meter that is used most, used / included; 0 where nothing is limited. */
  readonly utilization: Scalars['Float']['output'];
  /** When any of its instances was last heard of. */
  readonly lastReportedAt: Maybe<Scalars['DateTime']['output']>;
  /** How many are active now: those that reported within 35 days. */
  readonly instances: Scalars['Int']['output'];
};

/** A page of the fleet. */
export type FleetUsageConnection = {
  readonly __typename?: 'FleetUsageConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<FleetUsageEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type FleetUsageEdge = {
  readonly __typename?: 'FleetUsageEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: FleetUsage;
};

/** Sequence numbers of an instance that are missing. */
export type SequenceGap = {
  readonly __typename?: 'SequenceGap';
  /** The first. */
  readonly from: Scalars['SafeInt']['output'];
  /** The last. */
  readonly to: Scalars['SafeInt']['output'];
};

/** The length of a bucket, in UTC. */
export type Granularity =
  /** An hour. */
  | 'HOUR'
  /** A day. */
  | 'DAY'
  /** A calendar month. */
  | 'MONTH';

/** A meter over one bucket of time. */
export type UsagePoint = {
  readonly __typename?: 'UsagePoint';
  /** When it begins. */
  readonly start: Scalars['DateTime']['output'];
  /** When it ends. */
  readonly end: Scalars['DateTime']['output'];
  /** Counters: the sum. Gauges: the highest hour, over all instances together. */
  readonly quantity: Scalars['SafeInt']['output'];
  /** The highest hour. */
  readonly peak: Scalars['SafeInt']['output'];
  /** That it is made of. */
  readonly reports: Scalars['Int']['output'];
};

/** A billing period, meter by meter. */
export type UsageSummary = {
  readonly __typename?: 'UsageSummary';
  /** When the billing period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** When it ends, or ended. */
  readonly periodEnd: Scalars['DateTime']['output'];
  /** Each of them, also those that are not billed. */
  readonly meters: ReadonlyArray<MeterUsage>;
};

/** utilization is used / included, null where unlimited; projected is the quantity at the period's end at the current pace. */
export type MeterUsage = {
  readonly __typename?: 'MeterUsage';
  /** Which. */
  readonly meter: Meter;
  /** With what operators adjusted. */
  readonly used: Scalars['SafeInt']['output'];
  /** Of it, by operators; below 0 it was taken off. */
  readonly adjusted: Scalars['SafeInt']['output'];
  /** By the base price; null is unlimited, or not billed. */
  readonly included: Maybe<Scalars['SafeInt']['output']>;
  /** Beyond what is included. */
  readonly overage: Scalars['SafeInt']['output'];
  /** Used / included; null where nothing is limited. */
  readonly utilization: Maybe<Scalars['Float']['output']>;
  /** At the period's end, at the pace so far; of a gauge what it is. */
  readonly projected: Scalars['SafeInt']['output'];
};

/**
 * What one meter came to in one billing period, from an invoice line down to the reports. A report counts in the hour that its interval ends in;
 * counters add up over hours and instances; of a gauge each instance gives its highest value of the hour, and the highest hour counts. The units
 * of the period's own invoice and of its true-ups add up to the quantity in billed units: started units count.
 */
export type MeteredPeriod = {
  readonly __typename?: 'MeteredPeriod';
  readonly customerId: Scalars['ID']['output'];
  readonly meter: Meter;
  readonly periodStart: Scalars['DateTime']['output'];
  /** When it ends, or ended. */
  readonly periodEnd: Scalars['DateTime']['output'];
  /** From when on usage counts into it: earlier than its start in a customer's first period, which takes what lies before it. */
  readonly countsFrom: Scalars['DateTime']['output'];
  /** What is billed, in the meter's own unit: measured and adjusted together, never below 0. */
  readonly quantity: Scalars['SafeInt']['output'];
  /** By all reports that count into it, late ones too. */
  readonly measured: Scalars['SafeInt']['output'];
  /** By operators; below 0 it is taken off. */
  readonly adjusted: Scalars['SafeInt']['output'];
  /** What operators added or took off, oldest first. */
  readonly adjustments: ReadonlyArray<UsageAdjustment>;
  /** Hour by hour, those with reports: their quantities add up to what was measured, or the highest is what was measured. */
  readonly points: ReadonlyArray<UsagePoint>;
  /** Those that count into it, newest first, as far as retention keeps them. */
  readonly reports: UsageReportConnection;
  /** What of the quantity can be shown: all reports of all instances, digests in the place of some days' reports, or not all of it. */
  readonly evidenceState: EvidenceState;
  /**
   * What `iotistic-agent verify-invoice` reads: the period's figures with every hour and report of one instance, the hashes that chain its reports, and
   * digests of days whose reports are not kept any more. JSON Lines.
   */
  readonly evidence: Scalars['String']['output'];
};


/**
 * What one meter came to in one billing period, from an invoice line down to the reports. A report counts in the hour that its interval ends in;
 * counters add up over hours and instances; of a gauge each instance gives its highest value of the hour, and the highest hour counts. The units
 * of the period's own invoice and of its true-ups add up to the quantity in billed units: started units count.
 */
export type MeteredPeriodReportsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  instance?: InputMaybe<Scalars['String']['input']>;
};


/**
 * What one meter came to in one billing period, from an invoice line down to the reports. A report counts in the hour that its interval ends in;
 * counters add up over hours and instances; of a gauge each instance gives its highest value of the hour, and the highest hour counts. The units
 * of the period's own invoice and of its true-ups add up to the quantity in billed units: started units count.
 */
export type MeteredPeriodEvidenceArgs = {
  instance: Scalars['String']['input'];
};

/** A correction that an operator signed off. It is never changed; another one takes it back. */
export type UsageAdjustment = {
  readonly __typename?: 'UsageAdjustment';
  /** Unique among them. */
  readonly id: Scalars['ID']['output'];
  /** Of which. */
  readonly meter: Meter;
  /** When the period began. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** To be added, in the meter's own unit; below 0 it is taken off. */
  readonly quantity: Scalars['SafeInt']['output'];
  /** Why: the customer reads it. */
  readonly reason: Scalars['String']['output'];
  /** By which it is known when it comes again. */
  readonly reference: Scalars['ID']['output'];
  /** Who: admin:<name>. */
  readonly signedOffBy: Scalars['String']['output'];
  /** When. */
  readonly signedOffAt: Scalars['DateTime']['output'];
};

/** A page of usage adjustments. */
export type UsageAdjustmentConnection = {
  readonly __typename?: 'UsageAdjustmentConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<UsageAdjustmentEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type UsageAdjustmentEdge = {
  readonly __typename?: 'UsageAdjustmentEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: UsageAdjustment;
};

/** What `adjustUsage` is told. */
export type AdjustUsageInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** Which. */
  readonly meter: Meter;
  /** When the period began; the present one unless told. */
  readonly periodStart?: InputMaybe<Scalars['DateTime']['input']>;
  /** To be added, in the meter's own unit; below 0 it is taken off. */
  readonly quantity: Scalars['SafeInt']['input'];
  /** Why: the customer reads it. */
  readonly reason: Scalars['String']['input'];
  /** Names the correction, a ticket's number for example: the same one again changes nothing. */
  readonly reference: Scalars['ID']['input'];
};

/** What `adjustUsage` answers. */
export type AdjustUsagePayload = {
  readonly __typename?: 'AdjustUsagePayload';
  /** As it is kept. */
  readonly adjustment: UsageAdjustment;
  /** As it stands afterwards. */
  readonly period: MeteredPeriod;
};

/** INCLUDED: of what the plan includes of a meter. MAX_DEVICES: of the limit maxDevices. */
export type UsageAlertKind =
  /** Of what the plan includes of a meter. */
  | 'INCLUDED'
  /** Of the limit maxDevices. */
  | 'MAX_DEVICES';

/** A threshold that a billing period's quantity reached: once for each period, meter, kind, threshold and allowance. */
export type UsageAlert = {
  readonly __typename?: 'UsageAlert';
  /** Unique among them. */
  readonly id: Scalars['ID']['output'];
  /** Whose. */
  readonly customer: Maybe<Customer>;
  /** Which ceiling. */
  readonly kind: UsageAlertKind;
  /** Which. */
  readonly meter: Meter;
  /** Percent: 80 or 100. */
  readonly threshold: Scalars['Int']['output'];
  /** What was used when it was reached, or more. */
  readonly used: Scalars['SafeInt']['output'];
  /** What is included, or the limit. */
  readonly included: Scalars['SafeInt']['output'];
  /** Of the billing period. */
  readonly periodStart: Scalars['DateTime']['output'];
  /** When it was noticed. */
  readonly raisedAt: Scalars['DateTime']['output'];
};

/** A page of usage alerts. */
export type UsageAlertConnection = {
  readonly __typename?: 'UsageAlertConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<UsageAlertEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type UsageAlertEdge = {
  readonly __typename?: 'UsageAlertEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: UsageAlert;
};

/** What can look wrong. */
export type UsageAnomalyKind =
  /** No report for three of the instance's usual intervals, and for 15 minutes at least. */
  | 'INSTANCE_SILENT'
  /** Two reports of one instance have one sequence: two agents run under its name. */
  | 'SEQUENCE_REUSED'
  /** Two reports of one instance cover the same time. */
  | 'OVERLAPPING_INTERVALS'
  /** A day has more than four times what is usual. */
  | 'ABOVE_TREND';

/** An instance that is silent is so until it reports; anything else is resolved when it was not seen for a day, a day above its trend a day after its end. */
export type UsageAnomaly = {
  readonly __typename?: 'UsageAnomaly';
  /** Unique among them. */
  readonly id: Scalars['ID']['output'];
  /** Whose. */
  readonly customer: Maybe<Customer>;
  /** Null where it is the customer's usage as a whole. */
  readonly instance: Maybe<Instance>;
  /** What looks wrong. */
  readonly kind: UsageAnomalyKind;
  /** Null where it is no meter's. */
  readonly meter: Maybe<Meter>;
  /** With its figures, in a sentence. */
  readonly detail: Scalars['String']['output'];
  /** When it was found. */
  readonly raisedAt: Scalars['DateTime']['output'];
  /** When it was over; null while it lasts. */
  readonly resolvedAt: Maybe<Scalars['DateTime']['output']>;
};

/** A page of usage anomalies. */
export type UsageAnomalyConnection = {
  readonly __typename?: 'UsageAnomalyConnection';
  /** The entries of this page. */
  readonly edges: ReadonlyArray<UsageAnomalyEdge>;
  /** Whether there is more. */
  readonly pageInfo: PageInfo;
};

/** An entry of a page. */
export type UsageAnomalyEdge = {
  readonly __typename?: 'UsageAnomalyEdge';
  /** To go on behind this entry, as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: UsageAnomaly;
};

/** What `reportUsage` is told. */
export type ReportUsageInput = {
  /** The instance's name; registered on first sight. */
  readonly instance: Scalars['String']['input'];
  /** 1 to 1000 of them, in any order. */
  readonly reports: ReadonlyArray<UsageReportInput>;
};

/** One interval of one instance, as its agent measured it. */
export type UsageReportInput = {
  /** Chosen by the agent (UUID): the idempotency key. */
  readonly reportId: Scalars['ID']['input'];
  /** Counts up by one per instance; a gap shows a lost report. */
  readonly sequence?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Chain: the hash of the report before this one, see docs/agent-protocol.md. */
  readonly previousHash?: InputMaybe<Scalars['String']['input']>;
  /** When it began. */
  readonly intervalStart: Scalars['DateTime']['input'];
  /** When it ended: at most 5 minutes ahead of our clock, 31 days after its start, 400 days back. */
  readonly intervalEnd: Scalars['DateTime']['input'];
  /** Devices that were active, as of the interval's end. */
  readonly activeDevices: Scalars['SafeInt']['input'];
  /** Devices that the instance knows, as of the interval's end. */
  readonly totalDevices: Scalars['SafeInt']['input'];
  /** Messages that the broker sent to its clients, in the interval. */
  readonly mqttMessagesPublished?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Messages that the broker took from its clients, in the interval. */
  readonly mqttMessagesReceived?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Bytes that the broker sent, in the interval. */
  readonly mqttBytesSent?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Bytes that the broker took, in the interval. */
  readonly mqttBytesReceived?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Requests to the product's API, in the interval. */
  readonly httpRequests?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Bytes that the product's API sent, in the interval. */
  readonly httpBytesSent?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Bytes that the product's API took, in the interval. */
  readonly httpBytesReceived?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Bytes that are stored, as of the interval's end. */
  readonly storageBytes?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Rows that are stored, as of the interval's end. */
  readonly storageRows?: InputMaybe<Scalars['SafeInt']['input']>;
};

/** What `reportUsage` answers. */
export type ReportUsagePayload = {
  readonly __typename?: 'ReportUsagePayload';
  /** Includes late ones. */
  readonly accepted: Scalars['Int']['output'];
  /** Of the accepted, those whose period was invoiced already. */
  readonly late: Scalars['Int']['output'];
  /** Known before. */
  readonly duplicates: Scalars['Int']['output'];
  /** A bad report is refused alone: the others are kept. */
  readonly rejected: ReadonlyArray<RejectedReport>;
  /** The last report of this call, joined across the graph. */
  readonly latest: Maybe<UsageReport>;
  /** SHA-256 (hex) over the report ids of this call as sent, each followed by a line feed: the answer to another call does not fit. */
  readonly receipt: Scalars['String']['output'];
  /** What goes back to an instance without a network; null unless a file was imported. */
  readonly answer: Maybe<UsageFileAnswer>;
  /** How often this plane was put back to a backup, oldest first. Who meets a new one sends again what it sent since. */
  readonly restores: ReadonlyArray<PlaneRestore>;
};

/** Once the plane was put back to a backup: of what it took since that was made it knows nothing. */
export type PlaneRestore = {
  readonly __typename?: 'PlaneRestore';
  /** Unique to each time that the plane was put back. */
  readonly id: Scalars['ID']['output'];
  /** When the backup was made. */
  readonly since: Scalars['DateTime']['output'];
};

/** The counterpart of a usage file: `iotistic-agent import` takes it. */
export type UsageFileAnswer = {
  readonly __typename?: 'UsageFileAnswer';
  /** Of the file that it answers. */
  readonly fileId: Scalars['ID']['output'];
  /** Whose. */
  readonly customerId: Scalars['ID']['output'];
  /** The instance's name. */
  readonly instance: Scalars['String']['output'];
  /** accepted, late, duplicates and rejected, as JSON. */
  readonly verdicts: Scalars['String']['output'];
};

/** How far back a metered period can be shown. */
export type EvidenceState =
  /** Every report is there. */
  | 'REPORTS'
  /** Of some days, or all, the reports were replaced by digests, against which an instance's archive still proves each of them. */
  | 'DIGESTS'
  /** Some of the evidence is missing: it was lost, or deleted by a version that kept no digests. */
  | 'PARTLY_MISSING';

/** What `purgeUsageReports` takes. */
export type PurgeUsageReportsInput = {
  /** 1 to 3650; 90 where it is not said. */
  readonly olderThanDays?: InputMaybe<Scalars['Int']['input']>;
  /** True only says what would be deleted. Where it is not said: true without an age, else false. */
  readonly dryRun?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What `purgeUsageReports` answers. */
export type PurgeUsageReportsPayload = {
  readonly __typename?: 'PurgeUsageReportsPayload';
  /** Whether nothing was deleted, but only counted. */
  readonly dryRun: Scalars['Boolean']['output'];
  /** Days; what ended longer ago was looked at. */
  readonly olderThanDays: Scalars['Int']['output'];
  /** How many reports; of a dry run how many would be. */
  readonly deleted: Scalars['SafeInt']['output'];
  /** Reports of that age that are kept: the bill of their period is not final, or has been for less than `EVIDENCE_DAYS`, or they came only lately. */
  readonly kept: Scalars['SafeInt']['output'];
};

/** What `forgetInstanceKey` is told. */
export type ForgetInstanceKeyInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** The instance's name. */
  readonly instance: Scalars['String']['input'];
};

/** What `forgetInstanceKey` answers. */
export type ForgetInstanceKeyPayload = {
  readonly __typename?: 'ForgetInstanceKeyPayload';
  /** False when none was known. */
  readonly forgotten: Scalars['Boolean']['output'];
};

/** What `importUsageFile` is told. */
export type ImportUsageFileInput = {
  /** Which customer. */
  readonly customerId: Scalars['ID']['input'];
  /** The text of the file. */
  readonly file: Scalars['String']['input'];
};

/** A report that was refused, alone. */
export type RejectedReport = {
  readonly __typename?: 'RejectedReport';
  /** As it was sent. */
  readonly reportId: Scalars['ID']['output'];
  /** The word for it. */
  readonly reason: RejectionReason;
  /** What would have been accepted. */
  readonly message: Scalars['String']['output'];
};

/** Why a report is refused. */
export type RejectionReason =
  /** It ends more than 5 minutes ahead of our clock. */
  | 'INTERVAL_IN_FUTURE'
  /** It ended more than 400 days ago. */
  | 'TOO_OLD'
  /** It is longer than 31 days. */
  | 'INTERVAL_TOO_LONG'
  /** It does not end after it began. */
  | 'INVALID_INTERVAL'
  /** A number is below 0. */
  | 'NEGATIVE'
  /** A number is above 10^15. */
  | 'TOO_LARGE'
  /** A report with this id and other numbers was accepted before. */
  | 'CONFLICTING_DUPLICATE'
  /** The id does not have 1 to 128 visible ASCII characters. */
  | 'INVALID_REPORT_ID'
  /** The sequence is not 0 to 10^15. */
  | 'INVALID_SEQUENCE'
  /** The hash does not have 32 hex digits in lower case. */
  | 'INVALID_PREVIOUS_HASH';

export type Link__Purpose =
  /** `SECURITY` features provide metadata necessary to securely resolve fields. */
  | 'SECURITY'
  /** `EXECUTION` features provide metadata necessary for operation execution. */
  | 'EXECUTION';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  UsageReport: UsageReport;
  Customer: Customer;
  Instance: Instance;
  MeteredPeriod: MeteredPeriod;
  UsageFileAnswer: UsageFileAnswer;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  UsageReport:
    ( { __typename: 'UsageReport' }
    & GraphQLRecursivePick<FederationTypes['UsageReport'], {"id":true}> );
  Customer:
    ( { __typename: 'Customer' }
    & GraphQLRecursivePick<FederationTypes['Customer'], {"id":true}> );
  Instance:
    ( { __typename: 'Instance' }
    & GraphQLRecursivePick<FederationTypes['Instance'], {"id":true}> );
  MeteredPeriod:
    ( { __typename: 'MeteredPeriod' }
    & GraphQLRecursivePick<FederationTypes['MeteredPeriod'], {"customerId":true,"meter":true,"periodStart":true}> );
  UsageFileAnswer:
    ( { __typename: 'UsageFileAnswer' }
    & GraphQLRecursivePick<FederationTypes['UsageFileAnswer'], {"fileId":true,"customerId":true,"instance":true,"verdicts":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  _Entity:
    | ( CustomerReference )
    | ( InstanceReference )
    | ( TracedPeriod )
    | ( ImportedFile )
    | ( ReportRow )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Meter: Meter;
  UsageReport: ResolverTypeWrapper<ReportRow>;
  ReportFate: ReportFate;
  UsageReportConnection: ResolverTypeWrapper<UsageReportPage>;
  UsageReportEdge: ResolverTypeWrapper<Omit<UsageReportEdge, 'node'> & { node: ResolversTypes['UsageReport'] }>;
  Customer: ResolverTypeWrapper<CustomerReference>;
  ActiveNow: ResolverTypeWrapper<ActiveNow>;
  Instance: ResolverTypeWrapper<InstanceReference>;
  Intake: ResolverTypeWrapper<Intake>;
  FleetUsage: ResolverTypeWrapper<FleetRow>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  FleetUsageConnection: ResolverTypeWrapper<Omit<FleetUsageConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['FleetUsageEdge']> }>;
  FleetUsageEdge: ResolverTypeWrapper<Omit<FleetUsageEdge, 'node'> & { node: ResolversTypes['FleetUsage'] }>;
  SequenceGap: ResolverTypeWrapper<SequenceGap>;
  Granularity: Granularity;
  UsagePoint: ResolverTypeWrapper<UsagePoint>;
  UsageSummary: ResolverTypeWrapper<UsageSummary>;
  MeterUsage: ResolverTypeWrapper<MeterUsage>;
  MeteredPeriod: ResolverTypeWrapper<TracedPeriod>;
  UsageAdjustment: ResolverTypeWrapper<AdjustmentRow>;
  UsageAdjustmentConnection: ResolverTypeWrapper<Omit<UsageAdjustmentConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UsageAdjustmentEdge']> }>;
  UsageAdjustmentEdge: ResolverTypeWrapper<Omit<UsageAdjustmentEdge, 'node'> & { node: ResolversTypes['UsageAdjustment'] }>;
  AdjustUsageInput: AdjustUsageInput;
  AdjustUsagePayload: ResolverTypeWrapper<Omit<AdjustUsagePayload, 'adjustment' | 'period'> & { adjustment: ResolversTypes['UsageAdjustment'], period: ResolversTypes['MeteredPeriod'] }>;
  UsageAlertKind: UsageAlertKind;
  UsageAlert: ResolverTypeWrapper<AlertRow>;
  UsageAlertConnection: ResolverTypeWrapper<Omit<UsageAlertConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UsageAlertEdge']> }>;
  UsageAlertEdge: ResolverTypeWrapper<Omit<UsageAlertEdge, 'node'> & { node: ResolversTypes['UsageAlert'] }>;
  UsageAnomalyKind: UsageAnomalyKind;
  UsageAnomaly: ResolverTypeWrapper<AnomalyRow>;
  UsageAnomalyConnection: ResolverTypeWrapper<Omit<UsageAnomalyConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UsageAnomalyEdge']> }>;
  UsageAnomalyEdge: ResolverTypeWrapper<Omit<UsageAnomalyEdge, 'node'> & { node: ResolversTypes['UsageAnomaly'] }>;
  ReportUsageInput: ReportUsageInput;
  UsageReportInput: UsageReportInput;
  ReportUsagePayload: ResolverTypeWrapper<ReportedUsage>;
  PlaneRestore: ResolverTypeWrapper<PlaneRestore>;
  UsageFileAnswer: ResolverTypeWrapper<ImportedFile>;
  EvidenceState: EvidenceState;
  PurgeUsageReportsInput: PurgeUsageReportsInput;
  PurgeUsageReportsPayload: ResolverTypeWrapper<PurgeUsageReportsPayload>;
  ForgetInstanceKeyInput: ForgetInstanceKeyInput;
  ForgetInstanceKeyPayload: ResolverTypeWrapper<ForgetInstanceKeyPayload>;
  ImportUsageFileInput: ImportUsageFileInput;
  RejectedReport: ResolverTypeWrapper<RejectedReport>;
  RejectionReason: RejectionReason;
  link__Purpose: Link__Purpose;
  link__Import: ResolverTypeWrapper<Scalars['link__Import']['output']>;
  federation__FieldSet: ResolverTypeWrapper<Scalars['federation__FieldSet']['output']>;
  federation__Scope: ResolverTypeWrapper<Scalars['federation__Scope']['output']>;
  federation__Policy: ResolverTypeWrapper<Scalars['federation__Policy']['output']>;
  federation__ContextFieldValue: ResolverTypeWrapper<Scalars['federation__ContextFieldValue']['output']>;
  _Any: ResolverTypeWrapper<Scalars['_Any']['output']>;
  _Service: ResolverTypeWrapper<_Service>;
  _Entity: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['_Entity']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  SafeInt: Scalars['SafeInt']['output'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  Mutation: Record<PropertyKey, never>;
  Subscription: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  UsageReport: ReportRow;
  UsageReportConnection: UsageReportPage;
  UsageReportEdge: Omit<UsageReportEdge, 'node'> & { node: ResolversParentTypes['UsageReport'] };
  Customer: CustomerReference;
  ActiveNow: ActiveNow;
  Instance: InstanceReference;
  Intake: Intake;
  FleetUsage: FleetRow;
  Float: Scalars['Float']['output'];
  FleetUsageConnection: Omit<FleetUsageConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['FleetUsageEdge']> };
  FleetUsageEdge: Omit<FleetUsageEdge, 'node'> & { node: ResolversParentTypes['FleetUsage'] };
  SequenceGap: SequenceGap;
  UsagePoint: UsagePoint;
  UsageSummary: UsageSummary;
  MeterUsage: MeterUsage;
  MeteredPeriod: TracedPeriod;
  UsageAdjustment: AdjustmentRow;
  UsageAdjustmentConnection: Omit<UsageAdjustmentConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UsageAdjustmentEdge']> };
  UsageAdjustmentEdge: Omit<UsageAdjustmentEdge, 'node'> & { node: ResolversParentTypes['UsageAdjustment'] };
  AdjustUsageInput: AdjustUsageInput;
  AdjustUsagePayload: Omit<AdjustUsagePayload, 'adjustment' | 'period'> & { adjustment: ResolversParentTypes['UsageAdjustment'], period: ResolversParentTypes['MeteredPeriod'] };
  UsageAlert: AlertRow;
  UsageAlertConnection: Omit<UsageAlertConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UsageAlertEdge']> };
  UsageAlertEdge: Omit<UsageAlertEdge, 'node'> & { node: ResolversParentTypes['UsageAlert'] };
  UsageAnomaly: AnomalyRow;
  UsageAnomalyConnection: Omit<UsageAnomalyConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UsageAnomalyEdge']> };
  UsageAnomalyEdge: Omit<UsageAnomalyEdge, 'node'> & { node: ResolversParentTypes['UsageAnomaly'] };
  ReportUsageInput: ReportUsageInput;
  UsageReportInput: UsageReportInput;
  ReportUsagePayload: ReportedUsage;
  PlaneRestore: PlaneRestore;
  UsageFileAnswer: ImportedFile;
  PurgeUsageReportsInput: PurgeUsageReportsInput;
  PurgeUsageReportsPayload: PurgeUsageReportsPayload;
  ForgetInstanceKeyInput: ForgetInstanceKeyInput;
  ForgetInstanceKeyPayload: ForgetInstanceKeyPayload;
  ImportUsageFileInput: ImportUsageFileInput;
  RejectedReport: RejectedReport;
  link__Import: Scalars['link__Import']['output'];
  federation__FieldSet: Scalars['federation__FieldSet']['output'];
  federation__Scope: Scalars['federation__Scope']['output'];
  federation__Policy: Scalars['federation__Policy']['output'];
  federation__ContextFieldValue: Scalars['federation__ContextFieldValue']['output'];
  _Any: Scalars['_Any']['output'];
  _Service: _Service;
  _Entity: ResolversUnionTypes<ResolversParentTypes>['_Entity'];
  String: Scalars['String']['output'];
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
};

export type LinkDirectiveArgs = {
  url?: Maybe<Scalars['String']['input']>;
  as?: Maybe<Scalars['String']['input']>;
  for?: Maybe<Link__Purpose>;
  import?: Maybe<ReadonlyArray<Maybe<Scalars['link__Import']['input']>>>;
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__RequiresDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
};

export type Federation__RequiresDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__RequiresDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ProvidesDirectiveArgs = {
  fields: Scalars['federation__FieldSet']['input'];
};

export type Federation__ProvidesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ProvidesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExternalDirectiveArgs = {
  reason?: Maybe<Scalars['String']['input']>;
};

export type Federation__ExternalDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExternalDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__TagDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__TagDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__TagDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ExtendsDirectiveArgs = { };

export type Federation__ExtendsDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ExtendsDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ShareableDirectiveArgs = { };

export type ShareableDirectiveResolver<Result, Parent, ContextType = Context, Args = ShareableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InaccessibleDirectiveArgs = { };

export type Federation__InaccessibleDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InaccessibleDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__OverrideDirectiveArgs = {
  from: Scalars['String']['input'];
  label?: Maybe<Scalars['String']['input']>;
};

export type Federation__OverrideDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__OverrideDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ComposeDirectiveDirectiveArgs = {
  name?: Maybe<Scalars['String']['input']>;
};

export type Federation__ComposeDirectiveDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ComposeDirectiveDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__InterfaceObjectDirectiveArgs = { };

export type Federation__InterfaceObjectDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__InterfaceObjectDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__AuthenticatedDirectiveArgs = { };

export type Federation__AuthenticatedDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__AuthenticatedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__RequiresScopesDirectiveArgs = {
  scopes: ReadonlyArray<ReadonlyArray<Scalars['federation__Scope']['input']>>;
};

export type Federation__RequiresScopesDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__RequiresScopesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__PolicyDirectiveArgs = {
  policies: ReadonlyArray<ReadonlyArray<Scalars['federation__Policy']['input']>>;
};

export type Federation__PolicyDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__PolicyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ContextDirectiveArgs = {
  name: Scalars['String']['input'];
};

export type Federation__ContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__FromContextDirectiveArgs = {
  field?: Maybe<Scalars['federation__ContextFieldValue']['input']>;
};

export type Federation__FromContextDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__FromContextDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__CostDirectiveArgs = {
  weight: Scalars['Int']['input'];
};

export type Federation__CostDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type Federation__ListSizeDirectiveArgs = {
  assumedSize?: Maybe<Scalars['Int']['input']>;
  slicingArguments?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  sizedFields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  requireOneSlicingArgument?: Maybe<Scalars['Boolean']['input']>;
};

export type Federation__ListSizeDirectiveResolver<Result, Parent, ContextType = Context, Args = Federation__ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  fleetUsage?: Resolver<ResolversTypes['FleetUsageConnection'], ParentType, ContextType, RequireFields<QueryFleetUsageArgs, 'first'>>;
  usageAnomalies?: Resolver<ResolversTypes['UsageAnomalyConnection'], ParentType, ContextType, RequireFields<QueryUsageAnomaliesArgs, 'first'>>;
  _entities?: Resolver<ReadonlyArray<Maybe<ResolversTypes['_Entity']>>, ParentType, ContextType, RequireFields<Query_EntitiesArgs, 'representations'>>;
  _service?: Resolver<ResolversTypes['_Service'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  reportUsage?: Resolver<ResolversTypes['ReportUsagePayload'], ParentType, ContextType, RequireFields<MutationReportUsageArgs, 'input'>>;
  importUsageFile?: Resolver<ResolversTypes['ReportUsagePayload'], ParentType, ContextType, RequireFields<MutationImportUsageFileArgs, 'input'>>;
  purgeUsageReports?: Resolver<ResolversTypes['PurgeUsageReportsPayload'], ParentType, ContextType, RequireFields<MutationPurgeUsageReportsArgs, 'input'>>;
  adjustUsage?: Resolver<ResolversTypes['AdjustUsagePayload'], ParentType, ContextType, RequireFields<MutationAdjustUsageArgs, 'input'>>;
  forgetInstanceKey?: Resolver<ResolversTypes['ForgetInstanceKeyPayload'], ParentType, ContextType, RequireFields<MutationForgetInstanceKeyArgs, 'input'>>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  usageReported?: SubscriptionResolver<ResolversTypes['UsageReport'], "usageReported", ParentType, ContextType, RequireFields<SubscriptionUsageReportedArgs, 'customerId'>>;
  usageAlertRaised?: SubscriptionResolver<ResolversTypes['UsageAlert'], "usageAlertRaised", ParentType, ContextType, RequireFields<SubscriptionUsageAlertRaisedArgs, 'customerId'>>;
  usageAnomalyRaised?: SubscriptionResolver<ResolversTypes['UsageAnomaly'], "usageAnomalyRaised", ParentType, ContextType, RequireFields<SubscriptionUsageAnomalyRaisedArgs, 'customerId'>>;
};

export type UsageReportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageReport'] = ResolversParentTypes['UsageReport'], FederationReferenceType extends FederationReferenceTypes['UsageReport'] = FederationReferenceTypes['UsageReport']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['UsageReport']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  instance?: Resolver<Maybe<ResolversTypes['Instance']>, ParentType, ContextType>;
  fate?: Resolver<ResolversTypes['ReportFate'], ParentType, ContextType>;
  intervalStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  intervalEnd?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  receivedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  activeDevices?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  totalDevices?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  mqttMessagesPublished?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  mqttMessagesReceived?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  mqttBytesSent?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  mqttBytesReceived?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  httpRequests?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  httpBytesSent?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  httpBytesReceived?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  storageBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  storageRows?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UsageReportConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageReportConnection'] = ResolversParentTypes['UsageReportConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UsageReportEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UsageReportEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageReportEdge'] = ResolversParentTypes['UsageReportEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UsageReport'], ParentType, ContextType>;
};

export type CustomerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Customer'] = ResolversParentTypes['Customer'], FederationReferenceType extends FederationReferenceTypes['Customer'] = FederationReferenceTypes['Customer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Customer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  latestUsage?: Resolver<Maybe<ResolversTypes['UsageReport']>, ParentType, ContextType>;
  usageReports?: Resolver<Maybe<ResolversTypes['UsageReportConnection']>, ParentType, ContextType, RequireFields<CustomerUsageReportsArgs, 'first'>>;
  usageSeries?: Resolver<Maybe<ReadonlyArray<ResolversTypes['UsagePoint']>>, ParentType, ContextType, RequireFields<CustomerUsageSeriesArgs, 'meter' | 'from' | 'to' | 'granularity'>>;
  usageCsv?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType, RequireFields<CustomerUsageCsvArgs, 'from' | 'to' | 'granularity'>>;
  usageSummary?: Resolver<Maybe<ResolversTypes['UsageSummary']>, ParentType, ContextType>;
  meteredPeriod?: Resolver<Maybe<ResolversTypes['MeteredPeriod']>, ParentType, ContextType, RequireFields<CustomerMeteredPeriodArgs, 'meter' | 'periodStart'>>;
  usageAdjustments?: Resolver<Maybe<ResolversTypes['UsageAdjustmentConnection']>, ParentType, ContextType, RequireFields<CustomerUsageAdjustmentsArgs, 'first'>>;
  usageAlerts?: Resolver<Maybe<ResolversTypes['UsageAlertConnection']>, ParentType, ContextType, RequireFields<CustomerUsageAlertsArgs, 'first'>>;
  usageAnomalies?: Resolver<Maybe<ResolversTypes['UsageAnomalyConnection']>, ParentType, ContextType, RequireFields<CustomerUsageAnomaliesArgs, 'first'>>;
  intake?: Resolver<Maybe<ResolversTypes['Intake']>, ParentType, ContextType>;
  activeNow?: Resolver<Maybe<ResolversTypes['ActiveNow']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ActiveNowResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ActiveNow'] = ResolversParentTypes['ActiveNow']> = {
  instances?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  activeDevices?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  totalDevices?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  goneInstances?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InstanceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Instance'] = ResolversParentTypes['Instance'], FederationReferenceType extends FederationReferenceTypes['Instance'] = FederationReferenceTypes['Instance']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Instance']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  latestUsage?: Resolver<Maybe<ResolversTypes['UsageReport']>, ParentType, ContextType>;
  lastReportedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  intake?: Resolver<Maybe<ResolversTypes['Intake']>, ParentType, ContextType>;
  missingReports?: Resolver<Maybe<ReadonlyArray<ResolversTypes['SequenceGap']>>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type IntakeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Intake'] = ResolversParentTypes['Intake']> = {
  received?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  accepted?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  late?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  duplicates?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  rejected?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type FleetUsageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FleetUsage'] = ResolversParentTypes['FleetUsage']> = {
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  summary?: Resolver<ResolversTypes['UsageSummary'], ParentType, ContextType>;
  utilization?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  lastReportedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  instances?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type FleetUsageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FleetUsageConnection'] = ResolversParentTypes['FleetUsageConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['FleetUsageEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type FleetUsageEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FleetUsageEdge'] = ResolversParentTypes['FleetUsageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['FleetUsage'], ParentType, ContextType>;
};

export type SequenceGapResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SequenceGap'] = ResolversParentTypes['SequenceGap']> = {
  from?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type UsagePointResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsagePoint'] = ResolversParentTypes['UsagePoint']> = {
  start?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  end?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  peak?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  reports?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UsageSummaryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageSummary'] = ResolversParentTypes['UsageSummary']> = {
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  periodEnd?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  meters?: Resolver<ReadonlyArray<ResolversTypes['MeterUsage']>, ParentType, ContextType>;
};

export type MeterUsageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeterUsage'] = ResolversParentTypes['MeterUsage']> = {
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  used?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  adjusted?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  included?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  overage?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  utilization?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  projected?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type MeteredPeriodResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MeteredPeriod'] = ResolversParentTypes['MeteredPeriod'], FederationReferenceType extends FederationReferenceTypes['MeteredPeriod'] = FederationReferenceTypes['MeteredPeriod']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['MeteredPeriod']> | FederationReferenceType, FederationReferenceType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  periodEnd?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  countsFrom?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  measured?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  adjusted?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  adjustments?: Resolver<ReadonlyArray<ResolversTypes['UsageAdjustment']>, ParentType, ContextType>;
  points?: Resolver<ReadonlyArray<ResolversTypes['UsagePoint']>, ParentType, ContextType>;
  reports?: Resolver<ResolversTypes['UsageReportConnection'], ParentType, ContextType, RequireFields<MeteredPeriodReportsArgs, 'first'>>;
  evidenceState?: Resolver<ResolversTypes['EvidenceState'], ParentType, ContextType>;
  evidence?: Resolver<ResolversTypes['String'], ParentType, ContextType, RequireFields<MeteredPeriodEvidenceArgs, 'instance'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UsageAdjustmentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAdjustment'] = ResolversParentTypes['UsageAdjustment']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  signedOffBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  signedOffAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type UsageAdjustmentConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAdjustmentConnection'] = ResolversParentTypes['UsageAdjustmentConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UsageAdjustmentEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UsageAdjustmentEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAdjustmentEdge'] = ResolversParentTypes['UsageAdjustmentEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UsageAdjustment'], ParentType, ContextType>;
};

export type AdjustUsagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['AdjustUsagePayload'] = ResolversParentTypes['AdjustUsagePayload']> = {
  adjustment?: Resolver<ResolversTypes['UsageAdjustment'], ParentType, ContextType>;
  period?: Resolver<ResolversTypes['MeteredPeriod'], ParentType, ContextType>;
};

export type UsageAlertResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAlert'] = ResolversParentTypes['UsageAlert']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['UsageAlertKind'], ParentType, ContextType>;
  meter?: Resolver<ResolversTypes['Meter'], ParentType, ContextType>;
  threshold?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  used?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  included?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  periodStart?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  raisedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type UsageAlertConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAlertConnection'] = ResolversParentTypes['UsageAlertConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UsageAlertEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UsageAlertEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAlertEdge'] = ResolversParentTypes['UsageAlertEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UsageAlert'], ParentType, ContextType>;
};

export type UsageAnomalyResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAnomaly'] = ResolversParentTypes['UsageAnomaly']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  customer?: Resolver<Maybe<ResolversTypes['Customer']>, ParentType, ContextType>;
  instance?: Resolver<Maybe<ResolversTypes['Instance']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['UsageAnomalyKind'], ParentType, ContextType>;
  meter?: Resolver<Maybe<ResolversTypes['Meter']>, ParentType, ContextType>;
  detail?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  raisedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  resolvedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type UsageAnomalyConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAnomalyConnection'] = ResolversParentTypes['UsageAnomalyConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UsageAnomalyEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UsageAnomalyEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageAnomalyEdge'] = ResolversParentTypes['UsageAnomalyEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['UsageAnomaly'], ParentType, ContextType>;
};

export type ReportUsagePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReportUsagePayload'] = ResolversParentTypes['ReportUsagePayload']> = {
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  late?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  rejected?: Resolver<ReadonlyArray<ResolversTypes['RejectedReport']>, ParentType, ContextType>;
  latest?: Resolver<Maybe<ResolversTypes['UsageReport']>, ParentType, ContextType>;
  receipt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  answer?: Resolver<Maybe<ResolversTypes['UsageFileAnswer']>, ParentType, ContextType>;
  restores?: Resolver<ReadonlyArray<ResolversTypes['PlaneRestore']>, ParentType, ContextType>;
};

export type PlaneRestoreResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PlaneRestore'] = ResolversParentTypes['PlaneRestore']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type UsageFileAnswerResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UsageFileAnswer'] = ResolversParentTypes['UsageFileAnswer'], FederationReferenceType extends FederationReferenceTypes['UsageFileAnswer'] = FederationReferenceTypes['UsageFileAnswer']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['UsageFileAnswer']> | FederationReferenceType, FederationReferenceType, ContextType>;
  fileId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  customerId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  instance?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  verdicts?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PurgeUsageReportsPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PurgeUsageReportsPayload'] = ResolversParentTypes['PurgeUsageReportsPayload']> = {
  dryRun?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  olderThanDays?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deleted?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  kept?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
};

export type ForgetInstanceKeyPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ForgetInstanceKeyPayload'] = ResolversParentTypes['ForgetInstanceKeyPayload']> = {
  forgotten?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type RejectedReportResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RejectedReport'] = ResolversParentTypes['RejectedReport']> = {
  reportId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['RejectionReason'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface Link__ImportScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['link__Import'], any> {
  name: 'link__Import';
}

export interface Federation__FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__FieldSet'], any> {
  name: 'federation__FieldSet';
}

export interface Federation__ScopeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Scope'], any> {
  name: 'federation__Scope';
}

export interface Federation__PolicyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__Policy'], any> {
  name: 'federation__Policy';
}

export interface Federation__ContextFieldValueScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['federation__ContextFieldValue'], any> {
  name: 'federation__ContextFieldValue';
}

export interface _AnyScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['_Any'], any> {
  name: '_Any';
}

export type _ServiceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Service'] = ResolversParentTypes['_Service']> = {
  sdl?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type _EntityResolvers<ContextType = Context, ParentType extends ResolversParentTypes['_Entity'] = ResolversParentTypes['_Entity']> = {
  __resolveType: TypeResolveFn<'Customer' | 'Instance' | 'MeteredPeriod' | 'UsageFileAnswer' | 'UsageReport', ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  SafeInt?: GraphQLScalarType;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  UsageReport?: UsageReportResolvers<ContextType>;
  UsageReportConnection?: UsageReportConnectionResolvers<ContextType>;
  UsageReportEdge?: UsageReportEdgeResolvers<ContextType>;
  Customer?: CustomerResolvers<ContextType>;
  ActiveNow?: ActiveNowResolvers<ContextType>;
  Instance?: InstanceResolvers<ContextType>;
  Intake?: IntakeResolvers<ContextType>;
  FleetUsage?: FleetUsageResolvers<ContextType>;
  FleetUsageConnection?: FleetUsageConnectionResolvers<ContextType>;
  FleetUsageEdge?: FleetUsageEdgeResolvers<ContextType>;
  SequenceGap?: SequenceGapResolvers<ContextType>;
  UsagePoint?: UsagePointResolvers<ContextType>;
  UsageSummary?: UsageSummaryResolvers<ContextType>;
  MeterUsage?: MeterUsageResolvers<ContextType>;
  MeteredPeriod?: MeteredPeriodResolvers<ContextType>;
  UsageAdjustment?: UsageAdjustmentResolvers<ContextType>;
  UsageAdjustmentConnection?: UsageAdjustmentConnectionResolvers<ContextType>;
  UsageAdjustmentEdge?: UsageAdjustmentEdgeResolvers<ContextType>;
  AdjustUsagePayload?: AdjustUsagePayloadResolvers<ContextType>;
  UsageAlert?: UsageAlertResolvers<ContextType>;
  UsageAlertConnection?: UsageAlertConnectionResolvers<ContextType>;
  UsageAlertEdge?: UsageAlertEdgeResolvers<ContextType>;
  UsageAnomaly?: UsageAnomalyResolvers<ContextType>;
  UsageAnomalyConnection?: UsageAnomalyConnectionResolvers<ContextType>;
  UsageAnomalyEdge?: UsageAnomalyEdgeResolvers<ContextType>;
  ReportUsagePayload?: ReportUsagePayloadResolvers<ContextType>;
  PlaneRestore?: PlaneRestoreResolvers<ContextType>;
  UsageFileAnswer?: UsageFileAnswerResolvers<ContextType>;
  PurgeUsageReportsPayload?: PurgeUsageReportsPayloadResolvers<ContextType>;
  ForgetInstanceKeyPayload?: ForgetInstanceKeyPayloadResolvers<ContextType>;
  RejectedReport?: RejectedReportResolvers<ContextType>;
  link__Import?: GraphQLScalarType;
  federation__FieldSet?: GraphQLScalarType;
  federation__Scope?: GraphQLScalarType;
  federation__Policy?: GraphQLScalarType;
  federation__ContextFieldValue?: GraphQLScalarType;
  _Any?: GraphQLScalarType;
  _Service?: _ServiceResolvers<ContextType>;
  _Entity?: _EntityResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
  federation__requires?: Federation__RequiresDirectiveResolver<any, any, ContextType>;
  federation__provides?: Federation__ProvidesDirectiveResolver<any, any, ContextType>;
  federation__external?: Federation__ExternalDirectiveResolver<any, any, ContextType>;
  federation__tag?: Federation__TagDirectiveResolver<any, any, ContextType>;
  federation__extends?: Federation__ExtendsDirectiveResolver<any, any, ContextType>;
  shareable?: ShareableDirectiveResolver<any, any, ContextType>;
  federation__inaccessible?: Federation__InaccessibleDirectiveResolver<any, any, ContextType>;
  federation__override?: Federation__OverrideDirectiveResolver<any, any, ContextType>;
  federation__composeDirective?: Federation__ComposeDirectiveDirectiveResolver<any, any, ContextType>;
  federation__interfaceObject?: Federation__InterfaceObjectDirectiveResolver<any, any, ContextType>;
  federation__authenticated?: Federation__AuthenticatedDirectiveResolver<any, any, ContextType>;
  federation__requiresScopes?: Federation__RequiresScopesDirectiveResolver<any, any, ContextType>;
  federation__policy?: Federation__PolicyDirectiveResolver<any, any, ContextType>;
  federation__context?: Federation__ContextDirectiveResolver<any, any, ContextType>;
  federation__fromContext?: Federation__FromContextDirectiveResolver<any, any, ContextType>;
  federation__cost?: Federation__CostDirectiveResolver<any, any, ContextType>;
  federation__listSize?: Federation__ListSizeDirectiveResolver<any, any, ContextType>;
};
export type _Service = { sdl?: Maybe<string> };
export type Query_EntitiesArgs = { representations: ReadonlyArray<Record<string, unknown>> };
