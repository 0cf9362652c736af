import { createPostgresBackend, type Job, Queue, type QueueOptions, runMigrations, UnrecoverableError, Worker, withBackend } from 'bullmq';
import pg from 'pg';
import { surviveLosses } from './database.ts';
import type { Log } from './log.ts';

export interface JobToAdd {
  name: string;
  /** The same id twice is one job. */
  id: string;
  data: unknown;
}

export interface JobAtHand {
  name: string;
  id: string;
  data: unknown;
  attempt: number;
}

/** BullMQ on Redis where there is one, else on PostgreSQL: the same queues, workers and guarantees. */
export interface Jobs {
  add(queue: string, jobs: readonly JobToAdd[]): Promise<void>;
  /** Runs the queue's jobs here. A handler that throws is tried again with growing pauses, unless it throws `stopTrying(…)`. */
  work(queue: string, handler: (job: JobAtHand) => Promise<void>, options?: { concurrency?: number }): void;
  counts(queue: string): Promise<{ waiting: number; active: number; completed: number; failed: number; delayed: number }>;
  /** Finishes what is running, takes nothing new. May be called again. */
  close(): Promise<void>;
}

/** A failure that trying again cannot mend. */
export function stopTrying(cause: unknown): Error {
  return new UnrecoverableError(cause instanceof Error ? cause.message : String(cause));
}

const JOB_OPTIONS = {
  attempts: 12,
  backoff: { type: 'exponential', delay: 250, jitter: 0.5 },
  removeOnComplete: { age: 3_600, count: 5_000 },
  removeOnFail: { age: 30 * 86_400 },
} as const;
/** A worker that died gives its jobs back within LOCK_MS + STALLED_CHECK_MS (the default is a minute and a half). */
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 2_500;
const BULLMQ_SCHEMA = 'bullmq';

export async function createJobs(options: { redisUrl?: string | undefined; databaseUrl: string; log: Log; prefix?: string }): Promise<Jobs> {
  const backend = options.redisUrl === undefined ? await openPostgresBackend(options.databaseUrl, options.log) : openRedisBackend(options.redisUrl);
  const base: QueueOptions = { connection: backend.connection as never, ...(options.prefix === undefined ? {} : { prefix: options.prefix }) };
  const queues = new Map<string, Queue>();
  const workers: Worker[] = [];
  const warn = (err: Error): void => options.log.warn({ err }, 'the job queue lost its connection');

  let closing: Promise<void> | null = null;
  const adding = new Set<Promise<unknown>>();

  async function closeQueues(): Promise<void> {
    await Promise.all(workers.map((worker) => worker.close()));
    // BullMQ never answers who adds to a queue that is closed meanwhile.
    await Promise.allSettled(adding);
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    await backend.close();
  }

  function queueOf(name: string): Queue {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = new backend.QueueClass(name, { ...base, defaultJobOptions: JOB_OPTIONS });
    queue.on('error', warn);
    queues.set(name, queue);
    return queue;
  }

  return {
    async add(name, jobs) {
      if (jobs.length === 0) return;
      if (closing !== null) throw new Error('the queues are closed');
      const added = queueOf(name).addBulk(jobs.map((job) => ({ name: job.name, data: job.data, opts: { jobId: job.id } })));
      adding.add(added);
      await added.finally(() => adding.delete(added));
    },
    work(name, handler, { concurrency = 4 } = {}) {
      const run = (job: Job): Promise<void> => handler({ name: job.name, id: job.id ?? '', data: job.data as unknown, attempt: job.attemptsMade + 1 });
      const worker = new backend.WorkerClass(name, run, { ...base, concurrency, lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS, maxStalledCount: 5 });
      worker.on('error', warn);
      worker.on('failed', (job, err) => options.log.warn({ err, queue: name, job: job?.id, attempt: job?.attemptsMade }, 'a job failed'));
      workers.push(worker);
    },
    async counts(name) {
      const { waiting = 0, active = 0, completed = 0, failed = 0, delayed = 0 } = await queueOf(name).getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed');
      return { waiting, active, completed, failed, delayed };
    },
    close() {
      closing ??= closeQueues();
      return closing;
    },
  };
}

interface Backend {
  connection: unknown;
  QueueClass: typeof Queue;
  WorkerClass: typeof Worker;
  close(): Promise<void>;
}

async function openPostgresBackend(url: string, log: Log): Promise<Backend> {
  const setup = new pg.Client({ connectionString: url });
  await setup.connect();
  try {
    await runMigrations(setup, BULLMQ_SCHEMA);
  } finally {
    await setup.end();
  }
  const pool = new pg.Pool({ connectionString: url, max: 16, options: `-c search_path=${BULLMQ_SCHEMA},public`, keepAlive: true, application_name: 'iotistic-jobs' });
  pool.setMaxListeners(100);
  surviveLosses(pool, log);
  const classes = withBackend(createPostgresBackend);
  return { connection: pool, QueueClass: classes.Queue as unknown as typeof Queue, WorkerClass: classes.Worker as unknown as typeof Worker, close: () => pool.end() };
}

function openRedisBackend(url: string): Backend {
  return { connection: { url, maxRetriesPerRequest: null }, QueueClass: Queue, WorkerClass: Worker, close: () => Promise.resolve() };
}
