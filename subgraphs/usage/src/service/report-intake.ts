import type { UsageApp } from '../app.ts';
import type { Submission } from '../domain/fates.ts';
import { CommitGroup } from './commit-group.ts';
import { type RecordedCall, recordReports } from './record-reports.ts';

/** Where all calls of reportUsage of this process meet, to share transactions. */
export type ReportIntake = CommitGroup<Submission, RecordedCall>;

/** The second is built while the first waits for the disk. */
const MAX_IN_FLIGHT = 2;

export function openIntake(app: Pick<UsageApp, 'db' | 'clock' | 'live' | 'metrics' | 'config' | 'partitions' | 'measuring'>): ReportIntake {
  return new CommitGroup({
    commit: (submissions: readonly Submission[]) => recordReports(app, submissions),
    weigh: (submission) => submission.reports.length + submission.rejected.length,
    maxGroupWeight: app.config.USAGE_MAX_REPORTS_PER_COMMIT,
    maxWaitingWeight: app.config.USAGE_MAX_WAITING_REPORTS,
    maxInFlight: MAX_IN_FLIGHT,
  });
}
