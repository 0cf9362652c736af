import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../child.ts';
import type { Contestant, RunningContestant } from '../contestant.ts';
import { profilingInto, showProfiles, type Span } from '../cpu-profile.ts';
import { naiveGraphqlWs } from '../peers/naive-graphql-ws/contestant.ts';
import { plane } from '../plane.ts';
import { cpuMsOf, cpuMsOfFamily, residentBytesOf } from '../process-cost.ts';
import type { Answer, Question, QuestionOptions } from '../question.ts';
import { createScratchDatabase, type ScratchDatabase } from '../scratch-database.ts';
import { markdownTable, median, medianOrNull, quantile, show } from '../statistics.ts';
import type { ClientsOrder, EventReached } from './clients.ts';

const CONTESTANTS: readonly Contestant[] = [plane, naiveGraphqlWs];
const AIM = 0.2;
const STEP_TIMEOUT_MS = 60_000;
const WARM_UP_EVENTS = 5;
const PAUSE_MS = 100;
const SETTLE_MS = 1_000;
const FIRST_PROBE_MS = 500;
const HOUR_MS = 3_600_000;

const SUBSCRIPTION = `subscription ($customerId: ID!) {
  usageReported(customerId: $customerId) {
    activeDevices
    instance { name }
    customer { companyName subscription { plan { name } } license { expiresAt } }
  }
}`;

const REPORT = `mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }`;

interface Run {
  /** From the moment that the report is sent until the last subscriber has it: what a person waits. */
  sentToLastMs: number;
  sentToLastP90Ms: number;
  answeredToLastMs: number;
  sentToFirstMs: number;
  serverCpuMsPerEvent: number | null;
  postgresCpuMsPerEvent: number | null;
  residentKbPerSubscriber: number | null;
}

/** One event to all subscribers of a customer, joined across customers, billing and licensing, beside a server that executes for each. */
export const fanOut: Question = {
  name: 'fan-out',
  ask: async (options) => {
    const runs = new Map<string, Run[]>(CONTESTANTS.map(({ name }) => [name, []]));
    const contestants = CONTESTANTS.filter(({ name }) => options.only === null || name.includes(options.only));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const contestant of contestants) {
        const run = await measure(contestant, options);
        runs.get(contestant.name)?.push(run);
        options.say(`round ${round}, ${contestant.name}: last of ${options.subscribers} after ${show(run.sentToLastMs, 'ms')}, CPU per event: server ${show(run.serverCpuMsPerEvent, 'ms')}, PostgreSQL ${show(run.postgresCpuMsPerEvent, 'ms')}; ${show(run.residentKbPerSubscriber, 'KB')} per subscriber`);
      }
    }
    return summarize(runs);
  },
};

async function measure(contestant: Contestant, options: QuestionOptions): Promise<Run> {
  const database = await createScratchDatabase();
  const profiles = join(database.folder, 'profiles');
  let server: RunningContestant | null = null;
  try {
    server = await contestant.start({ databaseUrl: database.url, folder: database.folder, customers: 1, nodeOptions: options.profile ? profilingInto(profiles) : [] });
    const { run, span } = await publish(server, database, options);
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

async function publish(server: RunningContestant, database: ScratchDatabase, options: QuestionOptions): Promise<{ run: Run; span: Span }> {
  const clients = startChild({ name: 'subscribers', script: 'bench/fan-out/clients.ts', env: { NODE_ENV: 'production' } });
  try {
    await clients.next('ready', STEP_TIMEOUT_MS);
    // The first report makes the instance and warms what is not in question.
    await report(server, 1);
    const residentBefore = residentBytesOf(server.pids);
    await subscribeAll(clients, server, options.subscribers);
    await delay(SETTLE_MS);
    const residentAfter = residentBytesOf(server.pids);
    let event = await untilAllHear(clients, server);
    for (let index = 0; index < WARM_UP_EVENTS; index += 1) await sendOne(clients, server, ++event);
    const from = process.hrtime.bigint();
    const before = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid) };
    const times: Awaited<ReturnType<typeof sendOne>>[] = [];
    for (let index = 0; index < options.events; index += 1) times.push(await sendOne(clients, server, ++event));
    const after = { server: cpuMsOf(server.pids), postgres: cpuMsOfFamily(database.pid) };
    const each = (end: number | null, start: number | null, count: number): number | null => (end === null || start === null ? null : (end - start) / count);
    const run: Run = {
      sentToLastMs: median(times.map(({ sentToLastMs }) => sentToLastMs)),
      sentToLastP90Ms: quantile(times.map(({ sentToLastMs }) => sentToLastMs), 0.9),
      answeredToLastMs: median(times.map(({ answeredToLastMs }) => answeredToLastMs)),
      sentToFirstMs: median(times.map(({ sentToFirstMs }) => sentToFirstMs)),
      serverCpuMsPerEvent: each(after.server, before.server, options.events),
      postgresCpuMsPerEvent: each(after.postgres, before.postgres, options.events),
      residentKbPerSubscriber: each(residentAfter, residentBefore, options.subscribers * 1024),
    };
    return { run, span: { from, to: process.hrtime.bigint() } };
  } finally {
    await clients.stop();
  }
}

async function subscribeAll(clients: Child, server: RunningContestant, subscribers: number): Promise<void> {
  const account = accountOf(server);
  const order: ClientsOrder = { url: `${server.url.replace('http', 'ws')}/graphql`, connectionParams: account.connectionParams, subscribers, query: SUBSCRIPTION, variables: { customerId: account.customerId } };
  clients.send(order);
  await clients.next('subscribed', STEP_TIMEOUT_MS);
}

/** The protocol does not say when a subscription has begun: an event that reaches everybody does. */
async function untilAllHear(clients: Child, server: RunningContestant): Promise<number> {
  const deadline = performance.now() + STEP_TIMEOUT_MS;
  for (let event = 2; performance.now() < deadline; event += 1) {
    await report(server, event);
    const reached = await clients.next<EventReached>('reached', STEP_TIMEOUT_MS / 10).catch(() => null);
    if (reached !== null) {
      checkJoined(reached.sample);
      return event;
    }
    await delay(FIRST_PROBE_MS);
  }
  throw new Error('not every subscriber heard an event');
}

async function sendOne(clients: Child, server: RunningContestant, event: number): Promise<{ sentToLastMs: number; answeredToLastMs: number; sentToFirstMs: number }> {
  await delay(PAUSE_MS);
  const sentAt = process.hrtime.bigint();
  await report(server, event);
  const answeredAt = process.hrtime.bigint();
  const reached = await clients.next<EventReached>('reached', STEP_TIMEOUT_MS);
  if (reached.event !== event) throw new Error(`event ${reached.event} arrived where ${event} was due`);
  const ms = (from: bigint, to: string): number => Number(BigInt(to) - from) / 1_000_000;
  return { sentToLastMs: ms(sentAt, reached.lastAt), answeredToLastMs: ms(answeredAt, reached.lastAt), sentToFirstMs: ms(sentAt, reached.firstAt) };
}

/** A report whose number of devices says which event it is. */
async function report(server: RunningContestant, event: number): Promise<void> {
  const end = Math.floor(Date.now() / 1000) * 1000;
  const input = { instance: 'edge-001', reports: [{ reportId: randomUUID(), intervalStart: new Date(end - HOUR_MS).toISOString(), intervalEnd: new Date(end).toISOString(), activeDevices: event, totalDevices: 1_000_000 }] };
  const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': accountOf(server).apiKey }, body: JSON.stringify({ query: REPORT, variables: { input } }) });
  const text = await answer.text();
  if (!text.includes('"accepted":1')) throw new Error(`the report was answered with ${text}`);
}

function accountOf(server: RunningContestant): RunningContestant['accounts'][number] {
  const account = server.accounts[0];
  if (account === undefined) throw new Error('there is no account');
  return account;
}

/** A push without the other domains' fields would be another question. */
function checkJoined(message: string): void {
  const { payload } = JSON.parse(message) as { payload: { errors?: object[]; data: { usageReported: { instance: { name: string } | null; customer: { companyName: string; subscription: { plan: { name: string } }; license: { expiresAt: string } | null } | null } } } };
  const { instance, customer } = payload.data.usageReported;
  const fields = [instance?.name, customer?.companyName, customer?.subscription.plan.name, customer?.license?.expiresAt];
  if (payload.errors !== undefined || fields.some((field) => typeof field !== 'string')) throw new Error(`the event is not joined: ${message}`);
}

function summarize(runs: Map<string, Run[]>): Answer {
  const medians = new Map<string, Run>();
  for (const [name, of] of runs) {
    if (of.length === 0) continue;
    const field = (key: keyof Run): number => median(of.map((run) => run[key] ?? Number.NaN));
    medians.set(name, {
      sentToLastMs: field('sentToLastMs'),
      sentToLastP90Ms: field('sentToLastP90Ms'),
      answeredToLastMs: field('answeredToLastMs'),
      sentToFirstMs: field('sentToFirstMs'),
      serverCpuMsPerEvent: medianOrNull(of.map((run) => run.serverCpuMsPerEvent)),
      postgresCpuMsPerEvent: medianOrNull(of.map((run) => run.postgresCpuMsPerEvent)),
      residentKbPerSubscriber: medianOrNull(of.map((run) => run.residentKbPerSubscriber)),
    });
  }
  const [ours, theirs] = [medians.get(plane.name), medians.get(naiveGraphqlWs.name)];
  const share = (key: keyof Run): number => (ours?.[key] ?? Number.NaN) / (theirs?.[key] ?? Number.NaN);
  const ratios = ours === undefined || theirs === undefined ? [] : [{ name: 'report sent to last subscriber', ratio: share('sentToLastMs'), aim: `at most ${AIM}`, met: share('sentToLastMs') <= AIM }, { name: 'server CPU per event', ratio: share('serverCpuMsPerEvent') }, { name: 'memory per subscriber', ratio: share('residentKbPerSubscriber') }];
  const table = markdownTable(
    ['', 'sent to last, ms', 'p90 ms', 'answered to last, ms', 'sent to first, ms', 'server CPU ms/event', 'PostgreSQL CPU ms/event', 'KB/subscriber'],
    [...medians].map(([name, run]) => [name, show(run.sentToLastMs), show(run.sentToLastP90Ms), show(run.answeredToLastMs), show(run.sentToFirstMs), show(run.serverCpuMsPerEvent), show(run.postgresCpuMsPerEvent), show(run.residentKbPerSubscriber)]),
  );
  return { table, ratios, medians: Object.fromEntries(medians), runs: Object.fromEntries(runs) };
}
