import { createFakeGraph } from '@iotistic/testkit/fake-graph';
import { waitFor } from '@iotistic/testkit/wait';
import { describe, expect, it, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { inProcessLink } from './subgraph-link.ts';

const context = { caller: { kind: 'admin', name: 'operator' }, requestId: 'req_1' } as const;
const never = (): Promise<never> => new Promise(() => undefined);

describe('a link to a subgraph of this process', () => {
  it('gives up on an answer that does not come', async () => {
    const { billing } = createFakeGraph().subgraphs;
    const link = inProcessLink({ ...billing, executor: { ...billing.executor, execute: never, subscribe: never }, http: { 'POST /webhooks/stripe': never } }, { timeoutMs: 50, forwardTimeoutMs: 20 });
    const timeout = { code: 'UNAVAILABLE', reason: 'SUBGRAPH_TIMEOUT' };
    await expect(link.execute({ query: '{ plans { key } }' }, context)).rejects.toMatchObject(timeout);
    await expect(link.subscribe({ query: '{ plans { key } }' }, context)).rejects.toMatchObject(timeout);
    await expect(link.forward('/webhooks/stripe', { method: 'POST', headers: {}, body: Buffer.alloc(0), requestId: 'req_1' })).rejects.toMatchObject(timeout);
  });

  it('ends a stream that comes when nobody waits for it any more', async () => {
    const ended = vi.fn<() => Promise<IteratorResult<never>>>(() => Promise.resolve({ done: true, value: undefined }));
    let open: (stream: never) => void = () => undefined;
    const { usage } = createFakeGraph().subgraphs;
    const link = inProcessLink({ ...usage, executor: { ...usage.executor, subscribe: () => new Promise((resolve) => (open = resolve as never)) } }, { timeoutMs: 20 });
    await expect(link.subscribe({ query: 'subscription { x }' }, context)).rejects.toMatchObject({ reason: 'SUBGRAPH_TIMEOUT' });
    open({ [Symbol.asyncIterator]: () => undefined, return: ended } as never);
    await waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  it('answers 404 where the subgraph has no such route', async () => {
    const link = inProcessLink(createFakeGraph().subgraphs.usage);
    expect(await link.forward('/webhooks/stripe', { method: 'POST', headers: {}, body: Buffer.alloc(0), requestId: 'req_1' })).toMatchObject({ status: 404 });
  });
});

describe('deadlines', () => {
  it('hand on answers and failures as they are, and come no sooner than said', async () => {
    vi.useFakeTimers();
    const deadlines = new Deadlines(1_000);
    await expect(deadlines.within(Promise.resolve(7))).resolves.toBe(7);
    await expect(deadlines.within(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    vi.advanceTimersByTime(550);
    const outcomes: string[] = [];
    const late = deadlines.within(never()).catch((error: { reason: string }) => outcomes.push(error.reason));
    await vi.advanceTimersByTimeAsync(999);
    expect(outcomes).toEqual([]);
    await vi.advanceTimersByTimeAsync(201);
    await late;
    expect([outcomes, vi.getTimerCount()]).toEqual([['SUBGRAPH_TIMEOUT'], 0]);
    vi.useRealTimers();
  });
});
