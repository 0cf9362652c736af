import { AppError, ERROR_TABLE } from '@iotistic/contracts/errors';
import { isDatabaseUnavailable } from './database.ts';
import { withDeadline } from './deadline.ts';
import { stopTrying } from './jobs.ts';
import { withRequestId } from './log.ts';
import { inSpan, SpanKind } from './tracing.ts';

export interface JobToRun {
  name: string;
  requestId: string;
  deadlineMs: number;
  /** The service that runs it, for traces. */
  scope?: string;
  /** Of what made the job. */
  traceparent?: string | null | undefined;
  attempt?: number;
}

/**
 * Runs the work of a job as part of the request that made it, within its deadline. What fails is tried again, unless its
 * error says that this cannot help.
 */
export function runJob(job: JobToRun, work: () => Promise<unknown>): Promise<void> {
  return withRequestId(job.requestId, () => inSpan(job.scope ?? 'jobs', `job ${job.name}`, () => runInTime(job, work), { kind: SpanKind.CONSUMER, parent: job.traceparent, attributes: { 'messaging.system': 'bullmq', 'iotistic.request_id': job.requestId, 'iotistic.attempt': job.attempt ?? 1 } }));
}

async function runInTime(job: JobToRun, work: () => Promise<unknown>): Promise<void> {
  try {
    await withDeadline(work(), job.deadlineMs, `${job.name} took longer than ${job.deadlineMs} ms`);
  } catch (error) {
    if (error instanceof AppError && !ERROR_TABLE[error.code].retry && !isDatabaseUnavailable(error)) throw stopTrying(error);
    throw error;
  }
}
