import type { Metrics } from '@iotistic/chassis/metrics';
import type { Outcome } from '../domain/fates.ts';

/** What is counted of the reports that come in. */
export interface IntakeMetrics {
  /** Calls that shared a transaction: what became of their reports. */
  committed(outcomes: readonly Outcome[], startedAtMs: number): void;
}

const FATES = ['accepted', 'late', 'duplicate', 'rejected'] as const;
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

export function createIntakeMetrics(metrics: Metrics): IntakeMetrics {
  const reports = metrics.counter('iotistic_usage_reports_total', 'Usage reports received, by fate', ['fate']);
  const calls = metrics.counter('iotistic_usage_report_calls_total', 'Calls of reportUsage that were committed', []);
  const commits = metrics.counter('iotistic_usage_report_commits_total', 'Transactions that these calls shared', []);
  const sizes = metrics.histogram('iotistic_usage_commit_reports', 'Reports that shared a transaction', [], SIZES);
  const seconds = metrics.histogram('iotistic_usage_commit_seconds', 'Duration of these transactions', []);
  for (const fate of FATES) reports.inc({ fate }, 0);
  return {
    committed(outcomes, startedAtMs) {
      const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + of(outcome), 0);
      const counts = { accepted: sum((outcome) => outcome.accepted), late: sum((outcome) => outcome.late), duplicate: sum((outcome) => outcome.duplicates), rejected: sum((outcome) => outcome.rejected.length) };
      for (const fate of FATES) reports.inc({ fate }, counts[fate]);
      calls.inc(outcomes.length);
      commits.inc();
      sizes.observe(counts.accepted + counts.late + counts.duplicate + counts.rejected);
      seconds.observe((performance.now() - startedAtMs) / 1000);
    },
  };
}

/** Shows how many reports wait for a transaction. @returns what ends it. */
export function watchIntake(metrics: Metrics, lines: Readonly<Record<string, { readonly waitingWeight: number }>>): () => void {
  const waiting = metrics.gauge('iotistic_usage_intake_waiting_reports', 'Reports that wait for a transaction, those of instances that catch up apart', ['line']);
  const show = (): void => {
    for (const [line, { waitingWeight }] of Object.entries(lines)) waiting.set({ line }, waitingWeight);
  };
  show();
  return metrics.onScrape('usage intake', show);
}
