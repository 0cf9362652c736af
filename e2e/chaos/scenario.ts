import { DEEDS, type Deed } from './customers.ts';
import { type FaultRates, NO_FAULTS } from './fault-proxy.ts';
import type { PartName } from './plane.ts';

/** What is done to the plane, and for how long. */
export interface Scenario {
  seed: number;
  faultSeconds: number;
  /** Longest that all may take to come to rest afterwards. */
  settleSeconds: number;
  /** What has stood still for so long is not waited for: with a bug planted it may never come to rest. */
  giveUpAfterSeconds: number;
  customers: number;
  instancesEach: number;
  agentProcesses: number;
  /** About as often an instance reports. */
  tickMs: number;
  redis: boolean;
  /** Whether each customer's reports are watched live. */
  isWatched: boolean;
  /** Whether the period ends in the run: when all is at rest time is moved beyond it, and its invoices are looked at. */
  endsPeriod: boolean;
  /** By weight: whom a kill -9 meets. */
  kills: Partial<Record<PartName | 'agents', number>>;
  killEveryMs: readonly [number, number];
  /** On a busy machine the faults go on until each part was killed, so many in all, and so many reports were made; four times as long at most. */
  least: { kills: number; reports: number; deeds?: number };
  /** Down for at most so long. */
  maxDownMs: number;
  network: FaultRates;
  stripeNetwork: FaultRates;
  /** Between one series of failing answers of Stripe and the next; null for none. */
  stripeFaultEveryMs: readonly [number, number] | null;
  /** By weight: what fails then. */
  stripeFaults: Partial<Record<StripeFault, number>>;
  /** What a part's processes have armed while faults are made; each process draws for itself. */
  failpoints: Partial<Record<PartName | 'agents', string>>;
  /** Webhooks, 0 to 1. */
  webhooks: { duplicate: number; drop: number; shuffle: number };
  /** Connections between a part and PostgreSQL that are cut. */
  cuts: Partial<Record<'usage' | 'billing' | 'licensing' | 'customers', number>>;
  cutEveryMs: readonly [number, number] | null;
  deeds: Partial<Record<Deed, number>>;
  deedEveryMs: readonly [number, number] | null;
}

export type StripeFault = 'tooMany' | 'failing' | 'failingAfter' | 'cut' | 'slow';

/**
 * Between what random kills never part. Seldom enough that a part gets on between two of its deaths: the more often a place is
 * passed, the less often it kills.
 */
export const DEFAULT_FAILPOINTS: Scenario['failpoints'] = {
  usage: 'pipeline.committing=throw@0.01;pipeline.committed=kill@0.004;usage.measuring=kill@0.02;usage.measured=kill@0.02;relay.queued=kill@0.02;inbox.handled=kill@0.03;subgraph.answering=kill@0.002',
  billing: 'billing.sending=kill@0.03;billing.stripe-answered=kill@0.03;billing.change-begun=kill@0.1;billing.change-answered=kill@0.1;billing.webhook-stored=kill@0.03;billing.webhook-applied=kill@0.05;inbox.handling=delay(300)@0.1;inbox.handled=kill@0.01;exclusive.done=kill@0.005;relay.queued=kill@0.03',
  licensing: 'licensing.issuing=delay(200)@0.2;licensing.signed=kill@0.05;licensing.issued=kill@0.05;inbox.handling=throw@0.1;inbox.handled=kill@0.03;relay.queued=kill@0.03;subgraph.answering=kill@0.002',
  customers: 'inbox.handling=throw@0.1;inbox.handled=kill@0.03;relay.queued=kill@0.05;customers.deployment-claimed=kill@0.1;customers.deployment-step=kill@0.05;subgraph.answering=kill@0.001',
  agents: 'agent.report-written=kill@0.004;agent.report-synced=kill@0.004;agent.report-answered=kill@0.005;agent.file-written=kill@0.002;agent.license-replaced=kill@0.05',
};

/** Everything at once. */
export const DEFAULT_SCENARIO: Scenario = {
  seed: 1,
  faultSeconds: 600,
  settleSeconds: 240,
  giveUpAfterSeconds: Infinity,
  customers: 4,
  instancesEach: 3,
  agentProcesses: 3,
  tickMs: 350,
  redis: false,
  isWatched: true,
  endsPeriod: false,
  kills: { usage: 4, billing: 4, gateway: 2, licensing: 2, customers: 1, postgres: 2, stripe: 1, agents: 4 },
  killEveryMs: [1_500, 5_000],
  least: { kills: 0, reports: 0 },
  maxDownMs: 1_500,
  network: { reset: 0.04, lostReply: 0.06, cutReply: 0.04, duplicate: 0.06, lateDuplicate: 0.06, delay: 0.2, stranger: 0.04 },
  stripeNetwork: { ...NO_FAULTS, reset: 0.03, lostReply: 0.05, cutReply: 0.03, duplicate: 0.03, delay: 0.2 },
  stripeFaultEveryMs: [3_000, 9_000],
  stripeFaults: { tooMany: 1, failing: 1, failingAfter: 1, cut: 1, slow: 1 },
  failpoints: DEFAULT_FAILPOINTS,
  webhooks: { duplicate: 0.2, drop: 0, shuffle: 0.3 },
  cuts: { usage: 3, billing: 2, licensing: 1, customers: 1 },
  cutEveryMs: [700, 2_500],
  deeds: Object.fromEntries(DEEDS.map((deed) => [deed, 1])),
  deedEveryMs: [2_000, 6_000],
};

/** An agent is back within half a second; a part of the plane takes several, and what is not up cannot be killed. */
const AGENTS_THAT_OFTEN_DIE = 6;

/**
 * So many kills a minute, the faults going on until there were as many. Two cores do not start parts of the plane so often: most of
 * the kills meet agents, and each part still dies as often as it comes up.
 */
export function killing(perMinute: number, faultSeconds: number): Pick<Scenario, 'agentProcesses' | 'kills' | 'killEveryMs' | 'least'> {
  const everyMs = 60_000 / perMinute;
  return {
    agentProcesses: AGENTS_THAT_OFTEN_DIE,
    kills: { ...DEFAULT_SCENARIO.kills, agents: 4 * AGENTS_THAT_OFTEN_DIE },
    killEveryMs: [Math.floor(everyMs / 2), everyMs],
    least: { kills: Math.ceil((perMinute * faultSeconds) / 60), reports: 0 },
  };
}
