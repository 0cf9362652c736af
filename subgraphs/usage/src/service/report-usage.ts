import { currentTraceparent } from '@iotistic/chassis/tracing';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import { receiptOf } from '@iotistic/contracts/receipt';
import type { UsageApp } from '../app.ts';
import type { Submission } from '../domain/fates.ts';
import { checkInstanceName } from '../domain/instance-name.ts';
import { type Report, type ReportInput, toReport } from '../domain/report.ts';
import { isSequence, judgeReport, reject, type Rejection } from '../domain/verdict.ts';
import { type ReportRow, reportRowOf } from '../repository/reports.ts';
import type { RecordedCall } from './record-reports.ts';

export interface ReportUsageInput {
  readonly instance: string;
  readonly reports: readonly ReportInput[];
}

export interface ReportedUsage {
  /** With those that are late. */
  accepted: number;
  late: number;
  duplicates: number;
  rejected: readonly Rejection[];
  latest(): Promise<ReportRow | null>;
  receipt(): string;
}

const MAX_REPORTS = 1_000;

/**
 * Takes what an instance measured: durable once this answers. The same report again is a duplicate and changes nothing; a
 * bad one is refused alone.
 * @throws AppError INVALID_INPUT: INVALID_REPORT_COUNT, INVALID_NAME. LIMIT_EXCEEDED: RATE_LIMITED (with
 * retryAfterSeconds), TOO_MANY_INSTANCES. UNAVAILABLE: nothing is known to be stored, send it again.
 */
export function reportUsage(app: Pick<UsageApp, 'clock' | 'intake' | 'loaders' | 'callLimits'>, caller: Caller, requestId: string, input: ReportUsageInput): Promise<ReportedUsage> {
  if (caller.kind !== 'instance') throw new AppError('FORBIDDEN', 'INSTANCE_ONLY');
  if (input.reports.length < 1 || input.reports.length > MAX_REPORTS) throw new AppError('INVALID_INPUT', 'INVALID_REPORT_COUNT');
  checkInstanceName(input.instance);
  const admission = app.callLimits.admit(caller.customerId, input.instance);
  const report = (): Promise<ReportedUsage> => reportAll(app, caller.customerId, requestId, input);
  // Known instances are let through at once: each promise on this way is paid for by every report.
  return admission === undefined ? report() : admission.then(report);
}

/** Takes reports of an instance that was found to be this customer's. Any number may be none of them good. */
export async function reportAll(app: Pick<UsageApp, 'clock' | 'intake' | 'loaders'>, customerId: string, requestId: string | null, input: ReportUsageInput): Promise<ReportedUsage> {
  const submission = toSubmission(customerId, requestId, input, app.clock.now().getTime());
  return toPayload(app, submission, await app.intake.submit(submission), input.reports);
}

function toSubmission(customerId: string, requestId: string | null, input: ReportUsageInput, nowMs: number): Submission {
  const reports: Report[] = [];
  const rejected: Rejection[] = [];
  const arrived: number[] = [];
  for (const report of input.reports) {
    const reason = judgeReport(report, nowMs);
    if (reason === null) reports.push(toReport(report));
    else rejected.push(reject(report.reportId, reason));
    if (isSequence(report.sequence)) arrived.push(report.sequence);
  }
  return { customerId, instanceId: instanceId(customerId, input.instance), instanceName: input.instance, requestId, traceparent: currentTraceparent(), reports, rejected, arrived };
}

/** The last report is told without reading it, unless it was stored by an earlier call. */
function toPayload(app: Pick<UsageApp, 'loaders'>, submission: Submission, { accepted, late, duplicates, rejected, latest, receivedAt }: RecordedCall, reports: readonly ReportInput[]): ReportedUsage {
  return {
    accepted: accepted + late,
    late,
    duplicates,
    rejected,
    receipt: () => receiptOf(reports.map(({ reportId }) => reportId)),
    latest() {
      if (latest === null) return Promise.resolve(null);
      return latest.isNew ? Promise.resolve(reportRowOf(latest, submission, receivedAt)) : app.loaders.report.load(latest.id);
    },
  };
}
