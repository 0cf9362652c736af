import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '@iotistic/contracts/errors';
import { startTestSubgraph, type TestSubgraph } from '@iotistic/testkit/subgraph';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyone } from './access.ts';
import { callRoute } from './http-route.ts';
import { createEventTables } from './migrate.ts';
import type { EventTables } from './outbox.ts';
import { type BaseApp, startSubgraph } from './subgraph.ts';

const migrations = { '0001_initial': { up: createEventTables } };
const folder = mkdtempSync(join(tmpdir(), 'iotistic-subgraph-'));
const typeDefs = join(folder, 'usage.graphql');
writeFileSync(typeDefs, 'type Query { me: String }');

const done: unknown[] = [];
const ticks: Date[] = [];
let app: BaseApp<EventTables>;
let usage: TestSubgraph;
beforeAll(async () => {
  usage = await startTestSubgraph({
    name: 'usage',
    migrations,
    start: (platform) =>
      startSubgraph<'usage', EventTables, BaseApp<EventTables>>(
        {
          name: 'usage',
          typeDefs: pathToFileURL(typeDefs),
          migrations,
          build: (base) => (app = base),
          resolvers: () => ({ Query: { me: () => 'me' } }),
          access: { Query: anyone },
          events: () => ({
            'instance.registered': () => Promise.resolve(),
            'instance.activated': () => Promise.resolve(),
            'subscription.changed': () => Promise.resolve(),
            'period.invoiced': () => Promise.resolve(),
            'usage.alert_raised': () => Promise.resolve(),
            'usage.anomaly_raised': () => Promise.resolve(),
          }),
          jobs: () => ({ note: { run: (data) => Promise.resolve(void done.push(data)) } }),
          schedule: (own) => [{ name: 'tick', everyMs: 86_400_000, run: () => Promise.resolve(ticks.push(own.clock.now())) }],
          http: () => ({
            'POST /hook': async ({ body, query, headers }) => ({ body: `${headers['content-type']} ${query.get('a')} ${String(await body(10))}` }),
            'POST /refused': () => {
              throw new AppError('INVALID_INPUT', 'MALFORMED_REQUEST');
            },
          }),
        },
        platform,
      ),
  });
});
afterAll(async () => {
  await usage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a subgraph', () => {
  it('does the work that it hands out', async () => {
    await app.work.add('note', 'note_1', { words: 'hello' });
    await waitFor(() => expect(done).toEqual([{ words: 'hello' }]));
  });

  it('runs its schedule soon after its start, and at once by the time of a clock that was moved', async () => {
    await waitFor(() => expect(ticks.length).toBeGreaterThan(0));
    usage.clock.advance({ days: 3 });
    await usage.subgraph.runScheduled();
    expect(ticks.at(-1)).toEqual(usage.clock.now());
  });

  it('has exclusive work', async () => {
    expect(await app.exclusive.run('cust_1', () => Promise.resolve('done'))).toBe('done');
  });

  it('answers its own routes without a server, errors included', async () => {
    const post = (target: string, text = ''): ReturnType<typeof callRoute> => callRoute(usage.subgraph.http, target, { method: 'POST', headers: { 'content-type': 'text/x' }, body: Buffer.from(text), requestId: 'req_1' });
    expect(await post('/hook?a=b', 'bytes')).toEqual({ body: 'text/x b bytes' });
    expect(await post('/hook', 'eleven bytes')).toMatchObject({ status: 413 });
    expect(await post('/refused')).toMatchObject({ status: 400, body: expect.stringContaining('"requestId":"req_1"') as string });
    expect(await post('/nowhere')).toMatchObject({ status: 404 });
  });
});
