import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { JobAtHand, Jobs, JobToAdd } from './jobs.ts';
import { currentRequestId } from './log.ts';
import { runJob } from './run-job.ts';
import { currentTraceparent } from './tracing.ts';

/** One kind of work that a subgraph does beside its requests, one job at a time for each of `concurrency` (4). */
export interface WorkKind {
  concurrency?: number;
  /** What its queue is called, where people know it by a name of its own. */
  queue?: string;
  /** How long a job may take: two minutes, unless it says so. */
  deadlineMs?: number;
  /** How often it is tried, where that is not as often as any other work. */
  retry?: NonNullable<JobToAdd['retry']>;
  /** Must bear a repeat: it may die after it was done. What it needs, it parses. */
  run(data: unknown, job: JobAtHand): Promise<void>;
}

/** Hands out work. The rows are the truth: a queue may be lost, and a schedule adds anew what its rows say is not done. */
export interface Work {
  /**
   * @param id the same id twice is one job. It stays taken when the job is done, for an hour or so: who wants the work
   * done once more takes a fresh one. No colons.
   * @throws Error when the queue does not take it.
   */
  add(name: string, id: string, data: unknown): Promise<void>;
  /** Whether that job waits, is delayed or runs. */
  isPending(name: string, id: string): Promise<boolean>;
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
  const known = new Map<string, WorkKind>();

  function kindOf(name: string): WorkKind & { queue: string } {
    const kind = known.get(name);
    if (kind === undefined) throw new Error(`${subgraph} has no work of the name ${name}`);
    return { ...kind, queue: kind.queue ?? workQueueOf(subgraph, name) };
  }

  return {
    async add(name, id, data) {
      const { queue, retry } = kindOf(name);
      const envelope: WorkEnvelope = { requestId: currentRequestId() ?? newId('req'), traceparent: currentTraceparent(), data };
      await jobs.add(queue, [{ name, id, data: envelope, ...(retry === undefined ? {} : { retry }) }]);
    },
    isPending: async (name, id) => jobs.isPending(kindOf(name).queue, id),
    start(kinds) {
      for (const [name, kind] of Object.entries(kinds)) {
        known.set(name, kind);
        const run = ({ requestId, traceparent, data }: WorkEnvelope, job: JobAtHand): Promise<void> => runJob({ name, requestId, deadlineMs: kind.deadlineMs ?? DEADLINE_MS, scope: subgraph, traceparent, attempt: job.attempt }, () => kind.run(data, job));
        jobs.work(kindOf(name).queue, (job) => run(job.data as WorkEnvelope, job), kind.concurrency === undefined ? {} : { concurrency: kind.concurrency });
      }
    },
  };
}
