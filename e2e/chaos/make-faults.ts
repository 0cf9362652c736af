import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChaosCustomer, doDeed, simulate } from './customers.ts';
import type { Desk } from './desk.ts';
import type { ChaosPlane, PartName } from './plane.ts';
import type { Random } from './random.ts';
import type { Scenario, StripeFault } from './scenario.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const STRIPE_FAULTS: Record<StripeFault, Record<string, unknown>> = {
  tooMany: { status: 429 },
  failing: { status: 500 },
  failingAfter: { status: 500, afterApply: true },
  cut: { cut: true },
  slow: { delayMs: 400 },
};
const MAX_FAILING_CALLS = 10;
const MOST_OFTEN = 4;
const KILL_ATTEMPTS = 6;
const MAX_DEEDS_AT_ONCE = 6;
/** What dies by a failpoint as soon as it runs is never ready. */
const ARMED_READY_MS = 120_000;

/** What faults are made of, and whom they meet. */
interface FaultTargets {
  scenario: Scenario;
  random: Random;
  plane: ChaosPlane;
  agents: readonly SupervisedProcess[];
  desk: Desk;
  customers: readonly ChaosCustomer[];
}

/** Kills, cuts, failures of Stripe and people's changes, for as long as the scenario says. */
export class FaultMaker {
  /** What was done, and how often. */
  readonly injected = new Map<string, number>();
  readonly #at: FaultTargets;
  readonly #random: Random;
  readonly #deeds = new Set<Promise<void>>();
  #done = 0;
  readonly #notKilledYet: (PartName | 'agents')[];

  constructor(at: FaultTargets) {
    this.#at = at;
    this.#random = at.random;
    this.#notKilledYet = this.#random.shuffled(Object.keys(at.scenario.kills) as (PartName | 'agents')[]);
  }

  /** Everything at once, each by a clock and a choice of its own. */
  async run(): Promise<void> {
    const { scenario, plane } = this.#at;
    plane.gatewayProxy.rates = scenario.network;
    plane.stripeProxy.rates = scenario.stripeNetwork;
    await simulate(plane, '/_sim/chaos', scenario.webhooks);
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    await this.#armFailpoints();
    await Promise.all([
      this.#untilEnough().finally(() => over.abort()),
      this.#repeat(scenario.killEveryMs, over.signal, (random) => this.#kill(random)),
      this.#repeat(scenario.stripeFaultEveryMs, over.signal, (random) => this.#failStripe(random)),
      this.#repeat(scenario.cutEveryMs, over.signal, (random) => this.#cut(random)),
      this.#repeat(scenario.deedEveryMs, over.signal, (random) => this.#beginDeed(random.fork())),
    ]);
    await Promise.all(this.#deeds);
  }

  /** Each process that is started from now on draws anew. */
  async #armFailpoints(): Promise<void> {
    const { plane } = this.#at;
    for (const [part, text] of Object.entries(this.#at.scenario.failpoints)) {
      const random = this.#random.fork();
      for (const program of part === 'agents' ? this.#at.agents : [plane.parts.get(part as PartName)]) program?.arm(() => `seed=${random.between(1, 1_000_000_000)};${text}`);
    }
    // A failpoint may meet a part before it is ready; what comes next copes with that.
    await plane.untilReady(ARMED_READY_MS).catch(() => undefined);
  }

  async #untilEnough(): Promise<void> {
    const { faultSeconds, least } = this.#at.scenario;
    const reports = (): number => [...this.#at.desk.statuses.values()].reduce((sum, { sequence }) => sum + sequence, 0);
    await pause(faultSeconds * 1000);
    for (let seconds = faultSeconds; seconds < MOST_OFTEN * faultSeconds && (this.#notKilledYet.length > 0 || this.kills < least.kills || reports() < least.reports || this.#done < (least.deeds ?? 0)); seconds += 1) await pause(1_000);
  }

  /** By our hand and by failpoints. */
  get kills(): number {
    const { plane } = this.#at;
    return [...plane.parts.values(), ...this.#at.agents].reduce((sum, { kills, failpointKills }) => sum + kills + failpointKills, plane.postgresKills);
  }

  async #repeat(everyMs: readonly [number, number] | null, signal: AbortSignal, work: (random: Random) => Promise<void> | void): Promise<void> {
    const random = this.#random.fork();
    if (everyMs === null) return;
    while (!signal.aborted) {
      await pause(random.between(...everyMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // A control that cannot be reached, for its part is down, is a fault that is not made.
      await Promise.resolve(work(random)).catch(() => undefined);
    }
  }

  #count(what: string, by = 1): void {
    this.injected.set(what, (this.injected.get(what) ?? 0) + by);
  }

  /** Each part once, then by weight; one that is not up is passed over. */
  async #kill(random: Random): Promise<void> {
    const downMs = random.between(0, this.#at.scenario.maxDownMs);
    for (let attempt = 0; attempt < KILL_ATTEMPTS; attempt += 1) {
      const first = this.#notKilledYet.shift();
      const part = first ?? random.pickWeighted(this.#at.scenario.kills);
      if (part === null) return;
      if (part === 'agents' ? this.#killAgents(random, downMs) : await this.#at.plane.kill(part, downMs)) return;
      if (first !== undefined) this.#notKilledYet.push(first);
    }
  }

  #killAgents(random: Random, downMs: number): boolean {
    const running = this.#at.agents.filter(({ pid }) => this.#at.desk.hears(pid));
    if (running.length === 0) return false;
    const agent = random.pick(running);
    agent.kill(downMs);
    return true;
  }

  async #failStripe(random: Random): Promise<void> {
    const fault = random.pickWeighted(this.#at.scenario.stripeFaults);
    if (fault === null) return;
    const count = random.between(1, MAX_FAILING_CALLS);
    await simulate(this.#at.plane, '/_sim/faults', { ...STRIPE_FAULTS[fault], count });
    this.#count(`series of Stripe's failures: ${fault}`);
  }

  async #cut(random: Random): Promise<void> {
    const role = random.pickWeighted(this.#at.scenario.cuts);
    if (role !== null) this.#count('database connections cut', await this.#at.plane.cutConnections(role));
  }

  /** People do not wait for one another, and an answer may take long. */
  #beginDeed(random: Random): void {
    if (this.#deeds.size >= MAX_DEEDS_AT_ONCE) return;
    const deed = this.#deed(random).catch(() => undefined);
    this.#deeds.add(deed);
    void deed.finally(() => this.#deeds.delete(deed));
  }

  async #deed(random: Random): Promise<void> {
    const deed = random.pickWeighted(this.#at.scenario.deeds);
    if (deed === null) return;
    this.#done += 1;
    const reason = await doDeed(this.#at.plane, random.pick(this.#at.customers), deed, random);
    this.#count(`deeds: ${deed}${reason === null ? '' : ` (${reason})`}`);
  }
}
