import { countsOf, type ReportInput } from './report.ts';

export type RejectionReason = 'INVALID_REPORT_ID' | 'INVALID_INTERVAL' | 'INTERVAL_IN_FUTURE' | 'TOO_OLD' | 'INTERVAL_TOO_LONG' | 'NEGATIVE' | 'TOO_LARGE' | 'INVALID_SEQUENCE' | 'INVALID_PREVIOUS_HASH' | 'CONFLICTING_DUPLICATE';

export interface Rejection {
  reportId: string;
  reason: RejectionReason;
  message: string;
}

/** What is told with each reason: it says what would have been accepted. */
const MESSAGES: Record<RejectionReason, string> = {
  INVALID_REPORT_ID: 'A reportId has 1 to 128 visible ASCII characters.',
  INVALID_INTERVAL: 'intervalStart lies before intervalEnd.',
  INTERVAL_IN_FUTURE: 'intervalEnd lies at most 5 minutes ahead of our clock.',
  TOO_OLD: 'intervalEnd lies at most 400 days back.',
  INTERVAL_TOO_LONG: 'An interval is at most 31 days long.',
  NEGATIVE: 'No number is below 0.',
  TOO_LARGE: 'No number is above 10^15.',
  INVALID_SEQUENCE: 'sequence is 0 to 10^15.',
  INVALID_PREVIOUS_HASH: 'previousHash has 32 hex digits, in lower case.',
  CONFLICTING_DUPLICATE: 'A report with this reportId and other numbers was accepted before.',
};

const DAY_MS = 86_400_000;
export const MAX_AHEAD_MS = 5 * 60_000;
export const MAX_AGE_MS = 400 * DAY_MS;
export const MAX_LENGTH_MS = 31 * DAY_MS;
export const MAX_COUNT = 1e15;

const REPORT_ID = /^[\x21-\x7e]{1,128}$/;

export function reject(reportId: string, reason: RejectionReason): Rejection {
  return { reportId, reason, message: MESSAGES[reason] };
}

/** Why the report is refused, judged by itself; null for a good one. Written out by hand: it runs for every report there is. */
export function judgeReport(report: ReportInput, nowMs: number): RejectionReason | null {
  if (!REPORT_ID.test(report.reportId)) return 'INVALID_REPORT_ID';
  return judgeInterval(report.intervalStart.getTime(), report.intervalEnd.getTime(), nowMs) ?? judgeCounts(report) ?? judgeSequence(report.sequence) ?? judgePreviousHash(report.previousHash);
}

function judgeInterval(startMs: number, endMs: number, nowMs: number): RejectionReason | null {
  // Written so that a time that is no time (NaN) is refused as well.
  if (!(endMs > startMs)) return 'INVALID_INTERVAL';
  if (endMs > nowMs + MAX_AHEAD_MS) return 'INTERVAL_IN_FUTURE';
  if (endMs < nowMs - MAX_AGE_MS) return 'TOO_OLD';
  return endMs - startMs > MAX_LENGTH_MS ? 'INTERVAL_TOO_LONG' : null;
}

function judgeCounts(report: ReportInput): RejectionReason | null {
  let reason: RejectionReason | null = null;
  for (const count of countsOf(report)) {
    if (count < 0) return 'NEGATIVE';
    if (count > MAX_COUNT) reason = 'TOO_LARGE';
  }
  return reason;
}

function judgeSequence(sequence: number | null | undefined): RejectionReason | null {
  return sequence !== null && sequence !== undefined && !isSequence(sequence) ? 'INVALID_SEQUENCE' : null;
}

const PREVIOUS_HASH = /^[0-9a-f]{32}$/;

function judgePreviousHash(hash: string | null | undefined): RejectionReason | null {
  return hash !== null && hash !== undefined && !PREVIOUS_HASH.test(hash) ? 'INVALID_PREVIOUS_HASH' : null;
}

/** Whether it counts reports: not one that is missing, or beyond all counting. */
export function isSequence(sequence: number | null | undefined): sequence is number {
  return sequence !== null && sequence !== undefined && sequence >= 0 && sequence <= MAX_COUNT;
}
