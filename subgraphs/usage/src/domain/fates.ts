import { METERS } from '@iotistic/contracts/events';
import { addCounts, mergeValues, meterValues } from './meters.ts';
import { bucketOf } from './quantities.ts';
import { type Report, reportIdOf } from './report.ts';
import { reject, type Rejection } from './verdict.ts';

/** One call of reportUsage: the reports that are good by themselves, and those that are not. */
export interface Submission {
  customerId: string;
  instanceId: string;
  instanceName: string;
  requestId: string | null;
  /** W3C, of the trace that the call is part of. */
  traceparent: string | null;
  reports: readonly Report[];
  rejected: readonly Rejection[];
  /** The sequence numbers of the call, of reports that are refused too: they have arrived. */
  arrived: readonly number[];
}

/** What one call is answered. `latest` is its last report by time, stored now or earlier. */
export interface Outcome {
  /** Without those that are late. */
  accepted: number;
  late: number;
  duplicates: number;
  rejected: readonly Rejection[];
  latest: { id: string; report: Report; isNew: boolean; isLate: boolean } | null;
}

export interface NewReport {
  id: string;
  instanceNo: number;
  customerId: string;
  report: Report;
  isLate: boolean;
}

export interface RollupDelta {
  instanceNo: number;
  /** The start of an hour, or of a period that began within it. */
  hourMs: number;
  reports: number;
  /** In the order of METERS. */
  values: number[];
}

/** An instance that is known: its short number, and what holds for its customer's reports. */
export interface KnownInstance {
  no: number;
  /** Where periods began within an hour. Milliseconds. */
  boundaries: readonly number[];
  /** What of the customer's time is invoiced: what ends in it comes too late for its own invoice. null before the first invoice. */
  invoiced: { fromMs: number; untilMs: number } | null;
}

export interface InstanceDelta {
  instanceNo: number;
  accepted: number;
  late: number;
  duplicates: number;
  rejected: number;
  lastSequence: number | null;
  arrived: number[];
  /** Ids sort by the interval's end. */
  latestReportId: string | null;
}

/** All that a group of calls comes to: the answers, and the rows to write. */
export interface Decision {
  outcomes: Outcome[];
  reports: NewReport[];
  rollups: RollupDelta[];
  instances: InstanceDelta[];
  /** By customer the earliest hour that changed. Milliseconds. */
  changed: Map<string, number>;
}

/** The key of a report among those of all instances. */
export function keyOf(instanceNo: number, uuid: string): string {
  return `${instanceNo}/${uuid}`;
}

/**
 * Gives each report of the calls its one fate: a key that is new is accepted and counted, and is late where its period is
 * invoiced; the same key with the same digest is a duplicate, with another it is refused. Each report of each call ends up in
 * exactly one of these.
 * @param digests of the keys that are stored already; what is accepted here is added.
 */
export function decideFates(submissions: readonly Submission[], known: ReadonlyMap<string, KnownInstance>, digests: Map<string, number>): Decision {
  const reports: NewReport[] = [];
  const rollups = new Map<string, RollupDelta>();
  const instances = new Map<number, InstanceDelta>();
  const changed = new Map<string, number>();
  const outcomes = submissions.map((submission) => {
    const instance = known.get(submission.instanceId);
    if (instance === undefined) throw new Error('an instance of the call was not registered');
    const fresh: NewReport[] = [];
    const outcome = decideCall(submission, instance, digests, fresh);
    reports.push(...fresh);
    for (const { customerId, report } of fresh) {
      const hourMs = addToRollup(rollups, instance, report);
      changed.set(customerId, Math.min(changed.get(customerId) ?? hourMs, hourMs));
    }
    addToInstance(instances, instance.no, outcome, fresh).arrived.push(...submission.arrived);
    return outcome;
  });
  return { outcomes, reports, rollups: [...rollups.values()], instances: [...instances.values()], changed };
}

function decideCall(submission: Submission, { no: instanceNo, invoiced }: KnownInstance, digests: Map<string, number>, fresh: NewReport[]): Outcome {
  const { customerId, instanceId } = submission;
  const conflicts: Rejection[] = [];
  let last: { report: Report; isNew: boolean; isLate: boolean } | null = null;
  let duplicates = 0;
  let late = 0;
  for (const report of submission.reports) {
    const key = keyOf(instanceNo, report.uuid);
    const stored = digests.get(key);
    if (stored !== undefined && stored !== report.digest) {
      conflicts.push(reject(report.reportId, 'CONFLICTING_DUPLICATE'));
      continue;
    }
    const isLate = invoiced !== null && report.endMs > invoiced.fromMs && report.endMs <= invoiced.untilMs;
    if (stored === undefined) {
      digests.set(key, report.digest);
      fresh.push({ id: reportIdOf(instanceId, report), instanceNo, customerId, report, isLate });
      if (isLate) late += 1;
    } else {
      duplicates += 1;
    }
    // A report that is repeated within its own call was new once in it.
    if (last === null || report.endMs > last.report.endMs) last = { report, isNew: stored === undefined, isLate };
  }
  const latest = last === null ? null : { id: reportIdOf(instanceId, last.report), ...last };
  return { accepted: fresh.length - late, late, duplicates, rejected: conflicts.length === 0 ? submission.rejected : [...submission.rejected, ...conflicts], latest };
}

/** @returns the hour that it counts in. */
function addToRollup(rollups: Map<string, RollupDelta>, { no: instanceNo, boundaries }: KnownInstance, report: Report): number {
  const hourMs = bucketOf(report.endMs, boundaries);
  const key = `${instanceNo}/${hourMs}`;
  const values = meterValues(report.counts);
  const known = rollups.get(key);
  if (known === undefined) {
    rollups.set(key, { instanceNo, hourMs, reports: 1, values });
    return hourMs;
  }
  known.reports += 1;
  METERS.forEach((meter, index) => {
    known.values[index] = mergeValues(meter, known.values[index] ?? 0, values[index] ?? 0);
  });
  return hourMs;
}

function addToInstance(instances: Map<number, InstanceDelta>, instanceNo: number, outcome: Outcome, fresh: readonly NewReport[]): InstanceDelta {
  const delta = instances.get(instanceNo) ?? { instanceNo, accepted: 0, late: 0, duplicates: 0, rejected: 0, lastSequence: null, arrived: [], latestReportId: null };
  instances.set(instanceNo, delta);
  delta.accepted = addCounts(delta.accepted, outcome.accepted);
  delta.late = addCounts(delta.late, outcome.late);
  delta.duplicates = addCounts(delta.duplicates, outcome.duplicates);
  delta.rejected = addCounts(delta.rejected, outcome.rejected.length);
  for (const { id, report } of fresh) {
    if (report.sequence !== null) delta.lastSequence = Math.max(delta.lastSequence ?? 0, report.sequence);
    if (delta.latestReportId === null || id > delta.latestReportId) delta.latestReportId = id;
  }
  return delta;
}
