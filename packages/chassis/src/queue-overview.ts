import type { Queue } from 'bullmq';

export interface JobCounts {
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  delayed: number;
}

/** BullMQ's own, for a board that shows it and lets an operator change it. */
export type BoardQueue = Queue;

/** What an operator sees of the queues: all that there are in the backend, whichever process works them. */
export interface QueueOverview {
  /** Sorted. @throws AppError QUEUES_UNAVAILABLE when the backend does not answer. */
  names(): Promise<string[]>;
  /** @throws AppError QUEUES_UNAVAILABLE */
  counts(queue: string): Promise<JobCounts>;
  boardQueue(queue: string): BoardQueue;
}
