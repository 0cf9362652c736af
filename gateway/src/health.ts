import { setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from '@iotistic/chassis/deadline';
import { createFresh } from '@iotistic/chassis/fresh';
import type { Route } from '@iotistic/chassis/http-server';
import type { Live } from '@iotistic/chassis/live';
import type { SubgraphLink } from './subgraph-link.ts';

const ANSWER_WITHIN_MS = 2_000;
/** However many ask whether we are ready, those that we need are asked once in that time. */
const FRESH_FOR_MS = 1_000;
/**
 * What was ready is asked again for so long before it is called unavailable: behind its address one replica of
 * several may be stopping, and a gateway that says 503 because of that is itself taken out of service, and the other
 * gateways with it.
 */
const SURE_AFTER_MS = 1_500;
const ASK_AGAIN_MS = 250;

type State = readonly [name: string, state: 'ready' | 'unavailable'];

export interface HealthOptions {
  links: ReadonlyMap<string, SubgraphLink>;
  live: Live;
  /** Null where the queues are in the database, whose state the subgraphs already say. */
  takesJobs: (() => Promise<boolean>) | null;
  isDraining(): boolean;
  /** How long a reading is shared, in milliseconds: 1,000 unless given. */
  freshForMs?: number;
}

/** Whether this process runs, and whether all it needs answers. */
export function healthRoutes(options: HealthOptions): { healthz: Route; readyz: Route } {
  const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  const dependencies: [string, () => Promise<boolean>][] = [...options.links.values()].map((link) => [link.name, () => link.ready()]);
  dependencies.push(['live', () => options.live.ready()]);
  // Where the queues are in the database, that says it all.
  if (options.takesJobs !== null) dependencies.push(['queue', options.takesJobs]);

  async function lacksOf(name: string): Promise<readonly string[]> {
    const asked = options.links.get(name)?.lacks?.() ?? Promise.resolve([]);
    return withDeadline(asked, ANSWER_WITHIN_MS, 'no answer in time').catch(() => []);
  }

  const wasReady = new Set<string>();
  async function stateOf(name: string, ready: () => Promise<boolean>): Promise<State> {
    const isReady = await (wasReady.has(name) ? isReadyForSure(ready) : answersInTime(ready));
    if (isReady) wasReady.add(name);
    else wasReady.delete(name);
    return [name, isReady ? 'ready' : 'unavailable'];
  }

  const look = createFresh(async () => {
    const states = await Promise.all(dependencies.map(([name, ready]) => stateOf(name, ready)));
    const lacking = states.filter(([, state]) => state !== 'ready').map(async ([name]) => [name, await lacksOf(name)] as const);
    return { states, lacks: (await Promise.all(lacking)).filter(([, words]) => words.length > 0) };
  }, options.freshForMs ?? FRESH_FOR_MS);

  return {
    healthz: () => ({ headers: json, body: '{"status":"ok"}' }),
    async readyz() {
      const { states, lacks } = await look();
      const isReady = states.every(([, state]) => state === 'ready');
      const status = options.isDraining() ? 'stopping' : isReady ? 'ready' : 'unavailable';
      return { status: status === 'ready' ? 200 : 503, headers: json, body: JSON.stringify({ status, dependencies: Object.fromEntries(states), ...(lacks.length === 0 ? {} : { lacks: Object.fromEntries(lacks) }) }) };
    },
  };
}

/** What does not answer in time, or not at all, is not ready. */
function answersInTime(ready: () => Promise<boolean>): Promise<boolean> {
  return withDeadline(ready(), ANSWER_WITHIN_MS, 'no answer in time').catch(() => false);
}

async function isReadyForSure(ready: () => Promise<boolean>): Promise<boolean> {
  const sureAtMs = performance.now() + SURE_AFTER_MS;
  for (;;) {
    if (await answersInTime(ready)) return true;
    if (performance.now() + ASK_AGAIN_MS > sureAtMs) return false;
    await sleep(ASK_AGAIN_MS);
  }
}
