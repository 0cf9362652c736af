import { join } from 'node:path';
import { startChild, within } from '../child.ts';
import type { Contestant, RunningContestant } from '../contestant.ts';
import { profilingInto, showProfiles, type Span } from '../cpu-profile.ts';
import type { LoadResult } from '../load-generator.ts';
import { cpuMsOf, cpuMsOfFamily } from '../process-cost.ts';
import type { Answer, QuestionOptions } from '../question.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, medianOrNull, show } from '../statistics.ts';
import { untilQuiet } from '../until-quiet.ts';
import type { LoadOrder } from './load.ts';
import type { Sending } from './shapes.ts';

const CUSTOMERS = 20;
const INSTANCES_PER_CUSTOMER = 10;
/** Until the code that matters is compiled. */
const WARM_UP_SECONDS = 5;
const SETTLE_MS = 30_000;
/** Two hundred spools of a thousand take longer than the warm-up, on a busy machine several times. */
const WARM_UP_MS = 120_000;

/** One way to bring in reports, of which each round makes one run. */
export interface Line {
  key: string;
  name: string;
  contestant: Contestant;
  sending: Sending;
  connections: number;
  storedIn: string;
  /** The program that sends, where it is not the one that does so over HTTP. */
  generator?: string;
}

/** Of the reports per second of two lines, by their keys. */
export interface Comparison {
  name: string;
  of: string;
  over: string;
  /** At least. */
  aim?: number;
}

interface Run {
  reportsPerSecond: number;
  callsPerSecond: number;
  latencyP50Ms: number;
  latencyP99Ms: number;
  /** CPU per report, in µs. */
  serverMicroseconds: number | null;
  postgresMicroseconds: number | null;
  generatorMicroseconds: number;
  remark: string;
}

/** Runs all lines by turns, and compares their medians. */
export async function askThroughput(all: readonly Line[], comparisons: readonly Comparison[], options: QuestionOptions): Promise<Answer> {
  const runs = new Map<string, Run[]>(all.map(({ key }) => [key, []]));
  const lines = all.filter(({ name }) => options.only === null || name.includes(options.only));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const line of lines) {
      const run = await measure(line, options);
      runs.get(line.key)?.push(run);
      options.say(`round ${round}, ${line.name}: ${show(run.reportsPerSecond)} reports/s, p99 ${show(run.latencyP99Ms, 'ms')}, CPU per report: server ${show(run.serverMicroseconds, 'µs')}, PostgreSQL ${show(run.postgresMicroseconds, 'µs')}, generator ${show(run.generatorMicroseconds, 'µs')}${run.remark === '' ? '' : `; ${run.remark}`}`);
    }
  }
  return summarize(all, comparisons, runs);
}

async function measure(line: Line, options: QuestionOptions): Promise<Run> {
  const database = await createScratchDatabase();
  const profiles = join(database.folder, 'profiles');
  let server: RunningContestant | null = null;
  try {
    server = await line.contestant.start({ databaseUrl: database.url, folder: database.folder, customers: CUSTOMERS, nodeOptions: options.profile ? profilingInto(profiles) : [] });
    await untilQuiet(database.pid);
    const { run, span } = await fire(line, options, server, database);
    run.remark = (await server.remark?.()) ?? '';
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

async function fire(line: Line, { seconds }: QuestionOptions, server: RunningContestant, database: ScratchDatabase): Promise<{ run: Run; span: Span }> {
  const load = startChild({ name: 'load generator', script: line.generator ?? 'bench/report-usage/load.ts', env: { NODE_ENV: 'production' } });
  try {
    await load.next('ready', SETTLE_MS);
    const order: LoadOrder = { url: server.url, traffic: { sending: line.sending, accounts: server.accounts, instancesPerCustomer: INSTANCES_PER_CUSTOMER, connections: line.connections }, warmUpSeconds: WARM_UP_SECONDS, seconds, waitsToBeTold: true, untilAllHaveSent: true };
    load.send(order);
    const warm = await load.next<{ calls: number }>('warm', WARM_UP_MS);
    // What its first reports have set off is done then.
    await untilQuiet(database.pid);
    load.send({ kind: 'measure' });
    const from = process.hrtime.bigint();
    const before = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid) };
    const result = await load.next<LoadResult>('measured', seconds * 1000 + SETTLE_MS);
    const after = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid) };
    const span = { from, to: process.hrtime.bigint() };
    const reports = result.calls * line.sending.reportsPerCall;
    if (result.failed > 0) throw new Error(`${line.name}: ${result.failed} of ${result.calls + result.failed} calls failed, e.g. ${result.wrongAnswer ?? 'without an answer'}`);
    await checkStored(database, line.storedIn, (warm.calls + result.calls) * line.sending.reportsPerCall);
    const each = (ms: number | null, beforeMs: number | null): number | null => (ms === null || beforeMs === null ? null : ((ms - beforeMs) * 1000) / reports);
    const generatorMicroseconds = (result.cpuMs * 1000) / reports;
    const run: Run = {
      reportsPerSecond: reports / result.seconds,
      callsPerSecond: result.calls / result.seconds,
      latencyP50Ms: result.latencyP50Ms,
      latencyP99Ms: result.latencyP99Ms,
      // Where nobody serves, it is the sender whose work is compared.
      serverMicroseconds: server.pids.length === 0 ? generatorMicroseconds : each(after.server, before.server),
      postgresMicroseconds: each(after.postgres, before.postgres),
      generatorMicroseconds,
      remark: '',
    };
    return { run, span };
  } finally {
    await load.stop();
  }
}

/** Fast is only what was kept: each report that was answered has its row. (More rows are those whose answer came too late to be counted.) */
async function checkStored(database: ScratchDatabase, table: string, answered: number): Promise<void> {
  const [row] = await within(database.query<{ stored: string }>(`select count(*) as stored from ${table}`), SETTLE_MS, () => `${table} could not be counted`);
  if (Number(row?.stored) < answered) throw new Error(`${answered} reports were answered, ${row?.stored} are in ${table}`);
}

/** CPU of server and PostgreSQL per report, in µs; NaN where it was not told. */
function costOf({ serverMicroseconds, postgresMicroseconds }: Run): number {
  return (serverMicroseconds ?? Number.NaN) + (postgresMicroseconds ?? Number.NaN);
}

function summarize(lines: readonly Line[], comparisons: readonly Comparison[], runs: Map<string, Run[]>): Answer {
  const medians = new Map<string, Run>();
  for (const [key, of] of runs) {
    if (of.length === 0) continue;
    const field = (name: Exclude<keyof Run, 'remark'>): number => median(of.map((run) => run[name] ?? Number.NaN));
    medians.set(key, {
      reportsPerSecond: field('reportsPerSecond'),
      callsPerSecond: field('callsPerSecond'),
      latencyP50Ms: field('latencyP50Ms'),
      latencyP99Ms: field('latencyP99Ms'),
      serverMicroseconds: medianOrNull(of.map((run) => run.serverMicroseconds)),
      postgresMicroseconds: medianOrNull(of.map((run) => run.postgresMicroseconds)),
      generatorMicroseconds: field('generatorMicroseconds'),
      remark: of[0]?.remark ?? '',
    });
  }
  const ratios = comparisons.flatMap(({ name, of, over, aim }) => {
    const [ours, theirs] = [medians.get(of), medians.get(over)];
    if (ours === undefined || theirs === undefined) return [];
    const ratio = ours.reportsPerSecond / theirs.reportsPerSecond;
    // What others do on the machine meanwhile takes from either side's time, much less from what a report costs.
    const costRatio = costOf(theirs) / costOf(ours);
    return [{ name, ratio, ...(aim === undefined ? {} : { aim: `at least ${aim}`, met: ratio >= aim }) }, ...(Number.isNaN(costRatio) ? [] : [{ name: `${name}, by CPU time`, ratio: costRatio }])];
  });
  const table = markdownTable(
    ['', 'reports/s', 'p50 ms', 'p99 ms', 'server CPU µs/report', 'PostgreSQL CPU µs/report'],
    [...medians].map(([key, run]) => [lines.find((line) => line.key === key)?.name ?? key, show(run.reportsPerSecond), show(run.latencyP50Ms), show(run.latencyP99Ms), show(run.serverMicroseconds), show(run.postgresMicroseconds)]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
