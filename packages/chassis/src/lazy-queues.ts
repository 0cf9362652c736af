import { AppError } from '@iotistic/contracts/errors';
import { createJobs, type Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import type { QueueOverview } from './queue-overview.ts';

/** The queues for a process that only shows them: opened when somebody first looks, and again where that failed. Such a process runs all the same while they are away. */
export function lazyQueues(options: { redisUrl: string | undefined; databaseUrl: string; log: Log }): QueueOverview & { close(): Promise<void> } {
  let opening: Promise<Jobs> | null = null;
  let opened: Jobs | null = null;

  async function open(): Promise<Jobs> {
    opening ??= createJobs(options);
    try {
      opened = await opening;
      return opened;
    } catch (cause) {
      opening = null;
      throw new AppError('UNAVAILABLE', 'QUEUES_UNAVAILABLE', undefined, { cause });
    }
  }

  return {
    names: async () => (await open()).names(),
    counts: async (queue) => (await open()).counts(queue),
    boardQueue(queue) {
      if (opened === null) throw new AppError('UNAVAILABLE', 'QUEUES_UNAVAILABLE');
      return opened.boardQueue(queue);
    },
    close: async () => opening?.then((jobs) => jobs.close()).catch(() => undefined),
  };
}
