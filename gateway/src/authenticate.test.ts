import { createTestClock, type TestClock } from '@iotistic/testkit/clock';
import type { GraphqlClient } from '@iotistic/testkit/client';
import { sha256Of } from '@iotistic/testkit/fake-graph';
import { startTestGateway, TEST_ADMIN_TOKEN, type TestGateway } from '@iotistic/testkit/gateway';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const WHO = '{ viewer { __typename ... on UserViewer { customer { id } } ... on InstanceViewer { customer { id } } ... on AdminViewer { name } } }';
const KEY = 'iotk_0123456789';

let gateway: TestGateway;
let clock: TestClock;
beforeEach(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
});
afterEach(() => gateway.stop());

const reasonOf = async (client: GraphqlClient): Promise<string> => {
  const { status, errors, data } = await client.send(WHO);
  const refusal = errors?.[0]?.extensions;
  return refusal === undefined ? (data as { viewer: { __typename: string } | null }).viewer?.__typename ?? 'nobody' : `${status} ${refusal.code} ${refusal.reason}`;
};
const header = (headers: Record<string, string>): Promise<string> =>
  fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers }, body: JSON.stringify({ query: WHO }) })
    .then((response) => response.json() as Promise<{ errors?: { extensions: { reason: string } }[]; data?: { viewer: { __typename: string } | null } }>)
    .then(({ errors, data }) => errors?.[0]?.extensions.reason ?? data?.viewer?.__typename ?? 'nobody');
const lookups = (): number => gateway.fake.asked.customers.filter((field) => field === 'credential').length;

describe('each credential finds its caller', () => {
  it('none, the operator, a user, an instance by key, an instance by license', async () => {
    gateway.fake.issue(KEY, { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
    gateway.fake.issue('iots_session', { state: 'ACTIVE', kind: 'SESSION', customerId: 'cust_1' });
    expect(await reasonOf(gateway.client)).toBe('nobody');
    expect(await reasonOf(gateway.admin)).toBe('AdminViewer');
    expect(await gateway.client.as({ bearer: 'iots_session' }).ask(WHO)).toEqual({ viewer: { __typename: 'UserViewer', customer: { id: 'cust_1' } } });
    for (const credential of [{ apiKey: KEY }, { bearer: KEY }, { bearer: gateway.fake.license('cust_1', clock) }]) {
      expect(await gateway.client.as(credential).ask(WHO)).toEqual({ viewer: { __typename: 'InstanceViewer', customer: { id: 'cust_1' } } });
    }
  });

  it('a bad one is an error, never nobody', async () => {
    for (const [authorization, reason] of [['Bearer nonsense', 'INVALID_CREDENTIAL'], ['Bearer iots_unknown', 'INVALID_CREDENTIAL'], [`Bearer ${TEST_ADMIN_TOKEN}x`, 'INVALID_CREDENTIAL'], ['Bearer ', 'MALFORMED_CREDENTIAL'], ['Basic YTpi', 'MALFORMED_CREDENTIAL'], [`Bearer ${'x'.repeat(9_000)}`, 'MALFORMED_CREDENTIAL']] as const) {
      expect(await header({ authorization })).toBe(reason);
    }
    expect(await header({ 'x-api-key': 'iotk_unknown' })).toBe('INVALID_CREDENTIAL');
    expect(await header({ 'x-api-key': TEST_ADMIN_TOKEN })).toBe('INVALID_CREDENTIAL');
    expect(await header({ 'x-api-key': '' })).toBe('MALFORMED_CREDENTIAL');
    expect(await header({ 'x-api-key': KEY, authorization: `Bearer ${TEST_ADMIN_TOKEN}` })).toBe('MALFORMED_CREDENTIAL');
  });

  it.each([
    ['two blanks', (token: string) => `Bearer  ${token}`],
    ['a tab', (token: string) => `bearer\t${token}`],
    ['a tab at the end', (token: string) => `BEARER ${token}\t `],
    ['a no-break space, as Latin 1 has it', (token: string) => `Bearer ${token}\u00a0`],
    ['a no-break space, as UTF-8 has it', (token: string) => `Bearer\u00c2\u00a0${token}\u00c2\u00a0`],
    ['a byte order mark', (token: string) => `Bearer ${token}\u00ef\u00bb\u00bf`],
  ])('is found with %s around it, and not with anything within', async (_what, written) => {
    expect(await header({ authorization: written(TEST_ADMIN_TOKEN) })).toBe('AdminViewer');
    expect(await header({ authorization: `${written(TEST_ADMIN_TOKEN)} x` })).toBe('MALFORMED_CREDENTIAL');
  });

  it.each([
    [{ state: 'REVOKED', kind: 'API_KEY' }, 'API_KEY_REVOKED'],
    [{ state: 'REVOKED', kind: 'SESSION' }, 'SESSION_EXPIRED'],
    [{ state: 'EXPIRED', kind: 'SESSION' }, 'SESSION_EXPIRED'],
    [{ state: 'DEACTIVATED', kind: 'API_KEY' }, 'CUSTOMER_DEACTIVATED'],
  ] as const)('%o is refused: %s', async (credential, reason) => {
    gateway.fake.issue(KEY, { ...credential, customerId: 'cust_1' });
    expect(await reasonOf(gateway.client.as({ apiKey: KEY }))).toBe(`401 UNAUTHENTICATED ${reason}`);
  });
});

describe('what customers said of a credential', () => {
  beforeEach(() => gateway.fake.issue(KEY, { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' }));
  const asInstance = (): GraphqlClient => gateway.client.as({ apiKey: KEY });

  it('is asked once for many who ask at once, and not again while it is fresh', async () => {
    await Promise.all(Array.from({ length: 20 }, () => reasonOf(asInstance())));
    clock.advance({ seconds: 9 });
    await reasonOf(asInstance());
    expect(lookups()).toBe(1);
  });

  it('is renewed in the background when it is no longer fresh', async () => {
    await reasonOf(asInstance());
    clock.advance({ seconds: 30 });
    expect(await reasonOf(asInstance())).toBe('InstanceViewer');
    await waitFor(() => expect(lookups()).toBe(2));
  });

  it('serves for a day while customers does not answer, and no longer', async () => {
    await reasonOf(asInstance());
    gateway.fake.down.add('customers');
    clock.advance({ hours: 23 });
    expect((await asInstance().send('{ plans { key } }')).status).toBe(200);
    expect((await gateway.client.as({ apiKey: 'iotk_other' }).send('{ plans { key } }')).errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' });
    clock.advance({ hours: 2 });
    expect((await asInstance().send('{ plans { key } }')).status).toBe(503);
  });

  it('is forgotten at once when the live bus tells of a change', async () => {
    await reasonOf(asInstance());
    gateway.fake.issue(KEY, { state: 'REVOKED', kind: 'API_KEY', customerId: 'cust_1' });
    expect(await reasonOf(asInstance())).toBe('InstanceViewer');
    await gateway.live.publish('credential', sha256Of(KEY));
    expect(await reasonOf(asInstance())).toBe('401 UNAUTHENTICATED API_KEY_REVOKED');
  });

  it('is asked again after the live bus was lost', async () => {
    await reasonOf(asInstance());
    gateway.fake.issue(KEY, { state: 'REVOKED', kind: 'API_KEY', customerId: 'cust_1' });
    gateway.live.miss();
    expect(await reasonOf(asInstance())).toBe('401 UNAUTHENTICATED API_KEY_REVOKED');
  });

  it('a revocation is not outlived by an answer that was good, when customers goes away', async () => {
    await reasonOf(asInstance());
    gateway.fake.issue(KEY, { state: 'REVOKED', kind: 'API_KEY', customerId: 'cust_1' });
    clock.advance({ minutes: 2 });
    expect(await reasonOf(asInstance())).toBe('401 UNAUTHENTICATED API_KEY_REVOKED');
    gateway.fake.down.add('customers');
    clock.advance({ minutes: 2 });
    expect(await reasonOf(asInstance())).toBe('503 UNAVAILABLE SUBGRAPH_UNAVAILABLE');
  });

  it('a session ends when it ends, known or not', async () => {
    gateway.fake.issue('iots_s', { state: 'ACTIVE', kind: 'SESSION', customerId: 'cust_1', expiresAt: '2026-11-20T12:00:05.000Z' });
    const user = gateway.client.as({ bearer: 'iots_s' });
    expect(await reasonOf(user)).toBe('UserViewer');
    clock.advance({ seconds: 5 });
    expect(await reasonOf(user)).toBe('401 UNAUTHENTICATED SESSION_EXPIRED');
  });
});

describe('a license as credential', () => {
  const refused = (license: string): Promise<unknown> => gateway.client.as({ bearer: license }).send(WHO).then(({ status, errors }) => ({ status, ...errors?.[0]?.extensions }));

  it('is accepted through grace and read-only, and not beyond', async () => {
    const license = gateway.fake.license('cust_1', clock, { days: 30 });
    for (const days of [29, 3, 10]) {
      clock.advance({ days });
      expect(await reasonOf(gateway.client.as({ bearer: license }))).toBe('InstanceViewer');
    }
    clock.advance({ days: 9 });
    expect(await refused(license)).toMatchObject({ status: 401, reason: 'LICENSE_NOT_ACCEPTED', state: 'EXPIRED' });
  });

  it('with a changed byte, of another key or revoked is refused', async () => {
    const license = gateway.fake.license('cust_1', clock);
    const [head, claims, signature = ''] = license.split('.');
    expect(await refused(`${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`)).toMatchObject({ reason: 'LICENSE_NOT_ACCEPTED', state: 'BAD_SIGNATURE' });
    expect(await refused('a.b.c')).toMatchObject({ reason: 'LICENSE_NOT_ACCEPTED', state: 'MALFORMED' });
    expect(await reasonOf(gateway.client.as({ bearer: license }))).toBe('InstanceViewer');
    gateway.fake.revokedLicenses.add(license);
    clock.advance({ minutes: 2 });
    expect(await refused(license)).toMatchObject({ reason: 'LICENSE_NOT_ACCEPTED', state: 'REVOKED' });
  });

  it('goes on while licensing does not answer', async () => {
    const license = gateway.fake.license('cust_1', clock);
    expect(await reasonOf(gateway.client.as({ bearer: license }))).toBe('InstanceViewer');
    gateway.fake.down.add('licensing');
    clock.advance({ hours: 5 });
    expect(await reasonOf(gateway.client.as({ bearer: license }))).toBe('InstanceViewer');
  });

  it('of unknown keys asks licensing for its keys at most every five seconds', async () => {
    const keyRequests = (): number => gateway.fake.asked.licensing.filter((field) => field === 'signingKeys').length;
    const forged = [{ alg: 'RS256', typ: 'license+jwt', kid: 'key_unknown' }, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    for (let turn = 0; turn < 10; turn += 1) expect(await refused(`${forged}.AAAA`)).toMatchObject({ state: 'UNKNOWN_KEY' });
    expect(keyRequests()).toBe(2);
    clock.advance({ seconds: 6 });
    await refused(`${forged}.AAAA`);
    expect(keyRequests()).toBe(3);
  });
});
