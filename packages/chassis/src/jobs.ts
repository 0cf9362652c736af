import { AppError } from '@iotistic/contracts/errors';
import { createPostgresBackend, type Job, Queue, type QueueOptions, runMigrations, UnrecoverableError, Worker, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type pg from 'pg';
import { surviveLosses } from './database.ts';
import { watchPool } from './database-metrics.ts';
import { withDeadline } from './deadline.ts';
import { QueueHandles, WorkerHandles } from './job-handles.ts';
import { endOfJobs } from './job-end.ts';
import { createJobMetrics } from './job-metrics.ts';
import type { Log } from './log.ts';
import { createMarksTable, postgresMarks, type QueueMarks, redisMarks } from './queue-marks.ts';
import type { QueueOverview } from './queue-overview.ts';
import type { Metrics } from './metrics.ts';
import { connectSession, createSessionPool } from './pg-session.ts';

export interface JobToAdd {
  name: string;
  /** The same id twice is one job. */
  id: string;
  data: unknown;
  /** Where it is tried less often, or with longer pauses, than others: so many times, the first pause so long, each further one twice as long. */
  retry?: { attempts: number; backoffMs: number };
}

export interface JobAtHand {
  name: string;
  id: string;
  data: unknown;
  attempt: number;
  /** Aborted when closing begins: long work should end early. */
  closing: AbortSignal;
  /** For who looks at the queue: 0 to 100. What cannot be told is logged, and the work goes on. */
  progress(percent: number): Promise<void>;
  /** The same of a line of the job's own log. */
  log(line: string): Promise<void>;
}

/** Work that comes again every so many milliseconds. */
export interface RepeatedJob {
  name: string;
  everyMs: number;
}

/** BullMQ on Redis where there is one, else on PostgreSQL: the same queues, workers and guarantees. */
export interface Jobs extends QueueOverview {
  add(queue: string, jobs: readonly JobToAdd[]): Promise<void>;
  /** Runs the queue's jobs here. A handler that throws is tried again with growing pauses, unless it throws `stopTrying(…)`. */
  work(queue: string, handler: (job: JobAtHand) => Promise<void>, options?: { concurrency?: number }): void;
  /**
   * Makes these the whole schedule of the queue: what it has besides comes no more, once what waits of it is taken, and one
   * that it has at the same pace keeps its next time. One that is new comes soon, then at its pace as long as its last is
   * done; one that fails is not tried again before its next time. The queue runs one job at a time, over all processes.
   * @returns the names of those that were there already.
   */
  every(queue: string, schedule: readonly RepeatedJob[]): Promise<string[]>;
  /** Whether such a job waits, is delayed or runs: false for one that is done, has failed for good, or was lost with its queue. */
  isPending(queue: string, id: string): Promise<boolean>;
  /** Whether the backend still has what was added to it. */
  readonly marks: QueueMarks;
  /** Aborted when closing begins: long work should end early. */
  readonly closing: AbortSignal;
  /** Finishes the jobs that run here and takes no more; jobs can still be added, by requests that are being served. */
  stopWorking(): Promise<void>;
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
  // By age alone: an index serves that, while a count has PostgreSQL read all that is kept at each job that ends.
  removeOnComplete: { age: 3_600 },
  removeOnFail: { age: 30 * 86_400 },
} as const;
const REPEATED_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** A worker that died gives its jobs back within LOCK_MS + STALLED_CHECK_MS (the default is a minute and a half). */
const LOCK_MS = 5_000;
const STALLED_CHECK_MS = 2_500;
export const BULLMQ_SCHEMA = 'bullmq';
/** BullMQ's own default. */
export const REDIS_PREFIX = 'bull';
/** On PostgreSQL many at once go through temporary tables, which cost what some five single ones do. */
const BULK_FROM = 5;
const OVERVIEW_TIMEOUT_MS = 3_000;
const MARK_TIMEOUT_MS = 5_000;
/** On PostgreSQL each worker keeps one to itself, where it is told of new jobs. */
const MAX_CONNECTIONS = 24;

export async function createJobs(options: { redisUrl?: string | undefined; databaseUrl: string; log: Log; metrics?: Metrics; prefix?: string }): Promise<Jobs> {
  const backend = options.redisUrl === undefined ? await openPostgresBackend(options.databaseUrl, options.log) : openRedisBackend(options.redisUrl, options.prefix ?? REDIS_PREFIX, options.log);
  const base: QueueOptions = { connection: backend.connection as never, ...(options.prefix === undefined ? {} : { prefix: options.prefix }) };
  const warn = (err: Error): void => options.log.warn({ err }, 'the job queue lost its connection');
  const queues = new QueueHandles((name) => new backend.QueueClass(name, { ...base, defaultJobOptions: JOB_OPTIONS }).on('error', warn), warn);
  const workers = new WorkerHandles(warn);
  const metrics = createJobMetrics(options.metrics, queues);
  if (options.redisUrl === undefined && options.metrics !== undefined) watchPool(backend.connection as pg.Pool, 'jobs', options.metrics);

  const closing = new AbortController();
  const adding = new Set<Promise<unknown>>();

  /** BullMQ never answers who adds to a queue that is closed meanwhile: closing waits for what was begun. */
  async function begun<T>(work: () => Promise<T>): Promise<T> {
    if (end.isClosed()) throw new Error('the queues are closed');
    const added = work();
    adding.add(added);
    return added.finally(() => adding.delete(added));
  }

  const end = endOfJobs({ workers, queues, backend, adding, closing, warn });

  return {
    async add(name, jobs) {
      if (jobs.length > 0) await begun(() => addTo(queues.get(name), jobs));
    },
    work(name, handler, { concurrency = 4 } = {}) {
      const run = (job: Job): Promise<void> => handler(atHand(job, closing.signal, warn));
      workers.add(() => {
        const worker = new backend.WorkerClass(name, metrics.counted(name, run), { ...base, concurrency, lockDuration: LOCK_MS, stalledInterval: STALLED_CHECK_MS, maxStalledCount: 5, autorun: false });
        worker.on('error', warn);
        worker.on('stalled', () => metrics.stalled(name));
        worker.on('failed', (job, err) => options.log.warn({ err, queue: name, job: job?.id, attempt: job?.attemptsMade }, 'a job failed'));
        return worker;
      });
      // A queue is known by what it is worked for, also before its first job; where this fails, that job makes up for it.
      begun(() => queues.get(name).waitUntilReady()).catch(() => undefined);
    },
    every: (name, schedule) => begun(() => setSchedule(queues.get(name), schedule)),
    isPending: async (name, id) => PENDING_STATES.has(await queues.get(name).getJobState(id)),
    ...overviewOf(backend, queues),
    marks: backend.marks,
    closing: closing.signal,
    stopWorking: end.stopWorking,
    close: end.close,
  };
}

function addTo(queue: Queue, jobs: readonly JobToAdd[]): Promise<unknown> {
  const list = jobs.map((job) => ({ name: job.name, data: job.data, opts: { jobId: job.id, ...optionsOf(job) } }));
  return list.length < BULK_FROM ? Promise.all(list.map((job) => queue.add(job.name, job.data, job.opts))) : queue.addBulk(list);
}

function overviewOf(backend: Pick<Backend, 'names'>, queues: QueueHandles): QueueOverview {
  return {
    async names() {
      return (await inTime(backend.names())).sort();
    },
    async counts(name) {
      const { waiting = 0, active = 0, completed = 0, failed = 0, delayed = 0 } = await inTime(queues.get(name).getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed'));
      return { waiting, active, completed, failed, delayed };
    },
    boardQueue: (name) => queues.get(name),
  };
}

const PENDING_STATES = new Set(['waiting', 'prioritized', 'delayed', 'active', 'waiting-children']);

function optionsOf({ retry }: JobToAdd): { attempts?: number; backoff?: { type: 'exponential'; delay: number } } {
  return retry === undefined ? {} : { attempts: retry.attempts, backoff: { type: 'exponential', delay: retry.backoffMs } };
}

function atHand(job: Job, closing: AbortSignal, warn: (err: Error) => void): JobAtHand {
  const quietly = (telling: Promise<unknown>): Promise<void> => telling.then(() => undefined, warn);
  return {
    name: job.name,
    id: job.id ?? '',
    data: job.data as unknown,
    attempt: job.attemptsMade + 1,
    closing,
    progress: (percent) => quietly(job.updateProgress(percent)),
    log: (line) => quietly(job.log(line)),
  };
}

/** BullMQ waits for a Redis that is away as long as it takes; an operator who looks does not. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  try {
    return await withDeadline(work, OVERVIEW_TIMEOUT_MS, `no answer within ${OVERVIEW_TIMEOUT_MS} ms`);
  } catch (cause) {
    throw new AppError('UNAVAILABLE', 'QUEUES_UNAVAILABLE', undefined, { cause });
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
  /** All queues that were ever opened in it. */
  names(): Promise<string[]>;
  marks: QueueMarks;
  close(): Promise<void>;
}

async function migrateBackend(url: string): Promise<void> {
  const setup = await connectSession(url, { applicationName: 'iotistic-migrations' });
  try {
    await runMigrations(setup, BULLMQ_SCHEMA);
    await createMarksTable(setup, BULLMQ_SCHEMA);
  } finally {
    await setup.end();
  }
}

async function openPostgresBackend(url: string, log: Log): Promise<Backend> {
  await migrateBackend(url);
  const pool = createSessionPool({ url, applicationName: 'iotistic-jobs', maxConnections: MAX_CONNECTIONS, searchPath: `${BULLMQ_SCHEMA}, public` });
  pool.setMaxListeners(100);
  surviveLosses(pool, log);
  const classes = withBackend(createPostgresBackend);
  return { connection: pool, QueueClass: classes.Queue as unknown as typeof Queue, WorkerClass: classes.Worker as unknown as typeof Worker, names: () => postgresNames(pool), marks: postgresMarks(pool, BULLMQ_SCHEMA, () => migrateBackend(url)), close: () => pool.end() };
}

async function postgresNames(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ queue: string }>(`select distinct queue from ${BULLMQ_SCHEMA}.meta`);
  return rows.map(({ queue }) => queue);
}

function openRedisBackend(url: string, prefix: string, log: Log): Backend {
  const opened: Redis[] = [];
  /** A connection besides BullMQ's, made when it is first used. */
  const open = (options: Pick<RedisOptions, 'autoResendUnfulfilledCommands' | 'commandTimeout'>): Redis => {
    const redis = new Redis(url, { maxRetriesPerRequest: 1, ...options }).on('error', (err) => log.warn({ err }, 'Redis was lost'));
    opened.push(redis);
    return redis;
  };
  let looking: Redis | null = null;
  const connection = (): Redis => (looking ??= open({}));
  const marks = redisMarks(() => open({ autoResendUnfulfilledCommands: false, commandTimeout: MARK_TIMEOUT_MS }), prefix);
  const close = (): Promise<void> => Promise.resolve(opened.forEach((redis) => redis.disconnect()));
  return { connection: { url, maxRetriesPerRequest: null }, QueueClass: Queue, WorkerClass: Worker, names: () => redisNames(connection(), prefix), marks, close };
}

const SCAN_COUNT = 2_000;

async function redisNames(redis: Redis, prefix: string): Promise<string[]> {
  const names = new Set<string>();
  for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*:meta`, 'COUNT', SCAN_COUNT);
    for (const key of keys) names.add(key.slice(prefix.length + 1, -':meta'.length));
    cursor = next;
  }
  return [...names];
}
