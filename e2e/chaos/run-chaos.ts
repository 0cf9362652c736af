import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../built.ts';
import type { AgentProcessPlan } from './agent-process.ts';
import { type ChaosCustomer, makeCustomers, simulate, stripeOf } from './customers.ts';
import { Desk } from './desk.ts';
import type { FaultProxy } from './fault-proxy.ts';
import { IntakeWatch } from './intake-watch.ts';
import { compareIntake, compareLicenses, compareStandings, compareTold, compareUsage, type CustomerEvidence, type Difference, type MeterRow, type StripeStanding } from './invariants.ts';
import { compareDeployments, pendingDeployments } from './deployments.ts';
import { FaultMaker } from './make-faults.ts';
import { endPeriod } from './period-end.ts';
import { ChaosPlane } from './plane.ts';
import { Random } from './random.ts';
import { pendingWork, readPlane, readStanding, toldRevisions, unauditedChanges } from './read-plane.ts';
import type { Scenario } from './scenario.ts';
import { StripeWatch } from './stripe-watch.ts';
import { compareLive, Subscriber } from './subscribers.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { readTally } from './tally.ts';

export interface ChaosReport {
  differences: Difference[];
  rows: MeterRow[];
  /** What was done to it: kind, number. */
  injected: [what: string, count: number][];
  reports: number;
  settledInMs: number;
  /** Kept only where something differs. */
  folder: string;
}

/** Hours of the period that lie behind the present, for gauges to have peaks in. */
const STRIPE_BEHIND_MS = 5 * 3_600_000;

/** One run from an empty plane to its verdict. @param options.say what goes on, for whoever waits. @param options.signal breaks it off, and leaves no process behind. */
export async function runChaos(scenario: Scenario, options: { productRoot?: string; say?: (text: string) => void; signal?: AbortSignal } = {}): Promise<ChaosReport> {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-chaos-'));
  const run = new ChaosRun(scenario, folder, options.productRoot ?? ROOT, options.say ?? (() => undefined));
  options.signal?.addEventListener('abort', () => void run.close(), { once: true });
  try {
    const report = await run.run();
    // What still runs writes to it: its processes end first.
    await run.close();
    if (report.differences.length === 0) rmSync(folder, { recursive: true, force: true });
    return report;
  } finally {
    await run.close();
  }
}

class ChaosRun {
  readonly #random: Random;
  readonly #intake = new IntakeWatch();
  readonly #stripe = new StripeWatch();
  readonly #agents: SupervisedProcess[] = [];
  #closing: Promise<void> | null = null;
  #plane: ChaosPlane | null = null;
  #desk: Desk | null = null;
  #customers: ChaosCustomer[] = [];
  #subscribers: Subscriber[] = [];

  constructor(
    readonly scenario: Scenario,
    readonly folder: string,
    readonly productRoot: string,
    readonly say: (text: string) => void,
  ) {
    this.#random = new Random(scenario.seed);
  }

  async run(): Promise<ChaosReport> {
    const { scenario, folder } = this;
    this.say('starting');
    const plane = await ChaosPlane.start({ folder, productRoot: this.productRoot, redis: scenario.redis, isMovable: scenario.endsPeriod, random: this.#random.fork(), stripeBehindMs: STRIPE_BEHIND_MS, intake: this.#intake, stripe: this.#stripe });
    this.#plane = plane;
    this.#customers = await makeCustomers(plane, this.#random.fork(), { customers: scenario.customers, instancesEach: scenario.instancesEach, stripeBehindMs: STRIPE_BEHIND_MS, trialsHaveEnded: scenario.endsPeriod });
    const desk = await this.#startAgents(plane);
    this.say(`${this.#customers.length} customers with ${desk.products.size} instances; faults for ${scenario.faultSeconds} s`);
    this.#subscribers = scenario.isWatched ? this.#customers.map((customer) => new Subscriber(plane, customer)) : [];
    const faults = new FaultMaker({ scenario, random: this.#random.fork(), plane, agents: this.#agents, desk, customers: this.#customers });
    await faults.run();
    this.say('faults are over');
    const started = performance.now();
    const pending = await this.#settle(plane, desk);
    const settledInMs = performance.now() - started;
    const compared = await this.#compare(plane, desk, pending);
    if (scenario.endsPeriod && compared.differences.length === 0) {
      this.say('the period ends');
      compared.differences.push(...(await endPeriod(plane, { folder, customers: this.#customers, rows: compared.rows, settleSeconds: scenario.settleSeconds })));
    }
    return { ...compared, injected: this.#countInjected(plane, faults), settledInMs, folder };
  }

  /** May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscribers.map((subscriber) => subscriber.close()), ...this.#agents.map((agent) => agent.stop())]);
    await this.#desk?.close();
    await this.#plane?.close();
  }

  async #startAgents(plane: ChaosPlane): Promise<Desk> {
    const { scenario, folder } = this;
    const desk = await Desk.open();
    this.#desk = desk;
    const random = this.#random.fork();
    const all = this.#customers.flatMap((customer) => customer.instances.map((name) => ({ name, folder: join(folder, 'agents', name), apiKey: customer.apiKey })));
    for (const { name, folder: place } of all) {
      mkdirSync(place, { recursive: true });
      desk.addInstance(name, random.fork());
    }
    const from = new Date(Math.max(...this.#customers.map(({ periodStart }) => periodStart.getTime())) + 60_000);
    desk.begin(from, scenario.faultSeconds * 1000);
    for (let index = 0; index < scenario.agentProcesses; index += 1) {
      const plan: AgentProcessPlan = { productRoot: this.productRoot, deskUrl: desk.url, planeUrl: plane.gatewayProxy.url, tickMs: scenario.tickMs, instances: all.filter((_, position) => position % scenario.agentProcesses === index) };
      const file = join(folder, `agents-${index + 1}.json`);
      writeFileSync(file, JSON.stringify(plan));
      const agent = new SupervisedProcess({ name: `agents-${index + 1}`, command: process.execPath, args: ['--import', 'tsx', join(import.meta.dirname, 'agent-process.ts'), file], environment: {}, logFile: join(folder, `logs/agents-${index + 1}.log`), readyUrl: null });
      this.#agents.push(agent);
      agent.start();
    }
    return desk;
  }

  /** @returns what is still pending when the time is up. */
  async #settle(plane: ChaosPlane, desk: Desk): Promise<string[]> {
    for (const program of [...plane.parts.values(), ...this.#agents]) program.arm(null);
    await Promise.all([plane.gatewayProxy.calm(), plane.stripeProxy.calm()]);
    await plane.untilReady();
    const endsMs = performance.now() + this.scenario.settleSeconds * 1000;
    // Stripe lets five minutes pass before it tries a webhook for the fifth time; started anew it tries at once.
    await plane.kill('stripe', 0);
    await plane.untilReady();
    await simulate(plane, '/_sim/faults', { count: 0 });
    await simulate(plane, '/_sim/chaos', { duplicate: 0, drop: 0, shuffle: 0 });
    desk.settle();
    let pending: string[] = [];
    let quiet = 0;
    let changedMs = performance.now();
    while (performance.now() < endsMs && performance.now() - changedMs < this.scenario.giveUpAfterSeconds * 1000) {
      const before = pending.join();
      pending = [...desk.unsettled().map((name) => `${name} has reports to tell`), ...(await pendingWork(plane).catch((error: unknown) => [String(error)])), ...(await pendingDeployments(plane).catch((error: unknown) => [String(error)])), ...this.#behind(desk)];
      if (pending.join() !== before) changedMs = performance.now();
      quiet = pending.length === 0 ? quiet + 1 : 0;
      if (quiet === 3) return [];
      await pause(250);
    }
    return pending;
  }

  /** Agents of one customer that hold different licenses: one of them has not heard yet. */
  #behind(desk: Desk): string[] {
    return this.#customers.filter(({ instances }) => new Set(instances.map((name) => desk.statuses.get(name)?.license?.id)).size > 1).map(({ id }) => `the agents of ${id} hold different licenses`);
  }

  async #compare(plane: ChaosPlane, desk: Desk, pending: readonly string[]): Promise<Pick<ChaosReport, 'differences' | 'rows' | 'reports'>> {
    const differences: Difference[] = pending.map((what) => ({ invariant: 'settled', what }));
    const rows: MeterRow[] = [];
    let reports = 0;
    for (const customer of this.#customers) {
      const tallies = new Map(customer.instances.map((name) => [name, readTally(join(this.folder, 'agents', name))]));
      const evidence: CustomerEvidence = { customer, tallies, view: await readPlane(plane, customer), standing: await readStanding(plane, customer.id), revisions: await toldRevisions(plane, customer.id) };
      const usage = compareUsage(evidence, desk);
      rows.push(...usage.rows);
      differences.push(...usage.differences, ...compareIntake(evidence, this.#intake), ...compareTold(evidence), ...compareLicenses(evidence), ...compareStandings(evidence, await standingAtStripe(plane, customer), desk), ...(await compareDeployments(plane, customer, customer.deployed)));
      reports += [...tallies.values()].reduce((sum, tally) => sum + tally.length, 0);
    }
    for (const subscriber of this.#subscribers) differences.push(...(await compareLive(plane, subscriber)));
    differences.push(...this.#stripe.unnoted.map((what): Difference => ({ invariant: 'noted', what })));
    differences.push(...this.#stripe.problems().map((what): Difference => ({ invariant: 'identifiers', what })));
    differences.push(...(await unauditedChanges(plane)).map((what): Difference => ({ invariant: 'audited', what })));
    if (this.#keepsLocks()) differences.push(...this.#stripe.overlaps.map((what): Difference => ({ invariant: 'turns', what })));
    for (const { name, surprises } of [...plane.parts.values(), ...this.#agents]) for (const how of surprises) differences.push({ invariant: 'standing', what: `${name} ended by itself (${how})` });
    return { differences, rows, reports };
  }

  /** A lock lasts as long as its connection: it orders and does not fence, and says so. Where none is cut, nobody may overtake. */
  #keepsLocks(): boolean {
    return (this.scenario.kills.postgres ?? 0) === 0 && (this.scenario.cuts.billing ?? 0) === 0;
  }

  #countLive(): [string, number][] {
    const sum = (of: (subscriber: Subscriber) => number): number => this.#subscribers.reduce((total, subscriber) => total + of(subscriber), 0);
    return [['live: connections', sum(({ connections }) => connections.length)], ['live: reports seen', sum(({ seen }) => seen)], ['live: said to have gaps', sum(({ gaps }) => gaps)]];
  }

  #countInjected(plane: ChaosPlane, faults: FaultMaker): ChaosReport['injected'] {
    const kills = [...plane.parts.values()].map(({ name, kills }): [string, number] => [`kill -9: ${name}`, kills]);
    const agents = this.#agents.reduce((sum, agent) => sum + agent.kills, 0);
    const wire = (where: string, { counts }: FaultProxy): [string, number][] => Object.entries(counts).map(([fault, count]) => [`${where}: ${fault}`, count]);
    const deeds = [...faults.injected].sort(([one], [other]) => (one < other ? -1 : 1));
    return [...kills, ['kill -9: postgres', plane.postgresKills], ['kill -9: agents', agents], ...wire('gateway', plane.gatewayProxy), ...wire('Stripe', plane.stripeProxy), ["Stripe: meter events taken", this.#stripe.distinct], ...deeds, ...this.#countLive(), ...countFailpoints(join(this.folder, 'logs'))];
  }
}

/** Each failpoint that was met says so on standard error, which is the part's log. */
function countFailpoints(folder: string): [string, number][] {
  const counts = new Map<string, number>();
  for (const file of readdirSync(folder)) {
    for (const [, what = ''] of readFileSync(join(folder, file), 'utf8').matchAll(/^failpoint (\S+: \w+)$/gm)) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([what, count]) => [`failpoint ${what}`, count]);
}

async function standingAtStripe(plane: ChaosPlane, { stripeCustomerId }: ChaosCustomer): Promise<StripeStanding> {
  const { data } = await stripeOf(plane).subscriptions.list({ customer: stripeCustomerId, status: 'all', limit: 100 });
  const live = data.filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired');
  const [current] = live;
  if (current === undefined) return { live: 0, plan: null, status: 'NONE', endsAtPeriodEnd: false };
  const key = current.items.data.map(({ price }) => price.lookup_key ?? '').find((name) => name.endsWith('_monthly'));
  return { live: live.length, plan: key?.replace('_monthly', '').toUpperCase() ?? null, status: current.status.toUpperCase(), endsAtPeriodEnd: current.cancel_at_period_end || current.cancel_at !== null };
}
