import { createLog } from '@iotistic/chassis/log';
import { createMetrics, type Metrics } from '@iotistic/chassis/metrics';
import { AppError } from '@iotistic/contracts/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withBreaker } from './breaker.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const QUERY = { query: '{ a }' };
const context = { caller: { kind: 'admin', name: 'operator' }, requestId: 'req_1' } as const;
const RETRY_AFTER_MS = 1_000;
type Answer = 'answers' | 'refuses' | 'hangs' | 'is broken';

/** A subgraph that answers as the test says, behind a breaker. */
function openLink() {
  const metrics: Metrics = createMetrics();
  const subgraph = { answer: 'answers' as Answer, isReady: true, asked: 0 };
  const link = {
    name: 'licensing',
    execute: () => {
      subgraph.asked += 1;
      if (subgraph.answer === 'hangs') return new Promise(() => undefined);
      if (subgraph.answer === 'is broken') return Promise.reject(new Error('a fault of ours'));
      return subgraph.answer === 'answers' ? Promise.resolve({ data: {} }) : Promise.reject(new AppError('UNAVAILABLE', 'SUBGRAPH_TIMEOUT'));
    },
    ready: () => Promise.resolve(subgraph.isReady),
    close: () => Promise.resolve(),
  } as unknown as SubgraphLink;
  const guarded = withBreaker(link, { metrics: createGatewayMetrics(metrics), log: createLog({ level: 'silent', name: 'test' }) });
  const ask = (isJoin = false): Promise<string> =>
    guarded.execute(QUERY, isJoin ? { ...context, isJoin } : context).then(
      () => 'answered',
      (error: unknown) => (error instanceof AppError ? error.reason : 'broken'),
    );
  const asks = async (count: number): Promise<string[]> => {
    const outcomes: string[] = [];
    for (let index = 0; index < count; index += 1) outcomes.push(await ask());
    return outcomes;
  };
  return { subgraph, guarded, ask, asks, text: () => metrics.text() };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a link whose subgraph does not answer', () => {
  it('fails at once after five failures in a row, without asking', async () => {
    const { subgraph, asks, text } = openLink();
    subgraph.answer = 'refuses';
    expect(await asks(7)).toEqual([...Array.from({ length: 5 }, () => 'SUBGRAPH_TIMEOUT'), 'SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE']);
    expect(subgraph.asked).toBe(5);
    const metrics = await text();
    expect(metrics).toContain('iotistic_gateway_subgraph_breaker{subgraph="licensing",state="open"} 1');
    expect(metrics).toContain('iotistic_gateway_subgraph_breaker{subgraph="licensing",state="closed"} 0');
    expect(metrics).toContain('iotistic_gateway_subgraph_breaker_opened_total{subgraph="licensing"} 1');
  });

  it('but answers in between is asked on', async () => {
    const { subgraph, asks } = openLink();
    for (let round = 0; round < 3; round += 1) {
      subgraph.answer = 'refuses';
      await asks(4);
      subgraph.answer = 'answers';
      expect(await asks(1)).toEqual(['answered']);
    }
  });

  it('and faults of ours are not taken for its silence', async () => {
    const { subgraph, asks } = openLink();
    subgraph.answer = 'is broken';
    await asks(20);
    expect(subgraph.asked).toBe(20);
  });

  it('is left alone while it is not ready, then tried by one request at a time, and asked by all once that is answered', async () => {
    const { subgraph, ask, asks, text } = openLink();
    subgraph.answer = 'refuses';
    subgraph.isReady = false;
    await asks(5);
    await vi.advanceTimersByTimeAsync(5 * RETRY_AFTER_MS);
    expect([await ask(), subgraph.asked]).toEqual(['SUBGRAPH_UNAVAILABLE', 5]);
    subgraph.isReady = true;
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS);
    expect(await text()).toContain('state="half_open"} 1');
    // It says that it is ready, and does not answer: the first opens it again.
    expect(await asks(3)).toEqual(['SUBGRAPH_TIMEOUT', 'SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE']);
    subgraph.answer = 'answers';
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS);
    expect(await asks(3)).toEqual(['answered', 'answered', 'answered']);
    expect(await text()).toContain('state="closed"} 1');
  });

  it('does not keep all out because the one request that tries it is not answered', async () => {
    const { subgraph, ask, asks } = openLink();
    subgraph.answer = 'refuses';
    await asks(5);
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS);
    subgraph.answer = 'hangs';
    void ask();
    subgraph.answer = 'answers';
    expect(await ask()).toBe('SUBGRAPH_UNAVAILABLE');
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MS);
    expect(await asks(2)).toEqual(['answered', 'answered']);
  });
});

describe('what is joined to a live event', () => {
  it('is given up after some seconds, where a query waits on', async () => {
    const { subgraph, ask } = openLink();
    subgraph.answer = 'hangs';
    const outcomes: string[] = [];
    void ask(true).then((outcome) => outcomes.push(`join ${outcome}`));
    void ask().then((outcome) => outcomes.push(`query ${outcome}`));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(outcomes).toEqual(['join SUBGRAPH_TIMEOUT']);
  });

  it('is given up at once after five that waited', async () => {
    const { subgraph, ask } = openLink();
    subgraph.answer = 'hangs';
    const waiting = Array.from({ length: 5 }, () => ask(true));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'SUBGRAPH_TIMEOUT'));
    expect([await ask(true), await ask(), subgraph.asked]).toEqual(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', 5]);
  });
});
