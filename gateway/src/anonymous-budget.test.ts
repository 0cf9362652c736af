import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkOf } from './client-address.ts';

/** A gateway behind a proxy that says where requests come from. */
let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({ environment: { NODE_ENV: 'production', TRUST_PROXY: '1', RATE_LIMIT_ANONYMOUS: '3', METRICS_TOKEN: 'metrics-token-0123456789' } });
});
afterEach(() => gateway.stop());

const STRANGER = '203.0.113.7';
const from = (address: string, path: string, options: RequestInit = {}): Promise<Response> => fetch(`${gateway.url}${path}`, { ...options, headers: { 'x-forwarded-for': address, ...(options.headers as Record<string, string> | undefined) } });
const ask = (address: string, headers: Record<string, string> = {}): Promise<Response> => from(address, '/graphql', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ plans { key } }"}' });
const webhook = (address: string, signature: string): Promise<Response> => from(address, '/webhooks/stripe', { method: 'POST', headers: { 'stripe-signature': signature }, body: '{}' });

/** How often this may be asked before it is refused. */
async function untilRefused(send: () => Promise<Response>): Promise<number> {
  let count = 0;
  let response = await send();
  while (response.status !== 429 && count < 100) {
    count += 1;
    response = await send();
  }
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) as number } }] });
  return count;
}

describe('a stranger', () => {
  it.each<[name: string, count: number, send: () => Promise<Response>]>([
    ['asks the graph', 3, () => ask(STRANGER)],
    ['guesses at keys', 3, () => ask(STRANGER, { 'x-api-key': 'iotk_guess' })],
    ['signs webhooks that are none', 3, () => webhook(STRANGER, 'bad')],
    ['asks whether all is ready', 30, () => from(STRANGER, '/readyz')],
    ['fetches the keys', 30, () => from(STRANGER, '/.well-known/jwks.json')],
    ['fetches the revocations', 30, () => from(STRANGER, '/.well-known/revocations.jwt')],
    ['asks for the metrics', 30, () => from(STRANGER, '/metrics')],
  ])('who %s is refused after %i times', async (_name, count, send) => {
    expect(await untilRefused(send)).toBe(count);
  });

  it('has one budget for all doors', async () => {
    await untilRefused(() => from(STRANGER, '/readyz'));
    for (const send of [() => ask(STRANGER), () => from(STRANGER, '/.well-known/jwks.json'), () => from(STRANGER, '/metrics'), () => webhook(STRANGER, 'good')]) expect((await send()).status).toBe(429);
    expect(gateway.fake.webhooks).toEqual([]);
  });

  it('takes nothing from others, nor from who shows a good credential, nor from Stripe', async () => {
    await untilRefused(() => ask(STRANGER));
    expect((await ask('203.0.113.8')).status).toBe(200);
    expect((await ask(STRANGER, { authorization: 'Bearer test-admin-token-0123456789' })).status).toBe(200);
    for (let count = 0; count < 50; count += 1) expect((await webhook('203.0.113.9', 'good')).status).toBe(200);
    expect((await from(STRANGER, '/metrics', { headers: { authorization: 'Bearer metrics-token-0123456789' } })).status).toBe(200);
    expect((await from(STRANGER, '/healthz')).status).toBe(200);
  });

  it('is one stranger, from however many addresses of one network in IPv6', async () => {
    let host = 0;
    expect(await untilRefused(() => ask(`2001:db8:1:2::${(host += 1)}`))).toBe(3);
    expect((await ask('2001:db8:1:3::1')).status).toBe(200);
  });
});

describe('a probe of this host', () => {
  it('is answered however often it asks', async () => {
    for (let count = 0; count < 60; count += 1) for (const path of ['/readyz', '/metrics']) expect((await fetch(`${gateway.url}${path}`)).status).toBe(200);
  });

  it('asks those that we need once, for all who ask within a second', async () => {
    let asked = 0;
    const { subgraphs } = gateway.fake;
    const ready = subgraphs.usage.ready.bind(subgraphs.usage);
    subgraphs.usage.ready = () => {
      asked += 1;
      return ready();
    };
    await Promise.all(Array.from({ length: 300 }, () => fetch(`${gateway.url}/readyz`)));
    expect(asked).toBeLessThan(60);
  });
});

describe('an address counts as', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['rubbish', 'rubbish'],
  ])('%s: %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
