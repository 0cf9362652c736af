import { createLog } from '@iotistic/chassis/log';
import { startTestGateway, TEST_ADMIN_TOKEN, type TestGateway } from '@iotistic/testkit/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const REPORT = 'mutation ($i: ReportUsageInput!) { reportUsage(input: $i) { accepted } }';
const LOG_IN = 'mutation ($i: LogInInput!) { logIn(input: $i) { session { token } } }';
const SECRET = 'hunter2';
const USER = { authorization: 'Bearer iots_user' };
const INSTANCE = { 'x-api-key': 'iotk_instance' };

let gateway: TestGateway;
const lines: string[] = [];
beforeAll(async () => {
  gateway = await startTestGateway({
    log: createLog({ level: 'debug', name: 'test', destination: { write: (line) => void lines.push(line) } }),
  });
  gateway.fake.issue('iots_user', { state: 'ACTIVE', kind: 'SESSION', customerId: 'cust_1' });
  gateway.fake.issue('iotk_instance', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
});
afterAll(() => gateway.stop());

interface Answer {
  status: number;
  text: string;
  code: string | undefined;
  reason: string | undefined;
  errors: { message: string; path?: unknown }[];
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body,
  });
  const text = await response.text();
  const line = /data: (\{.*\})/.exec(text)?.[1] ?? text;
  const { errors = [] } = JSON.parse(line) as {
    errors?: (Answer['errors'][number] & { extensions: { code: string; reason: string } })[];
  };
  return {
    status: response.status,
    text,
    code: errors[0]?.extensions.code,
    reason: errors[0]?.extensions.reason,
    errors,
  };
}
const ask = (query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  post(JSON.stringify({ query, variables }), headers);
const reports = (count: number, text = '{}'): string =>
  `{"query":${JSON.stringify(REPORT)},"variables":{"i":{"instance":"a","reports":[${Array(count).fill(text).join(',')}]}}}`;
const faults = (): string[] => lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);

describe('who may not ask a mutation', () => {
  it.each([3, 1_000, 20_000, 600_000])(
    'is refused before %i reports are read, and no subgraph hears of it',
    async (count) => {
      const asked = gateway.fake.asked.usage.length;
      expect(await post(reports(count))).toMatchObject({
        status: 401,
        code: 'UNAUTHENTICATED',
        reason: 'CREDENTIAL_REQUIRED',
      });
      expect(await post(reports(count), USER)).toMatchObject({
        status: 403,
        code: 'FORBIDDEN',
        reason: 'INSTANCE_ONLY',
      });
      expect(gateway.fake.asked.usage.length).toBe(asked);
    },
  );

  it('is refused though the variables of a large body are no JSON', async () => {
    expect(await post(reports(2_000, 'nothing'))).toMatchObject({ status: 401, reason: 'CREDENTIAL_REQUIRED' });
    expect(await post(reports(2_000, '"a"x'), USER)).toMatchObject({ status: 403, reason: 'INSTANCE_ONLY' });
  });

  it('is refused whatever it asks beside, and named by its path', async () => {
    const both = `mutation ($i: ReportUsageInput!, $l: LogInInput!) { mine: logIn(input: $l) { session { token } } theirs: reportUsage(input: $i) { accepted } }`;
    // Once the log-in is answered a user asks, who is no instance either.
    expect(await ask(both, {})).toMatchObject({ status: 403, reason: 'INSTANCE_ONLY', errors: [{ path: ['theirs'] }] });
  });

  it('of a query is answered what it may see', async () => {
    expect(
      (await ask('query ($n: Int) { plans { key } customers(first: $n) { totalCount } }', { n: 1 })).text,
    ).toContain('CREDENTIAL_REQUIRED');
    expect((await ask('query ($id: ID!) { plans { key } customer(id: $id) { id } }', { id: 'x' })).text).toContain(
      '"plans":[{"key":"TRIAL"}]',
    );
  });
});

describe('what may be asked is bounded', () => {
  it.each([
    ['reports', reports(1_001), INSTANCE, 'INVALID_REPORT_COUNT'],
    ['more reports than are read', reports(30_000), INSTANCE, 'TOO_MANY_VALUES'],
    [
      'values that nothing declares',
      `{"query":"{ plans { key } }","variables":{"a":[${Array(5_000).fill('{}').join(',')}]}}`,
      {},
      'TOO_MANY_VALUES',
    ],
    [
      'values within each other',
      `{"query":"{ plans { key } }","variables":{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}}`,
      {},
      'QUERY_TOO_DEEP',
    ],
    [
      'a text',
      JSON.stringify({ query: LOG_IN, variables: { i: { email: 'a', password: 'x'.repeat(100_000) } } }),
      {},
      'INVALID_TEXT',
    ],
    [
      'log-ins',
      JSON.stringify({
        query:
          'mutation { a: logIn(input: { email: "a", password: "b" }) { session { token } } ...f } fragment f on Mutation { b: logIn(input: { email: "a", password: "b" }) { session { token } } }',
      }),
      {},
      'TOO_MANY_ROOT_FIELDS',
    ],
    [
      'points over time',
      JSON.stringify({
        query:
          'query ($t: DateTime!) { customer(id: "cust_1") { usageSeries(meter: DEVICES, from: "2020-01-01T00:00:00Z", to: $t, granularity: HOUR) { quantity } } }',
        variables: { t: '2026-01-01T00:00:00Z' },
      }),
      USER,
      'QUERY_TOO_COMPLEX',
    ],
    [
      'fields for a stranger',
      JSON.stringify({
        query: `{ ${Array.from({ length: 20 }, (_, index) => `p${index}: plans { key name price { amount } entitlements { features { key enabled } } }`).join(' ')} }`,
      }),
      {},
      'QUERY_TOO_COMPLEX',
    ],
    [
      'the schema, again and again',
      JSON.stringify({ query: '{ a: __schema { types { name } } b: __schema { types { name } } }' }),
      {},
      'TOO_MANY_ROOT_FIELDS',
    ],
    ['a document', JSON.stringify({ query: `{ plans { key } } #${'x'.repeat(200_000)}` }), {}, 'QUERY_TOO_LONG'],
    [
      'brackets of a document',
      JSON.stringify({ query: `{ customer(id: ${'['.repeat(2_100)}${']'.repeat(2_100)}) { id } }` }),
      {},
      'QUERY_TOO_DEEP',
    ],
    [
      'inline fragments within each other',
      JSON.stringify({ query: `{ ${'... { '.repeat(300)} __typename ${'}'.repeat(300)} }` }),
      {},
      'QUERY_TOO_DEEP',
    ],
  ])('%s', async (_name, body, headers, reason) => {
    expect(await post(body, headers as Record<string, string>)).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      reason,
    });
    expect(faults()).toEqual([]);
  });

  it('and a thousand good reports of an instance are within it', async () => {
    const good = JSON.stringify({
      reportId: 'a',
      intervalStart: '2026-11-20T09:30:00.000Z',
      intervalEnd: '2026-11-20T09:31:00.000Z',
      activeDevices: 1,
      totalDevices: 1,
    });
    expect((await post(reports(1_000, good), INSTANCE)).text).toContain('"accepted":1000');
  });
});

describe('a value is never repeated, in an answer or a log', () => {
  it.each<[name: string, query: string, variables: object]>([
    ['of a misspelt field', LOG_IN, { i: { email: 'a@b.example', passwrd: SECRET } }],
    ['of a field of another type', LOG_IN, { i: { email: 'a@b.example', password: { of: SECRET } } }],
    ['of an input that is none', LOG_IN, { i: SECRET }],
    ['of an enum', 'query ($k: PlanKey!) { plan(key: $k) { key } }', { k: SECRET }],
    [
      'of an instant',
      'query ($t: DateTime!) { customer(id: "cust_1") { meteredPeriod(meter: DEVICES, periodStart: $t) { quantity } } }',
      { t: SECRET },
    ],
    ['of a literal', `mutation { logIn(input: { email: "a", passwrd: "${SECRET}" }) { session { token } } }`, {}],
    ['of a literal of another type', `mutation { logIn(input: "${SECRET}") { session { token } } }`, {}],
    [
      'of a literal that does not parse',
      `mutation { logIn(input: { email "a" password "${SECRET}" }) { session { token } } }`,
      {},
    ],
    [
      'of a literal that is no instant',
      `{ customer(id: "x") { meteredPeriod(meter: DEVICES, periodStart: "${SECRET}") { quantity } } }`,
      {},
    ],
  ])('%s', async (_name, query, variables) => {
    const answer = await ask(query, variables);
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
    expect(answer.text).not.toContain(SECRET);
    expect(lines.join()).not.toContain(SECRET);
  });
});

describe('null for a variable with a default, where null is not allowed', () => {
  it.each([
    [
      'an argument',
      'query ($v: Granularity = DAY) { customer(id: "cust_1") { usageSeries(meter: DEVICES, from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", granularity: $v) { quantity } } }',
    ],
    ['a directive', 'query ($v: Boolean = false) { plans { key name @skip(if: $v) } }'],
    [
      'a live operation',
      'subscription ($v: Boolean = true) { usageReported(customerId: "cust_1") { activeDevices totalDevices @include(if: $v) } }',
    ],
  ])('is a mistake of its sender, once: %s', async (_name, query) => {
    const headers = {
      authorization: `Bearer ${TEST_ADMIN_TOKEN}`,
      ...(query.startsWith('sub') ? { accept: 'text/event-stream' } : {}),
    };
    const answer = await ask(query, { v: null }, headers);
    expect(answer).toMatchObject({ status: 400, code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' });
    expect(answer.errors).toHaveLength(1);
    expect(faults()).toEqual([]);
  });

  it('and over a WebSocket', async () => {
    const operation = gateway.admin.live(
      'subscription ($v: Boolean = true) { usageReported(customerId: "cust_1") { activeDevices totalDevices @include(if: $v) } }',
      { v: null },
    );
    expect(await operation.ended).toMatchObject([
      { extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } },
    ]);
    await operation.stop();
    expect(faults()).toEqual([]);
  });
});
