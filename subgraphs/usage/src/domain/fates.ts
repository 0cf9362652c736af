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
  reports: readonly Report[];
  rejected: readonly Rejection[];
  /** The sequence numbers of the call, of reports that are refused too: they have arrived. */
  arrived: readonly number[];
}

/** What one call is answered. `latest` is its last report by time, stored now or earlier. */
export interface Outcome {
  accepted: number;
  duplicates: number;
  rejected: readonly Rejection[];
  latest: { id: string; report: Report; isNew: boolean } | null;
}

export interface NewReport {
  id: string;
  instanceNo: number;
  customerId: string;
  report: Report;
}

export interface RollupDelta {
  instanceNo: number;
  /** The start of an hour, or of a period that began within it. */
  hourMs: number;
  reports: number;
  /** In the order of METERS. */
  values: number[];
}

/** An instance that is known: its short number, and where its customer's periods began. */
export interface KnownInstance {
  no: number;
  boundaries: readonly number[];
}

export interface InstanceDelta {
  instanceNo: number;
  accepted: number;
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
}

/** The key of a report among those of all instances. */
export function keyOf(instanceNo: number, uuid: string): string {
  return `${instanceNo}/${uuid}`;
}

/**
 * Gives each report of the calls its one fate: a key that is new is accepted and counted, the same key with the same digest
 * is a duplicate, with another it is refused. Each report of each call ends up in exactly one of the three.
 * @param digests of the keys that are stored already; what is accepted here is added.
 */
export function decideFates(submissions: readonly Submission[], known: ReadonlyMap<string, KnownInstance>, digests: Map<string, number>): Decision {
  const reports: NewReport[] = [];
  const rollups = new Map<string, RollupDelta>();
  const instances = new Map<number, InstanceDelta>();
  const outcomes = submissions.map((submission) => {
    const instance = known.get(submission.instanceId);
    if (instance === undefined) throw new Error('an instance of the call was not registered');
    const { no: instanceNo, boundaries } = instance;
    const fresh: NewReport[] = [];
    const outcome = decideCall(submission, instanceNo, digests, fresh);
    reports.push(...fresh);
    for (const { report } of fresh) addToRollup(rollups, instanceNo, boundaries, report);
    addToInstance(instances, instanceNo, outcome, fresh).arrived.push(...submission.arrived);
    return outcome;
  });
  return { outcomes, reports, rollups: [...rollups.values()], instances: [...instances.values()] };
}

function decideCall(submission: Submission, instanceNo: number, digests: Map<string, number>, fresh: NewReport[]): Outcome {
  const { customerId, instanceId } = submission;
  const conflicts: Rejection[] = [];
  let last: { report: Report; isNew: boolean } | null = null;
  let duplicates = 0;
  for (const report of submission.reports) {
    const key = keyOf(instanceNo, report.uuid);
    const stored = digests.get(key);
    if (stored !== undefined && stored !== report.digest) {
      conflicts.push(reject(report.reportId, 'CONFLICTING_DUPLICATE'));
      continue;
    }
    if (stored === undefined) {
      digests.set(key, report.digest);
      fresh.push({ id: reportIdOf(instanceId, report), instanceNo, customerId, report });
    } else {
      duplicates += 1;
    }
    // A report that is repeated within its own call was new once in it.
    if (last === null || report.endMs > last.report.endMs) last = { report, isNew: stored === undefined };
  }
  const latest = last === null ? null : { id: reportIdOf(instanceId, last.report), ...last };
  return { accepted: fresh.length, duplicates, rejected: conflicts.length === 0 ? submission.rejected : [...submission.rejected, ...conflicts], latest };
}

function addToRollup(rollups: Map<string, RollupDelta>, instanceNo: number, boundaries: readonly number[], report: Report): void {
  const hourMs = bucketOf(report.endMs, boundaries);
  const key = `${instanceNo}/${hourMs}`;
  const values = meterValues(report.counts);
  const known = rollups.get(key);
  if (known === undefined) {
    rollups.set(key, { instanceNo, hourMs, reports: 1, values });
    return;
  }
  known.reports += 1;
  METERS.forEach((meter, index) => {
    known.values[index] = mergeValues(meter, known.values[index] ?? 0, values[index] ?? 0);
  });
}

function addToInstance(instances: Map<number, InstanceDelta>, instanceNo: number, outcome: Outcome, fresh: readonly NewReport[]): InstanceDelta {
  const delta = instances.get(instanceNo) ?? { instanceNo, accepted: 0, duplicates: 0, rejected: 0, lastSequence: null, arrived: [], latestReportId: null };
  instances.set(instanceNo, delta);
  delta.accepted = addCounts(delta.accepted, outcome.accepted);
  delta.duplicates = addCounts(delta.duplicates, outcome.duplicates);
  delta.rejected = addCounts(delta.rejected, outcome.rejected.length);
  for (const { id, report } of fresh) {
    if (report.sequence !== null) delta.lastSequence = Math.max(delta.lastSequence ?? 0, report.sequence);
    if (delta.latestReportId === null || id > delta.latestReportId) delta.latestReportId = id;
  }
  return delta;
}
