import { inProcessLink } from './subgraph-link.ts';
import { createFakeGraph } from '@iotistic/testkit/fake-graph';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What billing was handed: method, target's query and body. */
const heard: { method: string; query: string; body: string }[] = [];
let gateway: TestGateway;

beforeAll(async () => {
  const fake = createFakeGraph();
  const route = async ({ method, query, body }: { method: string; query: URLSearchParams; body: () => Promise<Buffer> }) => {
    heard.push({ method, query: query.toString(), body: (await body()).toString() });
    return { status: query.get('token') === 'good' ? 200 : 400, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<p>Mails</p>' };
  };
  const billing = { ...fake.subgraphs.billing, http: { 'GET /mails/unsubscribe': route, 'POST /mails/unsubscribe': route } };
  const { customers, licensing, usage } = fake.subgraphs;
  gateway = await startTestGateway({ fake, links: [customers, billing, licensing, usage].map((subgraph) => inProcessLink(subgraph)) });
});
afterAll(() => gateway.stop());

describe('the link that stops mails', () => {
  it('is handed to billing with its two values and nothing else, by a click or by one POST', async () => {
    const url = `${gateway.url}/api/mails/unsubscribe?kind=DEPLOYMENTS&token=good&utm_source=mail`;
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([200, 'text/html; charset=utf-8', '<p>Mails</p>']);
    const clicked = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'List-Unsubscribe=One-Click' });
    expect(clicked.status).toBe(200);
    expect(heard.splice(0)).toEqual([
      { method: 'GET', query: 'kind=DEPLOYMENTS&token=good', body: '' },
      { method: 'POST', query: 'kind=DEPLOYMENTS&token=good', body: 'List-Unsubscribe=One-Click' },
    ]);
  });

  it('that is wrong is refused, however long it is', async () => {
    expect((await fetch(`${gateway.url}/api/mails/unsubscribe?token=${'x'.repeat(5_000)}`, { method: 'POST' })).status).toBe(400);
    expect(heard.splice(0)[0]?.query.length).toBeLessThan(150);
    expect((await fetch(`${gateway.url}/api/mails/unsubscribe?token=good`, { method: 'POST', body: 'x'.repeat(5_000) })).status).toBe(413);
    expect(heard).toEqual([]);
  });
});
