import type { Pipeline } from '@iotistic/chassis/pipeline';
import { LRUCache } from 'lru-cache';
import type { UsageApp } from '../app.ts';
import type { Submission } from '../domain/fates.ts';
import { CommitGroup } from './commit-group.ts';
import { createIntakeMetrics, watchIntake } from './intake-metrics.ts';
import { Ordinary } from './ordinary.ts';
import { type RecordedCall, recordReports } from './record-reports.ts';

/** Where all calls of reportUsage of this process meet, to share transactions. */
export interface ReportIntake {
  /** Answers once the call is committed. @throws AppError UNAVAILABLE: OVERLOADED, SHUTTING_DOWN, DATABASE_UNAVAILABLE */
  submit(submission: Submission): Promise<RecordedCall>;
  /** Takes nothing new, and commits what waits. */
  close(): Promise<void>;
}

/** While the database works on one, this process makes up the other. */
const MAX_IN_FLIGHT = 2;
/** Some commits long: one that takes longer waits, for the disk or for whoever holds an instance. */
const PATIENCE_MS = 20;
/** More reports than an instance makes between two calls: a spool that catches up. */
const BACKLOG_REPORTS = 20;
/** A commit of so many takes a tenth of a second; one of them is on its way at a time while others report live. */
const MAX_BACKLOG_REPORTS_PER_COMMIT = 2_000;
const MAX_BACKLOGS_IN_FLIGHT = 3;
const LIVE_FOR_MS = 2_000;
/** Some 20 MB. */
const MAX_KNOWN_INSTANCES = 100_000;
/** Those that both lines may have on their way at once. */
export const INTAKE_CONNECTIONS = MAX_IN_FLIGHT + MAX_BACKLOGS_IN_FLIGHT;

/** Live calls and backlogs have a line each: however many come back after a month, who reports now waits for none of them. */
export function openIntake(app: Pick<UsageApp, 'db' | 'clock' | 'live' | 'metrics' | 'config' | 'partitions' | 'measuring'> & { pipeline: Pipeline }): ReportIntake {
  const { USAGE_MAX_REPORTS_PER_COMMIT: maxGroupWeight, USAGE_MAX_WAITING_REPORTS: maxWaitingWeight } = app.config;
  const weigh = (submission: Submission): number => submission.reports.length + submission.rejected.length;
  const recorder = { ...app, intakeMetrics: createIntakeMetrics(app.metrics), numbers: new LRUCache<string, number>({ max: MAX_KNOWN_INSTANCES }), ordinary: new Ordinary() };
  const commit = (submissions: readonly Submission[]): Promise<RecordedCall[]> => recordReports(recorder, submissions);
  let liveAtMs = Number.NEGATIVE_INFINITY;
  const live = new CommitGroup({ commit, weigh, maxGroupWeight, maxWaitingWeight, maxInFlight: () => MAX_IN_FLIGHT, patienceMs: PATIENCE_MS });
  const backlog = new CommitGroup({
    commit,
    weigh,
    maxGroupWeight: Math.min(maxGroupWeight, MAX_BACKLOG_REPORTS_PER_COMMIT),
    maxWaitingWeight,
    maxInFlight: () => (performance.now() - liveAtMs < LIVE_FOR_MS ? 1 : MAX_BACKLOGS_IN_FLIGHT),
  });
  const stopWatching = watchIntake(app.metrics, { live, backlog });
  return {
    submit(submission) {
      if (weigh(submission) > BACKLOG_REPORTS) return backlog.submit(submission);
      liveAtMs = performance.now();
      return live.submit(submission);
    },
    async close() {
      await Promise.all([live.close(), backlog.close()]);
      stopWatching();
    },
  };
}
