import { METERS } from '@iotistic/contracts/events';
import { startChild } from '../child.ts';
import type { RunningContestant } from '../contestant.ts';
import type { LoadResult } from '../load-generator.ts';
import { plane } from '../plane.ts';
import { cpuMsOf, cpuMsOfFamily } from '../process-cost.ts';
import type { Answer, Question, QuestionOptions } from '../question.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, medianOrNull, show } from '../statistics.ts';
import { untilQuiet } from '../until-quiet.ts';
import { ALL_CUSTOMERS, countReports, fill, reportsPerDayOf } from './fill.ts';
import type { LoadOrder } from './load.ts';

/** Those who ask. In the small store only they have reports. */
const ASKING_CUSTOMERS = 24;
const WARM_UP_SECONDS = 3;
const SETTLE_MS = 30_000;
const DAY_MS = 86_400_000;
const AIM = 1.2;

type Size = 'small' | 'large';

interface Line {
  key: string;
  name: string;
  size: Size;
  /** False: what was worked out before may be told again. */
  isFresh: boolean;
  /** The last one; or all that are stored, by turns. */
  days: 'last' | 'all';
}

interface Run {
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** CPU per series, in µs. */
  serverMicroseconds: number | null;
  postgresMicroseconds: number | null;
}

interface Store {
  database: ScratchDatabase;
  server: RunningContestant;
  days: number;
  end: Date;
}

const LINES: readonly Line[] = [
  { key: 'small', name: 'few stored, read anew', size: 'small', isFresh: true, days: 'last' },
  { key: 'large', name: 'many stored, read anew', size: 'large', isFresh: true, days: 'last' },
  { key: 'large-any', name: 'many stored, read anew, of any day', size: 'large', isFresh: true, days: 'all' },
  { key: 'small-known', name: 'few stored, nothing new since it was read', size: 'small', isFresh: false, days: 'last' },
  { key: 'large-known', name: 'many stored, nothing new since it was read', size: 'large', isFresh: false, days: 'last' },
];

const RATIOS: readonly { name: string; of: string; over: string; aim?: number }[] = [
  { name: 'time of a day per hour, many stored', of: 'large', over: 'small', aim: AIM },
  { name: 'time of any day per hour, many stored', of: 'large-any', over: 'small', aim: AIM },
  { name: 'time of a day per hour, nothing new since it was read', of: 'large-known', over: 'small-known' },
];

/** One customer's day per hour, through the whole plane, with few reports stored and with many. */
export const usageSeries: Question = {
  name: 'usage-series',
  ask: async (options) => {
    const stores: Partial<Record<Size, Store>> = {};
    try {
      // Days that all customers report on until so many reports are stored.
      const days = Math.max(1, Math.round(options.reports / countReports({ customers: ALL_CUSTOMERS, days: 1 })));
      stores.small = await openStore(ASKING_CUSTOMERS, 1, options);
      stores.large = await openStore(ALL_CUSTOMERS, days, options);
      const runs = new Map<string, Run[]>(LINES.map(({ key }) => [key, []]));
      const lines = LINES.filter(({ name }) => options.only === null || name.includes(options.only));
      for (let round = 1; round <= options.rounds; round += 1) {
        for (const line of lines) {
          const run = await measure(line, stores[line.size] as Store, options);
          runs.get(line.key)?.push(run);
          options.say(`round ${round}, ${line.name}: p50 ${show(run.latencyP50Ms, 'ms')}, p99 ${show(run.latencyP99Ms, 'ms')}, CPU per series: server ${show(run.serverMicroseconds, 'µs')}, PostgreSQL ${show(run.postgresMicroseconds, 'µs')}`);
        }
      }
      return summarize(runs);
    } finally {
      for (const store of Object.values(stores)) await closeStore(store);
    }
  },
};

async function openStore(customers: number, days: number, options: QuestionOptions): Promise<Store> {
  const database = await createScratchDatabase();
  const store: Partial<Store> & { database: ScratchDatabase } = { database };
  try {
    const server = await plane.start({ databaseUrl: database.url, folder: database.folder, customers: ASKING_CUSTOMERS, nodeOptions: [] });
    store.server = server;
    // Retention looks after what is stored soon after the start: it must not find what is filled in now.
    await untilQuiet(database.pid);
    const end = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
    const started = performance.now();
    await fill(database, { accounts: server.accounts, customers, days, end });
    await untilQuiet(database.pid);
    options.say(`${countReports({ customers, days }).toLocaleString('en-US')} reports of ${customers} customers over ${days} days stored in ${show((performance.now() - started) / 1000, 's')}`);
    return { database, server, days, end };
  } catch (error) {
    await closeStore(store);
    throw error;
  }
}

async function closeStore(store: Partial<Store> & { database: ScratchDatabase }): Promise<void> {
  await store.server?.stop();
  await store.database.remove();
}

async function measure(line: Line, store: Store, { seconds }: QuestionOptions): Promise<Run> {
  const load = startChild({ name: 'load generator', script: 'bench/usage-series/load.ts', env: { NODE_ENV: 'production' } });
  const cost = (): { server: number | null; postgres: number | null } => ({ server: cpuMsOf(store.server.pids), postgres: cpuMsOfFamily(store.database.pid) });
  try {
    await load.next('ready', SETTLE_MS);
    load.send(orderOf(line, store, seconds));
    await load.next('warm', WARM_UP_SECONDS * 1000 + SETTLE_MS);
    const before = cost();
    const result = await load.next<LoadResult>('measured', seconds * 1000 + SETTLE_MS);
    const after = cost();
    const each = (ms: number | null, beforeMs: number | null): number | null => (ms === null || beforeMs === null ? null : ((ms - beforeMs) * 1000) / result.calls);
    return { latencyP50Ms: result.latencyP50Ms, latencyP99Ms: result.latencyP99Ms, serverMicroseconds: each(after.server, before.server), postgresMicroseconds: each(after.postgres, before.postgres) };
  } finally {
    await load.stop();
  }
}

/** Each customer's whole day, each meter. */
function orderOf(line: Line, { server, database, days, end }: Store, seconds: number): LoadOrder {
  const askedDays = Array.from({ length: line.days === 'all' ? days : 1 }, (_, day) => {
    const to = new Date(end.getTime() - day * DAY_MS);
    const from = new Date(to.getTime() - DAY_MS);
    return server.accounts.flatMap(({ customerId, connectionParams }, customer) =>
      METERS.map((meter) => ({ authorization: connectionParams['authorization'] ?? '', variables: { id: customerId, meter, from: from.toISOString(), to: to.toISOString() }, reports: reportsPerDayOf(customer) })),
    );
  });
  return { url: server.url, databaseUrl: database.url, days: askedDays, isFresh: line.isFresh, warmUpSeconds: WARM_UP_SECONDS, seconds };
}

function summarize(runs: Map<string, Run[]>): Answer {
  const medians = new Map<string, Run>();
  for (const [key, of] of runs) {
    if (of.length === 0) continue;
    medians.set(key, {
      latencyP50Ms: median(of.map((run) => run.latencyP50Ms)),
      latencyP99Ms: median(of.map((run) => run.latencyP99Ms)),
      serverMicroseconds: medianOrNull(of.map((run) => run.serverMicroseconds)),
      postgresMicroseconds: medianOrNull(of.map((run) => run.postgresMicroseconds)),
    });
  }
  const ratios = RATIOS.flatMap(({ name, of, over, aim }) => {
    const [many, few] = [medians.get(of), medians.get(over)];
    if (many === undefined || few === undefined) return [];
    const ratio = many.latencyP50Ms / few.latencyP50Ms;
    return [{ name, ratio, ...(aim === undefined ? {} : { aim: `at most ${aim}`, met: ratio <= aim }) }];
  });
  const table = markdownTable(
    ['', 'p50 ms', 'p99 ms', 'server CPU µs/series', 'PostgreSQL CPU µs/series'],
    [...medians].map(([key, run]) => [LINES.find((line) => line.key === key)?.name ?? key, show(run.latencyP50Ms), show(run.latencyP99Ms), show(run.serverMicroseconds), show(run.postgresMicroseconds)]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
