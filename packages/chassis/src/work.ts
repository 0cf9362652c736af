import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { Jobs } from './jobs.ts';
import { currentRequestId } from './log.ts';
import { runJob } from './run-job.ts';
import { currentTraceparent } from './tracing.ts';

/** One kind of work that a subgraph does beside its requests, one job at a time for each of `concurrency` (4). */
export interface WorkKind {
  concurrency?: number;
  /** Must bear a repeat: it may die after it was done. What it needs, it parses. */
  run(data: unknown): Promise<void>;
}

/** Hands out work. The rows are the truth: a queue may be lost, and a schedule adds anew what its rows say is not done. */
export interface Work {
  /**
   * @param id the same id twice is one job. It stays taken when the job is done, for an hour or so: who wants the work
   * done once more takes a fresh one. No colons.
   * @throws Error when the queue does not take it.
   */
  add(name: string, id: string, data: unknown): Promise<void>;
}

/** What a job of it carries. */
interface WorkEnvelope {
  requestId: string;
  /** W3C, of the trace that it is part of; missing in one of an earlier version. */
  traceparent?: string | null;
  data: unknown;
}

const DEADLINE_MS = 120_000;

/** Each kind has a queue of its own, so that a thousand jobs of one do not stand before the first of another. */
export function workQueueOf(subgraph: SubgraphName, name: string): string {
  return `${subgraph}-work-${name}`;
}

export function createWork(options: { subgraph: SubgraphName; jobs: Jobs }): Work & { start(kinds: Readonly<Record<string, WorkKind>>): void } {
  const { subgraph, jobs } = options;
  const known = new Set<string>();
  return {
    async add(name, id, data) {
      if (!known.has(name)) throw new Error(`${subgraph} has no work of the name ${name}`);
      const envelope: WorkEnvelope = { requestId: currentRequestId() ?? newId('req'), traceparent: currentTraceparent(), data };
      await jobs.add(workQueueOf(subgraph, name), [{ name, id, data: envelope }]);
    },
    start(kinds) {
      for (const [name, kind] of Object.entries(kinds)) {
        known.add(name);
        const run = ({ requestId, traceparent, data }: WorkEnvelope, attempt: number): Promise<void> => runJob({ name, requestId, deadlineMs: DEADLINE_MS, scope: subgraph, traceparent, attempt }, () => kind.run(data));
        jobs.work(workQueueOf(subgraph, name), (job) => run(job.data as WorkEnvelope, job.attempt), kind.concurrency === undefined ? {} : { concurrency: kind.concurrency });
      }
    },
  };
}
