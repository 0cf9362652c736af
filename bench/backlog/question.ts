import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../child.ts';
import type { RunningContestant } from '../contestant.ts';
import { plane } from '../plane.ts';
import { cpuMsOf, cpuMsOfFamily, residentBytesOf } from '../process-cost.ts';
import type { Answer, Question, QuestionOptions } from '../question.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, medianOrNull, show } from '../statistics.ts';
import { untilQuiet } from '../until-quiet.ts';
import type { Agent, Failures } from './agent-call.ts';
import type { AgentsDone, AgentsOrder } from './agents.ts';
import type { LiveOrder, LiveWindow } from './live.ts';

const AGENTS_PER_CUSTOMER = 10;
/** 30 days, one an hour. */
const REPORTS_PER_AGENT = 720;
const LIVE_CALLS_PER_SECOND = 50;
const LIVE_AGENTS = 50;
const WARM_UP_MS = 5_000;
/** Of live traffic by itself, times `seconds`: fifty calls a second need a while until their 99th percentile says something. */
const ALONE_TIMES = 4;
/** That the same reports come one by one, times `seconds`: all of them would take many minutes, and the last ones tell nothing new. */
const IN_ORDER_TIMES = 8;
const HOUR_MS = 3_600_000;
const SETTLE_MS = 60_000;
/** Live calls that were refused or timed out come again after up to a minute, perhaps more than once. */
const WINDOW_WITHIN_MS = 300_000;
const BACKLOG_WITHIN_MS = 1_800_000;
const AIM = 2;

const ARRIVALS = ['at once', 'in order'] as const;
type Arrival = (typeof ARRIVALS)[number];

interface Run extends Figures {
  failures: Failures;
  liveFailures: Failures;
}

interface Figures {
  /** From the first of the backlog's calls to the last one's answer. */
  seconds: number;
  reports: number;
  reportsPerSecond: number;
  failedTries: number;
  liveFailedTries: number;
  aloneP50Ms: number;
  aloneP99Ms: number;
  liveP50Ms: number;
  liveP99Ms: number;
  liveMaxMs: number;
  /** CPU per report, live ones included, in µs. */
  serverMicroseconds: number | null;
  postgresMicroseconds: number | null;
  residentMb: number | null;
}

/** Agents that come back after 30 days, all at once, while others report as ever; beside the same reports one by one. */
export const backlog: Question = {
  name: 'backlog',
  ask: async (options) => {
    const runs = new Map<Arrival, Run[]>(ARRIVALS.map((arrival) => [arrival, []]));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const arrival of ARRIVALS.filter((name) => options.only === null || name.includes(options.only))) {
        const run = await measure(arrival, options);
        runs.get(arrival)?.push(run);
        options.say(
          `round ${round}, ${arrival}: ${run.reports.toLocaleString('en-US')} reports in ${show(run.seconds, 's')} (${show(run.reportsPerSecond)}/s), tries again: ${run.failedTries} ${JSON.stringify(run.failures)}; live p99 alone ${show(run.aloneP99Ms, 'ms')}, beside it ${show(run.liveP99Ms, 'ms')}, worst ${show(run.liveMaxMs, 'ms')}, tries again: ${run.liveFailedTries} ${JSON.stringify(run.liveFailures)}; CPU per report: server ${show(run.serverMicroseconds, 'µs')}, PostgreSQL ${show(run.postgresMicroseconds, 'µs')}; server ${show(run.residentMb, 'MB')}`,
        );
      }
    }
    return summarize(runs);
  },
};

async function measure(arrival: Arrival, options: QuestionOptions): Promise<Run> {
  const database = await createScratchDatabase();
  let server: RunningContestant | null = null;
  const children: Child[] = [];
  const start = async (name: string, script: string): Promise<Child> => {
    const child = startChild({ name, script, env: { NODE_ENV: 'production' } });
    children.push(child);
    await child.next('ready', SETTLE_MS);
    return child;
  };
  try {
    server = await plane.start({ databaseUrl: database.url, folder: database.folder, customers: Math.max(1, Math.ceil(options.agents / AGENTS_PER_CUSTOMER)), nodeOptions: [] });
    await untilQuiet(database.pid);
    const live = await start('live traffic', 'bench/backlog/live.ts');
    const agents = await start('agents', 'bench/backlog/agents.ts');
    return await arrive({ arrival, server, database, live, agents, options });
  } finally {
    for (const child of children) await child.stop();
    await server?.stop();
    await database.remove();
  }
}

interface Stage {
  arrival: Arrival;
  server: RunningContestant;
  database: ScratchDatabase;
  live: Child;
  agents: Child;
  options: QuestionOptions;
}

async function arrive({ arrival, server, database, live, agents, options }: Stage): Promise<Run> {
  const window = async (): Promise<LiveWindow> => {
    live.send({ kind: 'window' });
    return live.next<LiveWindow>('window', WINDOW_WITHIN_MS);
  };
  const cost = (): { server: number | null; postgres: number | null } => ({ server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid) });
  const backlogged = agentsOf(server, options.agents, 'edge');
  live.send({ url: server.url, agents: agentsOf(server, LIVE_AGENTS, 'live'), callsPerSecond: LIVE_CALLS_PER_SECOND } satisfies LiveOrder);
  await delay(WARM_UP_MS);
  const warmUp = await window();
  await delay(options.seconds * ALONE_TIMES * 1000);
  const alone = await window();
  const before = cost();
  agents.send({ url: server.url, agents: backlogged, reportsPerAgent: REPORTS_PER_AGENT, arrival, endMs: Math.floor(Date.now() / HOUR_MS) * HOUR_MS, withinSeconds: options.seconds * IN_ORDER_TIMES } satisfies AgentsOrder);
  const done = await agents.next<AgentsDone>('done', BACKLOG_WITHIN_MS);
  const beside = await window();
  const after = cost();
  const residentBytes = residentBytesOf(server.pids);
  await live.stop();
  await checkNothingLost(database, done.reports, warmUp.calls + alone.calls + beside.calls);
  const each = (end: number | null, start: number | null): number | null => (end === null || start === null ? null : ((end - start) * 1000) / (done.reports + beside.calls));
  return {
    seconds: done.seconds,
    reports: done.reports,
    reportsPerSecond: done.reports / done.seconds,
    failedTries: countOf(done.failures),
    failures: done.failures,
    liveFailedTries: countOf(beside.failures),
    liveFailures: beside.failures,
    aloneP50Ms: alone.p50Ms,
    aloneP99Ms: alone.p99Ms,
    liveP50Ms: beside.p50Ms,
    liveP99Ms: beside.p99Ms,
    liveMaxMs: beside.maxMs,
    serverMicroseconds: each(after.server, before.server),
    postgresMicroseconds: each(after.postgres, before.postgres),
    residentMb: residentBytes === null ? null : residentBytes / 2 ** 20,
  };
}

function countOf(failures: Failures): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

function agentsOf({ accounts }: RunningContestant, count: number, name: string): Agent[] {
  return Array.from({ length: count }, (_, index) => {
    const account = accounts[index % accounts.length];
    if (account === undefined) throw new Error('there is no account');
    return { account, instance: `${name}-${String(index).padStart(4, '0')}` };
  });
}

/** Each report of the backlog is there once, as are the live ones that were answered; what is stored is rolled up, keyed and counted. */
async function checkNothingLost(database: ScratchDatabase, backlogged: number, live: number): Promise<void> {
  const [row] = await database.query<{ backlogged: string; live: string; keyed: string; rolled: string; counted: string }>(`
    select count(*) filter (where i.name like 'edge-%') as backlogged, count(*) filter (where i.name like 'live-%') as live,
      (select count(*) from usage.report_keys) as keyed, (select sum(reports) from usage.rollups_hourly) as rolled, (select sum(accepted) from usage.instances) as counted
    from usage.usage_reports u join usage.instances i on i.no = u.instance_no`);
  const found = { backlogged: Number(row?.backlogged), live: Number(row?.live), keyed: Number(row?.keyed), rolled: Number(row?.rolled), counted: Number(row?.counted) };
  const stored = found.backlogged + found.live;
  if (found.backlogged !== backlogged || found.live < live || found.keyed !== stored || found.rolled !== stored || found.counted !== stored) throw new Error(`${backlogged} reports of the backlog and ${live} live ones were answered; the database has ${JSON.stringify(found)}`);
}

function summarize(runs: Map<Arrival, Run[]>): Answer {
  const medians = new Map<Arrival, Figures>();
  for (const [arrival, of] of runs) {
    if (of.length === 0) continue;
    const field = (key: keyof Figures): number => median(of.map((run) => run[key] ?? Number.NaN));
    const maybe = (key: keyof Figures): number | null => medianOrNull(of.map((run) => run[key]));
    medians.set(arrival, {
      seconds: field('seconds'),
      reports: field('reports'),
      reportsPerSecond: field('reportsPerSecond'),
      failedTries: field('failedTries'),
      liveFailedTries: field('liveFailedTries'),
      aloneP50Ms: field('aloneP50Ms'),
      aloneP99Ms: field('aloneP99Ms'),
      liveP50Ms: field('liveP50Ms'),
      liveP99Ms: field('liveP99Ms'),
      liveMaxMs: field('liveMaxMs'),
      serverMicroseconds: maybe('serverMicroseconds'),
      postgresMicroseconds: maybe('postgresMicroseconds'),
      residentMb: maybe('residentMb'),
    });
  }
  const [atOnce, inOrder] = [medians.get('at once'), medians.get('in order')];
  const slowdown = ({ liveP99Ms, aloneP99Ms }: Figures): number => liveP99Ms / aloneP99Ms;
  const ratios = [
    ...(atOnce === undefined ? [] : [{ name: 'live p99 while the backlog arrives, of without', ratio: slowdown(atOnce), aim: `at most ${AIM}`, met: slowdown(atOnce) <= AIM }]),
    ...(inOrder === undefined ? [] : [{ name: 'live p99 while the same reports come one by one, of without', ratio: slowdown(inOrder) }]),
    ...(atOnce === undefined || inOrder === undefined ? [] : [{ name: 'live p99, the backlog at once, of one by one', ratio: atOnce.liveP99Ms / inOrder.liveP99Ms, aim: `at most ${AIM}`, met: atOnce.liveP99Ms / inOrder.liveP99Ms <= AIM }]),
  ];
  const table = markdownTable(
    ['the backlog', 'reports', 'seconds', 'reports/s', 'tries again', 'live p99 ms without', 'live p50 ms', 'live p99 ms', 'live worst ms', 'server CPU µs/report', 'PostgreSQL CPU µs/report', 'server MB'],
    [...medians].map(([arrival, run]) => [arrival, ...[run.reports, run.seconds, run.reportsPerSecond, run.failedTries, run.aloneP99Ms, run.liveP50Ms, run.liveP99Ms, run.liveMaxMs, run.serverMicroseconds, run.postgresMicroseconds, run.residentMb].map((value) => show(value))]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
