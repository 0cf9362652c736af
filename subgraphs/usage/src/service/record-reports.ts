import type { Tx } from '@iotistic/chassis/database';
import { withRequestId } from '@iotistic/chassis/log';
import { publish } from '@iotistic/chassis/outbox';
import { inSpan, isTracing, withTraceparent } from '@iotistic/chassis/tracing';
import { newId } from '@iotistic/contracts/ids';
import type { UsageApp } from '../app.ts';
import { type Decision, decideFates, type Outcome, type Submission } from '../domain/fates.ts';
import { insertInstances, type LockedInstance, lockInstances } from '../repository/instances.ts';
import { findDigests, writeDecision } from '../repository/intake-writes.ts';
import type { UsageTables } from '../repository/tables.ts';
import { announceReports } from './announce-reports.ts';
import type { IntakeMetrics } from './intake-metrics.ts';

export interface RecordedCall extends Outcome {
  receivedAt: Date;
}

type Recorder = Pick<UsageApp, 'db' | 'clock' | 'live' | 'partitions' | 'measuring'> & { intakeMetrics: IntakeMetrics };

const NO_PARTITION = '23514';
const DAY_MS = 86_400_000;

/**
 * Commits the reports of many calls in one transaction: who is new, which keys are known, the fate of each report, then keys,
 * reports, rollups, intake counters and events. Answers each call in their order. All or nothing.
 */
export function recordReports(app: Recorder, submissions: readonly Submission[]): Promise<RecordedCall[]> {
  const traced = isTracing() ? submissions.flatMap(({ traceparent }) => traceparent ?? []) : [];
  if (traced.length === 0) return recordAll(app, submissions);
  // One transaction is part of many traces: it stands in that of the first, and points to the others.
  return inSpan('usage', 'commit reports', () => recordAll(app, submissions), { parent: traced[0], links: traced.slice(1), attributes: { 'iotistic.calls': submissions.length } });
}

async function recordAll(app: Recorder, submissions: readonly Submission[]): Promise<RecordedCall[]> {
  const startedAtMs = performance.now();
  const receivedAt = app.clock.now();
  app.measuring.expect(submissions);
  const decision = await commitReports(app, submissions, receivedAt).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== NO_PARTITION) throw error;
    // Retention took a month that this process took for known.
    app.partitions.forget();
    return commitReports(app, submissions, receivedAt);
  });
  app.intakeMetrics.committed(decision.outcomes, startedAtMs);
  announceReports(app.live, decision.reports);
  if (decision.reports.length > 0) app.measuring.wake();
  return decision.outcomes.map((outcome) => ({ ...outcome, receivedAt }));
}

/** One time of each day that a report ends in: few, however many reports there are. */
function daysOf(submissions: readonly Submission[]): number[] {
  const days = new Set<number>();
  for (const { reports } of submissions) for (const { endMs } of reports) days.add(Math.floor(endMs / DAY_MS));
  return [...days].map((day) => day * DAY_MS);
}

async function commitReports(app: Recorder, submissions: readonly Submission[], receivedAt: Date): Promise<Decision> {
  await app.partitions.ensure(daysOf(submissions));
  return app.db.transaction().execute(async (tx) => {
    const instances = await lockAll(tx, submissions, receivedAt);
    const known = new Map(instances.map((instance) => [instance.id, instance]));
    const decision = decideFates(submissions, known, await findDigests(tx, submissions, known));
    await writeDecision(tx, decision, receivedAt);
    await publishFirstReports(tx, submissions, instances, receivedAt);
    return decision;
  });
}

async function lockAll(tx: Tx<UsageTables>, submissions: readonly Submission[], at: Date): Promise<LockedInstance[]> {
  const named = new Map(submissions.map((submission) => [submission.instanceId, submission]));
  const ids = [...named.keys()];
  const found = await lockInstances(tx, ids);
  if (found.length === ids.length) return found;
  const known = new Set(found.map((instance) => instance.id));
  const unknown = [...named.values()].filter((submission) => !known.has(submission.instanceId));
  await insertInstances(tx, unknown.map(({ instanceId, customerId, instanceName }) => ({ id: instanceId, customerId, name: instanceName })), at);
  return lockInstances(tx, ids);
}

async function publishFirstReports(tx: Tx<UsageTables>, submissions: readonly Submission[], instances: readonly LockedInstance[], at: Date): Promise<void> {
  const silent = new Set(instances.filter((instance) => !instance.hasReported).map((instance) => instance.id));
  for (const { customerId, instanceId, instanceName: name, requestId, traceparent } of submissions) {
    if (!silent.delete(instanceId)) continue;
    await withTraceparent(traceparent, () => withRequestId(requestId ?? newId('req'), () => publish(tx, 'usage', 'instance.reported', { customerId, instanceId, name, at: at.toISOString() }, at)));
  }
}
