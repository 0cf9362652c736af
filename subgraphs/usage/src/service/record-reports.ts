import { inSpan, isTracing } from '@iotistic/chassis/tracing';
import type { UsageApp } from '../app.ts';
import type { Outcome, Submission } from '../domain/fates.ts';
import { announceReports } from './announce-reports.ts';
import { type Committer, commitReports } from './commit-reports.ts';
import type { IntakeMetrics } from './intake-metrics.ts';

export interface RecordedCall extends Outcome {
  receivedAt: Date;
}

type Recorder = Committer & Pick<UsageApp, 'clock' | 'live' | 'measuring'> & { intakeMetrics: IntakeMetrics };

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
  const decision = await commitReports(app, submissions, receivedAt);
  app.intakeMetrics.committed(decision.outcomes, startedAtMs);
  announceReports(app.live, decision.reports);
  if (decision.reports.length > 0) app.measuring.wake();
  return decision.outcomes.map((outcome) => ({ ...outcome, receivedAt }));
}
