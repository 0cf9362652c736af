import { startChild } from '../child.ts';
import type { Account, RunningContestant } from '../contestant.ts';
import type { LoadResult } from '../load-generator.ts';
import { plane } from '../plane.ts';
import { cpuMsOf, cpuMsOfFamily } from '../process-cost.ts';
import type { Answer, Question, QuestionOptions } from '../question.ts';
import type { LoadOrder } from '../report-usage/load.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, show } from '../statistics.ts';
import { untilQuiet } from '../until-quiet.ts';
import { copyCustomers } from './fleet.ts';
import { measureStorage } from './storage.ts';

const INSTANCES_PER_CUSTOMER = 5;
const CONNECTIONS = 128;
const WARM_UP_SECONDS = 5;
const SETTLE_MS = 60_000;
/** Each report has an hour of its own, so that a fleet of any size makes as many rollups of as many reports. */
const SENDING = { api: 'graphql', reportsPerCall: 1, intervalMinutes: 60 } as const;

/** Per report but for the first two. */
interface Run {
  reportsPerSecond: number;
  latencyP99Ms: number;
  /** CPU in µs, with all that follows from the reports. */
  server: number;
  postgres: number;
  /** Bytes. */
  reportsHeap: number;
  reportsIndexes: number;
  keys: number;
  rollups: number;
  others: number;
  wal: number;
}

/** What a report costs, by how many customers there are. */
export const growth: Question = {
  name: 'growth',
  ask: async (options) => {
    const runs = new Map<number, Run[]>(options.customers.map((customers) => [customers, []]));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const customers of options.customers) {
        const run = await measure(customers, options);
        runs.get(customers)?.push(run);
        options.say(`round ${round}, ${customers} customers: ${show(run.reportsPerSecond)} reports/s, p99 ${show(run.latencyP99Ms, 'ms')}, CPU per report: server ${show(run.server, 'µs')}, PostgreSQL ${show(run.postgres, 'µs')}; ${show(run.reportsHeap + run.reportsIndexes + run.keys + run.rollups + run.others)} bytes on disk, ${show(run.wal)} of WAL`);
      }
    }
    return summarize(runs);
  },
};

async function measure(customers: number, options: QuestionOptions): Promise<Run> {
  const database = await createScratchDatabase();
  let server: RunningContestant | null = null;
  try {
    server = await plane.start({ databaseUrl: database.url, folder: database.folder, customers: 1, nodeOptions: [] });
    // What the sign-up sets off has to be there before it is copied.
    await untilQuiet(database.pid);
    const accounts = await copyCustomers(database, server.accounts[0] as Account, customers, INSTANCES_PER_CUSTOMER);
    await untilQuiet(database.pid);
    return await fire(server, database, accounts, options);
  } finally {
    await server?.stop();
    await database.remove();
  }
}

async function fire(server: RunningContestant, database: ScratchDatabase, accounts: readonly Account[], { seconds }: QuestionOptions): Promise<Run> {
  const load = startChild({ name: 'load generator', script: 'bench/report-usage/load.ts', env: { NODE_ENV: 'production' } });
  const cost = (): { server: number; postgres: number } => ({ server: cpuMsOf(server.pids) ?? Number.NaN, postgres: cpuMsOfFamily(database.pid) ?? Number.NaN });
  try {
    await load.next('ready', SETTLE_MS);
    const order: LoadOrder = { url: server.url, traffic: { sending: SENDING, accounts, instancesPerCustomer: INSTANCES_PER_CUSTOMER, connections: CONNECTIONS }, warmUpSeconds: WARM_UP_SECONDS, seconds };
    // From before the warm-up on: what follows from its reports runs into the measured span.
    const before = { ...(await measureStorage(database)), ...cost() };
    load.send(order);
    const warm = await load.next<{ calls: number }>('warm', WARM_UP_SECONDS * 1000 + SETTLE_MS);
    const result = await load.next<LoadResult>('measured', seconds * 1000 + SETTLE_MS);
    if (result.failed > 0) throw new Error(`${result.failed} of ${result.calls + result.failed} calls failed, e.g. ${result.wrongAnswer ?? 'without an answer'}`);
    // Measurements and metering lag behind: they are a report's cost too.
    await untilQuiet(database.pid);
    const after = { ...cost(), ...(await measureStorage(database)) };
    const reports = after.reports - before.reports;
    if (reports < warm.calls + result.calls) throw new Error(`${warm.calls + result.calls} reports were answered, ${reports} were stored`);
    const each = (name: keyof typeof after): number => (after[name] - before[name]) / reports;
    return {
      reportsPerSecond: result.calls / result.seconds,
      latencyP99Ms: result.latencyP99Ms,
      server: each('server') * 1000,
      postgres: each('postgres') * 1000,
      reportsHeap: each('reportsHeap'),
      reportsIndexes: each('reportsIndexes'),
      keys: each('keys'),
      rollups: each('rollups'),
      others: each('others'),
      wal: each('wal'),
    };
  } finally {
    await load.stop();
  }
}

function summarize(runs: Map<number, Run[]>): Answer {
  const medians = new Map<number, Run>();
  for (const [customers, of] of runs) {
    const field = (key: keyof Run): number => median(of.map((run) => run[key]));
    medians.set(customers, {
      reportsPerSecond: field('reportsPerSecond'),
      latencyP99Ms: field('latencyP99Ms'),
      server: field('server'),
      postgres: field('postgres'),
      reportsHeap: field('reportsHeap'),
      reportsIndexes: field('reportsIndexes'),
      keys: field('keys'),
      rollups: field('rollups'),
      others: field('others'),
      wal: field('wal'),
    });
  }
  const bytesOf = ({ reportsHeap, reportsIndexes, keys, rollups, others }: Run): number => reportsHeap + reportsIndexes + keys + rollups + others;
  const sizes = [...medians.keys()].toSorted((a, b) => a - b);
  const [least, most] = [medians.get(sizes[0] ?? 0), medians.get(sizes.at(-1) ?? 0)];
  const ratios =
    least === undefined || most === undefined || sizes.length < 2
      ? []
      : [
          { name: `CPU per report with ${sizes.at(-1)} customers, of that with ${sizes[0]}`, ratio: (most.server + most.postgres) / (least.server + least.postgres) },
          { name: `bytes per report with ${sizes.at(-1)} customers, of those with ${sizes[0]}`, ratio: bytesOf(most) / bytesOf(least) },
          { name: `WAL per report with ${sizes.at(-1)} customers, of that with ${sizes[0]}`, ratio: most.wal / least.wal },
        ];
  const table = markdownTable(
    ['customers', 'reports/s', 'p99 ms', 'server CPU µs', 'PostgreSQL CPU µs', 'reports, bytes', 'their indexes', 'keys', 'rollups', 'all else', 'together', 'WAL bytes'],
    [...medians].map(([customers, run]) => [customers.toLocaleString('en-US'), ...[run.reportsPerSecond, run.latencyP99Ms, run.server, run.postgres, run.reportsHeap, run.reportsIndexes, run.keys, run.rollups, run.others, bytesOf(run), run.wal].map((value) => show(value))]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
