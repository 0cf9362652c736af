import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { Jobs } from './jobs.ts';
import { type Log, withRequestId } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Turns } from './turns.ts';

/** What a subgraph does soon after each start, and again and again. */
export interface ScheduledWork {
  name: string;
  everyMs: number;
  /**
   * Should be short, since the subgraph does one at a time; what is long, adds jobs. A failure is logged, and the next
   * run makes up for it. The signal aborts when the process is about to end.
   */
  run(signal: AbortSignal): Promise<unknown>;
}

export interface Schedule {
  /** Runs all of it once, in its order, now; one that is running is waited for and run again, so that each sees the time as it is. */
  runNow(): Promise<void>;
  close(): Promise<void>;
}

/** A queue that was flushed has its schedule again after so long. */
const REPAIR_EVERY_MS = 60_000;
/** A run is waited for as long as it takes: each has deadlines of its own where it calls outside. */
const ANY_TIME_MS = 2 ** 31 - 1;

export async function startSchedule(options: { subgraph: SubgraphName; schedule: readonly ScheduledWork[]; jobs: Jobs; log: Log; metrics?: Metrics }): Promise<Schedule> {
  const { subgraph, schedule, jobs, log } = options;
  const queue = `${subgraph}-schedule`;
  const runs = options.metrics?.counter('iotistic_scheduled_runs_total', 'Runs of scheduled work, by how they ended', ['service', 'work', 'outcome']);
  for (const { name } of schedule) for (const outcome of ['done', 'failed']) runs?.inc({ service: subgraph, work: name, outcome }, 0);
  const turns = new Map(schedule.map(({ name }) => [name, new Turns(1)]));

  async function runOne(work: ScheduledWork): Promise<void> {
    await turns.get(work.name)?.enter(ANY_TIME_MS);
    try {
      if (jobs.closing.aborted) return;
      await withRequestId(newId('req'), () => work.run(jobs.closing));
      runs?.inc({ service: subgraph, work: work.name, outcome: 'done' });
    } catch (err) {
      runs?.inc({ service: subgraph, work: work.name, outcome: 'failed' });
      if (!jobs.closing.aborted) log.warn({ err, work: work.name }, 'scheduled work failed; it comes again');
    } finally {
      turns.get(work.name)?.leave();
    }
  }

  // Also without any: what an earlier version had scheduled ends.
  const kept = await jobs.every(queue, schedule);
  jobs.work(
    queue,
    async (job) => {
      const work = schedule.find(({ name }) => name === job.name);
      // One whose time had come before its work ended is taken like any other, and is nothing.
      if (work !== undefined) await runOne(work);
    },
    { concurrency: 1 },
  );
  await jobs.add(queue, kept.map((name) => ({ name, id: `${name}_${newId('req')}`, data: {} })));
  const repair = setInterval(() => {
    jobs.every(queue, schedule).catch((err: unknown) => {
      if (!jobs.closing.aborted) log.warn({ err }, 'the schedule could not be looked after');
    });
  }, REPAIR_EVERY_MS);
  let runningNow: Promise<void> = Promise.resolve();
  return {
    runNow() {
      runningNow = runningNow.then(async () => {
        for (const work of schedule) await runOne(work);
      });
      return runningNow;
    },
    async close() {
      clearInterval(repair);
      await runningNow;
    },
  };
}
