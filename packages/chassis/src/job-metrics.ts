import { type Job, UnrecoverableError } from 'bullmq';
import type { QueueHandles } from './job-handles.ts';
import type { Metrics } from './metrics.ts';

type RunJob = (job: Job) => Promise<void>;

/** What is counted of jobs, by queue. */
export interface JobMetrics {
  /** The same work, counted. From now on the depth of its queue is shown. */
  counted(queue: string, run: RunJob): RunJob;
  stalled(queue: string): void;
}

const STATES = ['waiting', 'active', 'delayed', 'failed', 'completed'] as const;
const OUTCOMES = ['completed', 'retried', 'failed'] as const;
/** Jobs wait for others outside: seconds are nothing unusual. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

const NONE: JobMetrics = { counted: (_queue, run) => run, stalled: () => {} };

export function createJobMetrics(metrics: Metrics | undefined, queues: QueueHandles): JobMetrics {
  if (metrics === undefined) return NONE;
  const depth = metrics.gauge('iotistic_queue_jobs', 'Jobs of a queue, by state', ['queue', 'state']);
  const ended = metrics.counter('iotistic_jobs_total', 'Runs of jobs, by how they ended: completed, to be retried, or failed for good', ['queue', 'outcome']);
  const seconds = metrics.histogram('iotistic_job_seconds', 'Duration of runs of jobs', ['queue'], BUCKETS_SECONDS);
  const stalled = metrics.counter('iotistic_jobs_stalled_total', 'Jobs that were taken from a worker that had stopped', ['queue']);
  const watched = new Set<string>();

  function watch(queue: string): void {
    if (watched.has(queue)) return;
    watched.add(queue);
    for (const outcome of OUTCOMES) ended.inc({ queue, outcome }, 0);
    for (const state of STATES) depth.set({ queue, state }, 0);
    stalled.inc({ queue }, 0);
    seconds.zero({ queue });
    metrics?.onScrape(`queue ${queue}`, async () => {
      const counts = await queues.get(queue).getJobCounts(...STATES);
      for (const state of STATES) depth.set({ queue, state }, counts[state] ?? 0);
    });
  }

  return {
    counted(queue, run) {
      watch(queue);
      return async (job) => {
        const startedAtMs = performance.now();
        let outcome: (typeof OUTCOMES)[number] = 'completed';
        try {
          await run(job);
        } catch (error) {
          outcome = error instanceof UnrecoverableError || job.attemptsMade + 1 >= (job.opts.attempts ?? 1) ? 'failed' : 'retried';
          throw error;
        } finally {
          ended.inc({ queue, outcome });
          seconds.observe({ queue }, (performance.now() - startedAtMs) / 1000);
        }
      };
    },
    stalled: (queue) => stalled.inc({ queue }),
  };
}
