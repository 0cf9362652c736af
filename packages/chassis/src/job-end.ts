import { withDeadline } from './deadline.ts';

const END_WORKERS_WITHIN_MS = 5_000;
const END_QUEUES_WITHIN_MS = 1_000;

interface Closable {
  close(): Promise<unknown>;
}

/** How the queues of a process end. */
export interface JobsEnd {
  isClosed(): boolean;
  stopWorking(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Ends workers, then what adds, then the rest, each within its time: BullMQ waits for a Redis that is away as long as it takes, and whoever
 * ends does not. A job that takes longer is another worker's when its lock is over.
 */
export function endOfJobs(parts: { workers: Closable; queues: Closable; backend: Closable; adding: ReadonlySet<Promise<unknown>>; closing: AbortController; warn: (error: Error) => void }): JobsEnd {
  let stopped: Promise<void> | null = null;
  let closed: Promise<void> | null = null;

  async function within(deadlineMs: number, what: string, work: Promise<unknown>): Promise<void> {
    await withDeadline(work, deadlineMs, `${what} did not end within ${deadlineMs} ms`).catch(parts.warn);
  }

  function stopWorking(): Promise<void> {
    parts.closing.abort();
    stopped ??= within(END_WORKERS_WITHIN_MS, 'the workers', parts.workers.close());
    return stopped;
  }

  async function closeAll(): Promise<void> {
    await stopWorking();
    await within(END_QUEUES_WITHIN_MS, 'what was being added', Promise.allSettled(parts.adding));
    await within(END_QUEUES_WITHIN_MS, 'the queues', parts.queues.close());
    await within(END_QUEUES_WITHIN_MS, 'their connections', parts.backend.close());
  }

  return {
    isClosed: () => closed !== null,
    stopWorking,
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
