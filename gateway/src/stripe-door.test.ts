import { createHash } from 'node:crypto';
import { createFakeGraph } from '@iotistic/testkit/fake-graph';
import { type RemoteSubgraphs, startRemoteSubgraphs, startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** What a parser in between would change: order, spaces, escapes, line ends, a byte order mark, bytes that are no text. */
const ODD_BODIES: [string, Buffer][] = [
  ['spaces and escapes', Buffer.from('{\r\n  "b" : "\\u00e9\\/" ,\t"a":1e2,"a":1.0 }\n\n')],
  ['characters beyond the first plane', Buffer.from('{"name":"Zoë 👩‍🚀 \u2028 e\u0301"}')],
  ['a byte order mark', Buffer.from('\ufeff{}')],
  ['no text at all', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ['nothing', Buffer.alloc(0)],
  ['a whole megabyte', Buffer.alloc(1024 * 1024, 'x')],
];

describe.each(['in one process', 'over HTTP'])("Stripe's webhook, %s", (way) => {
  let gateway: TestGateway;
  let remote: RemoteSubgraphs | null = null;
  beforeAll(async () => {
    const fake = createFakeGraph();
    remote = way === 'over HTTP' ? await startRemoteSubgraphs(fake) : null;
    gateway = await startTestGateway({ fake, environment: { RATE_LIMIT_ANONYMOUS: '1' }, ...(remote === null ? {} : { links: remote.links }) });
  });
  afterAll(async () => {
    await gateway.stop();
    await remote?.stopAll();
  });
  beforeEach(() => {
    gateway.fake.webhooks.length = 0;
  });

  const post = (body: Buffer, headers: Record<string, string> = { 'stripe-signature': 'good' }, path = '/api/webhooks/stripe'): Promise<Response> =>
    fetch(`${gateway.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body });

  it.each(ODD_BODIES)('comes to billing byte for byte: %s', async (_name, body) => {
    for (const path of ['/api/webhooks/stripe', '/webhooks/stripe']) {
      expect((await post(body, undefined, path)).status).toBe(200);
      const received = gateway.fake.webhooks.pop();
      expect(received?.body.length).toBe(body.length);
      expect(createHash('sha256').update(received?.body ?? '').digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    }
  });

  it('carries its signature, and no credential or cookie', async () => {
    await post(Buffer.from('{}'), { 'stripe-signature': 'good', cookie: 'a=b', 'x-api-key': 'iotk_1', authorization: 'Bearer x' });
    const { headers } = gateway.fake.webhooks[0] ?? { headers: {} };
    expect(headers).toMatchObject({ 'stripe-signature': 'good', 'content-type': 'application/json; charset=utf-8' });
    for (const name of ['cookie', 'x-api-key', 'authorization']) expect(headers).not.toHaveProperty(name);
  });

  it("answers with billing's own status and body", async () => {
    const taken = await post(Buffer.from('{}'));
    expect([taken.status, await taken.text()]).toEqual([200, 'received']);
    const refused = await post(Buffer.from('{}'), { 'stripe-signature': 'bad' });
    expect([refused.status, refused.headers.get('content-type'), await refused.json()]).toEqual([400, 'application/json', { errors: [] }]);
  });

  it('is refused when it is too large, and by other methods', async () => {
    const large = await post(Buffer.alloc(1024 * 1024 + 1, 'x'));
    expect([large.status, gateway.fake.webhooks.length]).toEqual([413, 0]);
    const got = await fetch(`${gateway.url}/webhooks/stripe`);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('is 503 while billing is down, so that Stripe sends it again', async () => {
    if (remote === null) gateway.fake.down.add('billing');
    else await remote.stop('billing');
    const response = await post(Buffer.from('{}'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE', requestId: response.headers.get('x-request-id') } }] });
    gateway.fake.down.clear();
    await remote?.start('billing');
    expect((await post(Buffer.from('{}'))).status).toBe(200);
  });
});
