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

/** Work that comes again every so many milliseconds. */
export interface RepeatedJob {
  name: string;
  everyMs: number;
}

/** BullMQ on Redis where there is one, else on PostgreSQL: the same queues, workers and guarantees. */
export interface Jobs {
  add(queue: string, jobs: readonly JobToAdd[]): Promise<void>;
  /** Runs the queue's jobs here. A handler that throws is tried again with growing pauses, unless it throws `stopTrying(…)`. */
  work(queue: string, handler: (job: JobAtHand) => Promise<void>, options?: { concurrency?: number }): void;
  /**
   * Makes these the whole schedule of the queue: what it has besides ends, and one that it has at the same pace keeps its
   * next time. One that is new comes soon, then at its pace as long as its last is done; one that fails is not tried
   * again before its next time. The queue runs one job at a time, over all processes.
   * @returns the names of those that were there already.
   */
  every(queue: string, schedule: readonly RepeatedJob[]): Promise<string[]>;
  counts(queue: string): Promise<{ waiting: number; active: number; completed: number; failed: number; delayed: number }>;
  /** Aborted when closing begins: long work should end early. */
  readonly closing: AbortSignal;
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
const REPEATED_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** A worker that died gives its jobs back within LOCK_MS + STALLED_CHECK_MS (the default is a minute and a half). */
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 2_500;
const BULLMQ_SCHEMA = 'bullmq';
/** On PostgreSQL each worker keeps one to itself, where it is told of new jobs. */
const MAX_CONNECTIONS = 24;
const REOPEN_MS = 500;

export async function createJobs(options: { redisUrl?: string | undefined; databaseUrl: string; log: Log; prefix?: string }): Promise<Jobs> {
  const backend = options.redisUrl === undefined ? await openPostgresBackend(options.databaseUrl, options.log) : openRedisBackend(options.redisUrl);
  const base: QueueOptions = { connection: backend.connection as never, ...(options.prefix === undefined ? {} : { prefix: options.prefix }) };
  return new BullJobs(backend, base, options.log);
}

class BullJobs implements Jobs {
  readonly #backend: Backend;
  readonly #base: QueueOptions;
  readonly #log: Log;
  readonly #queues = new Map<string, Queue>();
  readonly #workers = new Set<Worker>();
  readonly #closing = new AbortController();
  readonly #adding = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(backend: Backend, base: QueueOptions, log: Log) {
    this.#backend = backend;
    this.#base = base;
    this.#log = log;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async add(name: string, jobs: readonly JobToAdd[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#begun(() => this.#queueOf(name).addBulk(jobs.map((job) => ({ name: job.name, data: job.data, opts: { jobId: job.id } }))));
  }

  work(name: string, handler: (job: JobAtHand) => Promise<void>, { concurrency = 4 }: { concurrency?: number } = {}): void {
    const run = (job: Job): Promise<void> => handler({ name: job.name, id: job.id ?? '', data: job.data as unknown, attempt: job.attemptsMade + 1 });
    this.#openWorker(() => {
      const worker = new this.#backend.WorkerClass(name, run, { ...this.#base, concurrency, lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS, maxStalledCount: 5, autorun: false });
      worker.on('error', (err) => this.#warn(err));
      worker.on('failed', (job, err) => this.#log.warn({ err, queue: name, job: job?.id, attempt: job?.attemptsMade }, 'a job failed'));
      return worker;
    });
  }

  every(name: string, schedule: readonly RepeatedJob[]): Promise<string[]> {
    return this.#begun(() => setSchedule(this.#queueOf(name), schedule));
  }

  async counts(name: string): ReturnType<Jobs['counts']> {
    const { waiting = 0, active = 0, completed = 0, failed = 0, delayed = 0 } = await this.#queueOf(name).getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed');
    return { waiting, active, completed, failed, delayed };
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  /** BullMQ never answers who adds to a queue that is closed meanwhile: closing waits for what was begun. */
  async #begun<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) throw new Error('the queues are closed');
    const added = work();
    this.#adding.add(added);
    return added.finally(() => this.#adding.delete(added));
  }

  async #closeAll(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    await Promise.allSettled(this.#adding);
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
    await this.#backend.close();
  }

  #warn(err: Error): void {
    this.#log.warn({ err }, 'the job queue lost its connection');
  }

  #queueOf(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new this.#backend.QueueClass(name, { ...this.#base, defaultJobOptions: JOB_OPTIONS });
    queue.on('error', (err) => this.#warn(err));
    this.#queues.set(name, queue);
    // BullMQ never looks again where its first look at the database failed: the next call takes a fresh one.
    queue.waitUntilReady().catch(() => {
      if (this.#closed !== null) return;
      this.#queues.delete(name);
      queue.close().catch((err: Error) => this.#warn(err));
    });
    return queue;
  }

  /** The same with a worker, which would call in vain as fast as it can: it begins when it has seen the database, else another takes its place. */
  #openWorker(open: () => Worker): void {
    if (this.#closed !== null) return;
    const worker = open();
    this.#workers.add(worker);
    worker.waitUntilReady().then(
      () => worker.run().catch((err: Error) => this.#warn(err)),
      (err: Error) => {
        if (this.#closed !== null) return;
        this.#warn(err);
        this.#workers.delete(worker);
        worker.close(true).catch((failure: Error) => this.#warn(failure));
        setTimeout(() => this.#openWorker(open), REOPEN_MS).unref();
      },
    );
  }
}

/** The next time of one that is there already is left alone: setting it anew would begin it anew. */
async function setSchedule(queue: Queue, schedule: readonly RepeatedJob[]): Promise<string[]> {
  await queue.setGlobalConcurrency(1);
  const known = new Map((await queue.getJobSchedulers()).map(({ key, every }) => [key, Number(every)]));
  const isKept = ({ name, everyMs }: RepeatedJob): boolean => known.get(name) === everyMs;
  for (const job of schedule) if (!isKept(job)) await queue.upsertJobScheduler(job.name, { every: job.everyMs }, { name: job.name, opts: REPEATED_OPTIONS });
  const names = new Set(schedule.map(({ name }) => name));
  for (const name of known.keys()) if (!names.has(name)) await queue.removeJobScheduler(name);
  return schedule.filter(isKept).map(({ name }) => name);
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
  const pool = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS, options: `-c search_path=${BULLMQ_SCHEMA},public`, keepAlive: true, application_name: 'iotistic-jobs' });
  pool.setMaxListeners(100);
  surviveLosses(pool, log);
  const classes = withBackend(createPostgresBackend);
  return { connection: pool, QueueClass: classes.Queue as unknown as typeof Queue, WorkerClass: classes.Worker as unknown as typeof Worker, close: () => pool.end() };
}

function openRedisBackend(url: string): Backend {
  return { connection: { url, maxRetriesPerRequest: null }, QueueClass: Queue, WorkerClass: Worker, close: () => Promise.resolve() };
}
