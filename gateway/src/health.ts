import { withDeadline } from '@iotistic/chassis/deadline';
import { createFresh } from '@iotistic/chassis/fresh';
import type { Route } from '@iotistic/chassis/http-server';
import type { Live } from '@iotistic/chassis/live';
import type { SubgraphLink } from './subgraph-link.ts';

const ANSWER_WITHIN_MS = 2_000;
/** However many ask whether we are ready, those that we need are asked once in that time. */
const FRESH_FOR_MS = 1_000;

/** Whether this process runs, and whether all it needs answers. */
export function healthRoutes(options: { links: ReadonlyMap<string, SubgraphLink>; live: Live }): { healthz: Route; readyz: Route } {
  const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  const dependencies: [string, () => Promise<boolean>][] = [...options.links.values()].map((link) => [link.name, () => link.ready()]);
  dependencies.push(['live', () => options.live.ready()]);
  const look = createFresh(() => Promise.all(dependencies.map(async ([name, ready]) => [name, (await answersInTime(ready)) ? 'ready' : 'unavailable'] as const)), FRESH_FOR_MS);
  return {
    healthz: () => ({ headers: json, body: '{"status":"ok"}' }),
    async readyz() {
      const states = await look();
      const isReady = states.every(([, state]) => state === 'ready');
      return { status: isReady ? 200 : 503, headers: json, body: JSON.stringify({ status: isReady ? 'ready' : 'unavailable', dependencies: Object.fromEntries(states) }) };
    },
  };
}

/** What does not answer in time, or not at all, is not ready. */
function answersInTime(ready: () => Promise<boolean>): Promise<boolean> {
  return withDeadline(ready(), ANSWER_WITHIN_MS, 'no answer in time').catch(() => false);
}
