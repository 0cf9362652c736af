import type { Jobs } from './jobs.ts';
import type { Metrics } from './metrics.ts';

export type JobOutcome = 'completed' | 'retried' | 'failed';

/** What is counted of jobs, by queue. */
export interface JobMetrics {
  /** Begins to show the depth of a queue that is worked on here. */
  watch(queue: string): void;
  ended(queue: string, outcome: JobOutcome, startedAtMs: number): void;
  stalled(queue: string): void;
}

const STATES = ['waiting', 'active', 'delayed', 'failed', 'completed'] as const;
const OUTCOMES: readonly JobOutcome[] = ['completed', 'retried', 'failed'];
/** Jobs wait for others outside: seconds are nothing unusual. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

const NONE: JobMetrics = { watch: () => {}, ended: () => {}, stalled: () => {} };

export function createJobMetrics(metrics: Metrics | undefined, counts: Jobs['counts']): JobMetrics {
  if (metrics === undefined) return NONE;
  const depth = metrics.gauge('iotistic_queue_jobs', 'Jobs of a queue, by state', ['queue', 'state']);
  const ended = metrics.counter('iotistic_jobs_total', 'Runs of jobs, by how they ended: completed, to be retried, or failed for good', ['queue', 'outcome']);
  const seconds = metrics.histogram('iotistic_job_seconds', 'Duration of runs of jobs', ['queue'], BUCKETS_SECONDS);
  const stalled = metrics.counter('iotistic_jobs_stalled_total', 'Jobs that were taken from a worker that had stopped', ['queue']);
  return {
    watch(queue) {
      for (const outcome of OUTCOMES) ended.inc({ queue, outcome }, 0);
      for (const state of STATES) depth.set({ queue, state }, 0);
      stalled.inc({ queue }, 0);
      metrics.onScrape(`queue ${queue}`, async () => {
        const found = await counts(queue);
        for (const state of STATES) depth.set({ queue, state }, found[state]);
      });
    },
    ended(queue, outcome, startedAtMs) {
      ended.inc({ queue, outcome });
      seconds.observe({ queue }, (performance.now() - startedAtMs) / 1000);
    },
    stalled: (queue) => stalled.inc({ queue }),
  };
}
