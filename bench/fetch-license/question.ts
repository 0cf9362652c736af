import { join } from 'node:path';
import { startChild, within } from '../child.ts';
import type { Contestant, RunningContestant } from '../contestant.ts';
import { profilingInto, showProfiles, type Span } from '../cpu-profile.ts';
import { expressLicense, expressLicenseKeyReadOnce, expressLicenseUnlogged } from '../peers/express-license/contestant.ts';
import { plane } from '../plane.ts';
import type { LoadResult } from '../load-generator.ts';
import { cpuMsOf, cpuMsOfFamily } from '../process-cost.ts';
import type { Answer, Question, QuestionOptions } from '../question.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, medianOrNull, show } from '../statistics.ts';
import { untilQuiet } from '../until-quiet.ts';
import { activateFleet, listPeerHolders } from './fleet.ts';
import type { LoadOrder } from './load.ts';
import type { Asking, Holder } from './requests.ts';

const CUSTOMERS = 200;
const INSTANCES_PER_CUSTOMER = 10;
const CONNECTIONS = 32;
/** Until the code that matters is compiled. */
const WARM_UP_SECONDS = 5;
const SETTLE_MS = 30_000;

interface Line {
  key: string;
  name: string;
  contestant: Contestant;
  asking: Asking;
  /** What has to be true of the rows afterwards. */
  check(rows: Rows): boolean;
  rows: string;
}

interface Rows {
  /** Of what `rows` counts. */
  counted: number;
  answered: number;
}

interface Run {
  fetchesPerSecond: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** CPU per fetch, in µs. */
  serverMicroseconds: number | null;
  postgresMicroseconds: number | null;
  generatorMicroseconds: number;
  /** Of PostgreSQL: what ours reads or writes for several callers at once is one. */
  transactionsPerFetch: number;
}

/** Ours signs each license once, however often it is fetched. */
const signedOnce = { rows: 'select count(*) as counted from licensing.licenses', check: ({ counted }: Rows): boolean => counted === CUSTOMERS };

/** The documents log each license that they generate. */
const logged = { rows: 'select count(*) as counted from license_history', check: ({ counted, answered }: Rows): boolean => counted >= answered };
const unlogged = { ...logged, check: ({ counted }: Rows): boolean => counted === 0 };

const LINES: readonly Line[] = [
  { key: 'plane-held', name: 'ours, the license is held', contestant: plane, asking: 'held', ...signedOnce },
  { key: 'express', name: 'Express + pg, signs for each request', contestant: expressLicense, asking: 'rest', ...logged },
  { key: 'plane-sent', name: 'ours, the license is sent', contestant: plane, asking: 'sent', ...signedOnce },
  { key: 'express-read-once', name: 'Express + pg, signs for each request, key read once', contestant: expressLicenseKeyReadOnce, asking: 'rest', ...logged },
  { key: 'plane-held-noted', name: 'ours, the license is held, each fetch written down', contestant: plane, asking: 'held-noted', ...signedOnce },
  { key: 'express-unlogged', name: 'Express + pg, signs for each request, key read once, no history', contestant: expressLicenseUnlogged, asking: 'rest', ...unlogged },
];

const RATIOS: readonly { name: string; of: string; over: string; aim?: number }[] = [
  { name: 'the license is held', of: 'plane-held', over: 'express', aim: 8 },
  { name: 'the license is sent', of: 'plane-sent', over: 'express', aim: 8 },
  { name: 'the license is held, each fetch written down', of: 'plane-held-noted', over: 'express' },
  { name: 'the license is held, their key read once', of: 'plane-held', over: 'express-read-once' },
  { name: 'the license is held, their key read once and no history', of: 'plane-held', over: 'express-unlogged' },
];

/** License fetches per second through the whole plane, beside a plain REST service that signs on every request. */
export const fetchLicense: Question = {
  name: 'fetch-license',
  ask: async (options) => {
    const runs = new Map<string, Run[]>(LINES.map(({ key }) => [key, []]));
    const lines = LINES.filter(({ name }) => options.only === null || name.includes(options.only));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const line of lines) {
        const run = await measure(line, options);
        runs.get(line.key)?.push(run);
        options.say(`round ${round}, ${line.name}: ${show(run.fetchesPerSecond)} fetches/s, p99 ${show(run.latencyP99Ms, 'ms')}, CPU per fetch: server ${show(run.serverMicroseconds, 'µs')}, PostgreSQL ${show(run.postgresMicroseconds, 'µs')}, generator ${show(run.generatorMicroseconds, 'µs')}; ${show(run.transactionsPerFetch)} transactions per fetch`);
      }
    }
    return summarize(runs);
  },
};

async function measure(line: Line, options: QuestionOptions): Promise<Run> {
  const database = await createScratchDatabase();
  const profiles = join(database.folder, 'profiles');
  let server: RunningContestant | null = null;
  try {
    server = await line.contestant.start({ databaseUrl: database.url, folder: database.folder, customers: CUSTOMERS, nodeOptions: options.profile ? profilingInto(profiles) : [] });
    const holders = line.asking === 'rest' ? await listPeerHolders(server) : await activateFleet(server, INSTANCES_PER_CUSTOMER);
    await untilQuiet(database.pid);
    const { run, span } = await fire(line, options, server, holders, database);
    if (options.profile) {
      await server.stop();
      options.say(showProfiles(profiles, span));
    }
    return run;
  } finally {
    await server?.stop();
    await database.remove();
  }
}

async function fire(line: Line, { seconds }: QuestionOptions, server: RunningContestant, holders: readonly Holder[], database: ScratchDatabase): Promise<{ run: Run; span: Span }> {
  const load = startChild({ name: 'load generator', script: 'bench/fetch-license/load.ts', env: { NODE_ENV: 'production' } });
  try {
    await load.next('ready', SETTLE_MS);
    const order: LoadOrder = { url: server.url, traffic: { asking: line.asking, holders, instancesPerCustomer: INSTANCES_PER_CUSTOMER, connections: CONNECTIONS }, warmUpSeconds: WARM_UP_SECONDS, seconds };
    load.send(order);
    const warm = await load.next<{ calls: number }>('warm', WARM_UP_SECONDS * 1000 + SETTLE_MS);
    const from = process.hrtime.bigint();
    const before = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid), transactions: await countTransactions(database) };
    const result = await load.next<LoadResult>('measured', seconds * 1000 + SETTLE_MS);
    const after = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid), transactions: await countTransactions(database) };
    const span = { from, to: process.hrtime.bigint() };
    if (result.failed > 0) throw new Error(`${line.name}: ${result.failed} of ${result.calls + result.failed} fetches failed, e.g. ${result.wrongAnswer ?? 'without an answer'}`);
    await checkRows(database, line, warm.calls + result.calls);
    const each = (ms: number | null, beforeMs: number | null): number | null => (ms === null || beforeMs === null ? null : ((ms - beforeMs) * 1000) / result.calls);
    const run: Run = {
      fetchesPerSecond: result.calls / result.seconds,
      latencyP50Ms: result.latencyP50Ms,
      latencyP99Ms: result.latencyP99Ms,
      serverMicroseconds: each(after.server, before.server),
      postgresMicroseconds: each(after.postgres, before.postgres),
      generatorMicroseconds: (result.cpuMs * 1000) / result.calls,
      transactionsPerFetch: (after.transactions - before.transactions) / result.calls,
    };
    return { run, span };
  } finally {
    await load.stop();
  }
}

/** So far; PostgreSQL counts up to a second late. */
async function countTransactions(database: ScratchDatabase): Promise<number> {
  const [row] = await database.query<{ transactions: string }>('select sum(xact_commit + xact_rollback) as transactions from pg_stat_database');
  return Number(row?.transactions);
}

/** That each side did what it is compared for. */
async function checkRows(database: ScratchDatabase, line: Line, answered: number): Promise<void> {
  const [row] = await within(database.query<{ counted: string }>(line.rows), SETTLE_MS, () => `"${line.rows}" was not answered`);
  if (!line.check({ counted: Number(row?.counted), answered })) throw new Error(`${line.name}: ${answered} fetches were answered; "${line.rows}" says ${row?.counted}`);
}

function summarize(runs: Map<string, Run[]>): Answer {
  const medians = new Map<string, Run>();
  for (const [key, of] of runs) {
    if (of.length === 0) continue;
    const field = (name: keyof Run): number => median(of.map((run) => run[name] ?? Number.NaN));
    medians.set(key, {
      fetchesPerSecond: field('fetchesPerSecond'),
      latencyP50Ms: field('latencyP50Ms'),
      latencyP99Ms: field('latencyP99Ms'),
      serverMicroseconds: medianOrNull(of.map((run) => run.serverMicroseconds)),
      postgresMicroseconds: medianOrNull(of.map((run) => run.postgresMicroseconds)),
      generatorMicroseconds: field('generatorMicroseconds'),
      transactionsPerFetch: field('transactionsPerFetch'),
    });
  }
  const ratios = RATIOS.flatMap(({ name, of, over, aim }) => {
    const [ours, theirs] = [medians.get(of), medians.get(over)];
    if (ours === undefined || theirs === undefined) return [];
    const ratio = ours.fetchesPerSecond / theirs.fetchesPerSecond;
    return [{ name, ratio, ...(aim === undefined ? {} : { aim: `at least ${aim}`, met: ratio >= aim }) }];
  });
  const cpuOf = (key: string): number => (medians.get(key)?.serverMicroseconds ?? Number.NaN) + (medians.get(key)?.postgresMicroseconds ?? Number.NaN);
  const cpuRatio = cpuOf('plane-held') / cpuOf('express');
  if (!Number.isNaN(cpuRatio)) ratios.push({ name: 'CPU per fetch, the license is held: server and PostgreSQL', ratio: cpuRatio });
  const table = markdownTable(
    ['', 'fetches/s', 'p50 ms', 'p99 ms', 'server CPU µs/fetch', 'PostgreSQL CPU µs/fetch', 'transactions/fetch'],
    [...medians].map(([key, run]) => [LINES.find((line) => line.key === key)?.name ?? key, show(run.fetchesPerSecond), show(run.latencyP50Ms), show(run.latencyP99Ms), show(run.serverMicroseconds), show(run.postgresMicroseconds), show(run.transactionsPerFetch)]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
