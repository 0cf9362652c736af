import type { HttpAnswer } from '@iotistic/chassis/http-server';
import { describe, expect, it } from 'vitest';
import { healthRoutes } from './health.ts';
import type { SubgraphLink } from './subgraph-link.ts';

/** One link whose readiness is what is said next; the last word goes on. */
function lookAt(answers: boolean[]): { readyz(): Promise<HttpAnswer>; asked(): number } {
  let asked = 0;
  const link = {
    name: 'usage',
    ready: () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? false;
      asked += 1;
      return Promise.resolve(answer);
    },
  } as unknown as SubgraphLink;
  const { readyz } = healthRoutes({
    links: new Map([['usage', link]]),
    live: { ready: () => Promise.resolve(true) } as never,
    takesJobs: null,
    isDraining: () => false,
    freshForMs: 0,
  });
  return { readyz: readyz as never, asked: () => asked };
}

describe('readiness', () => {
  it('is not lost by one replica of several that is stopping: what was ready is asked again', async () => {
    const { readyz, asked } = lookAt([true, false, false, true]);
    expect((await readyz()).status).toBe(200);
    expect((await readyz()).status).toBe(200);
    expect(asked()).toBe(4);
  });

  it('is lost within seconds where nothing answers, and not waited for again until something does', async () => {
    const { readyz, asked } = lookAt([true, false]);
    expect((await readyz()).status).toBe(200);
    const unavailable = expect.stringContaining('"usage":"unavailable"') as string;
    expect(await readyz()).toMatchObject({ status: 503, body: unavailable });
    const before = asked();
    expect(before).toBeGreaterThan(3);
    expect((await readyz()).status).toBe(503);
    expect(asked()).toBe(before + 1);
  });
});
