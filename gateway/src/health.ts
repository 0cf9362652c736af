import { withDeadline } from '@iotistic/chassis/deadline';
import type { Route } from '@iotistic/chassis/http-server';
import type { Live } from '@iotistic/chassis/live';
import type { Metrics } from '@iotistic/chassis/metrics';
import type { SubgraphLink } from './subgraph-link.ts';

const ANSWER_WITHIN_MS = 2_000;

/** Whether this process runs, whether all it needs answers, and what it counted. */
export function healthRoutes(options: { links: ReadonlyMap<string, SubgraphLink>; live: Live; takesJobs: (() => Promise<boolean>) | null; metrics: Metrics; isDraining(): boolean }): { healthz: Route; readyz: Route; metrics: Route } {
  const json = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  const dependencies: [string, () => Promise<boolean>][] = [...options.links.values()].map((link) => [link.name, () => link.ready()]);
  dependencies.push(['live', () => options.live.ready()]);
  // Where the queues are in the database, that says it all.
  if (options.takesJobs !== null) dependencies.push(['queue', options.takesJobs]);

  async function lacksOf(name: string): Promise<readonly string[]> {
    const asked = options.links.get(name)?.lacks?.() ?? Promise.resolve([]);
    return withDeadline(asked, ANSWER_WITHIN_MS, 'no answer in time').catch(() => []);
  }

  return {
    healthz: () => ({ headers: json, body: '{"status":"ok"}' }),
    async readyz() {
      const states = await Promise.all(dependencies.map(async ([name, ready]) => [name, (await answersInTime(ready)) ? 'ready' : 'unavailable'] as const));
      const lacking = states.filter(([, state]) => state !== 'ready').map(async ([name]) => [name, await lacksOf(name)] as const);
      const lacks = (await Promise.all(lacking)).filter(([, words]) => words.length > 0);
      const isReady = states.every(([, state]) => state === 'ready');
      const status = options.isDraining() ? 'stopping' : isReady ? 'ready' : 'unavailable';
      return { status: status === 'ready' ? 200 : 503, headers: json, body: JSON.stringify({ status, dependencies: Object.fromEntries(states), ...(lacks.length === 0 ? {} : { lacks: Object.fromEntries(lacks) }) }) };
    },
    metrics: async () => ({ headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: await options.metrics.text() }),
  };
}

/** What does not answer in time, or not at all, is not ready. */
function answersInTime(ready: () => Promise<boolean>): Promise<boolean> {
  return withDeadline(ready(), ANSWER_WITHIN_MS, 'no answer in time').catch(() => false);
}
