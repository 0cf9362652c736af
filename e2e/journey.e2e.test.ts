/** From sign-up to a live usage report, through the real gateway, HTTP and WebSocket. */
import { createPublicKey } from 'node:crypto';
import { verifyLicense } from '@iotistic/contracts/license';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import type { GraphqlClient } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf, SIGN_UP } from './documents.ts';

interface SignedUp {
  signUp: {
    customer: {
      id: string;
      companyName: string;
      subscription: { plan: { key: string; name: string }; status: string; trialEndsAt: string; entitlements: { limits: { key: string; value: number | null }[]; features: { key: string; enabled: boolean }[] } };
      license: { id: string; token: string; expiresAt: string; claims: { customerId: string; plan: string; features: Record<string, unknown> } };
    };
    session: { token: string };
  };
}

const LIVE = `subscription ($customerId: ID!) {
  usageReported(customerId: $customerId) {
    id activeDevices
    instance { name }
    customer { companyName subscription { plan { name } } license { expiresAt } }
  }
}`;
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted late duplicates rejected { reportId reason message } latest { activeDevices customer { companyName } } } }';

let booted: BootedPlane;
let signedUp: SignedUp['signUp'];
let user: GraphqlClient;
let apiKey: { apiKey: { id: string; prefix: string }; secret: string };
let instance: GraphqlClient;

beforeAll(async () => {
  booted = await bootPlane();
  signedUp = (await booted.client.ask<SignedUp>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } })).signUp;
  user = booted.client.as({ bearer: signedUp.session.token });
  ({ createApiKey: apiKey } = await user.ask<{ createApiKey: typeof apiKey }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id prefix } secret } }', { input: { customerId: signedUp.customer.id, name: 'cluster' } }));
  instance = booted.client.as({ apiKey: apiKey.secret });
});
afterAll(() => booted.stop());

describe('sign-up', () => {
  it('comes back complete: trial, entitlements and a license that its own key verifies', async () => {
    const { customer } = signedUp;
    expect(customer.id).toMatch(/^cust_[0-9a-v]{24}$/);
    expect(customer.subscription).toMatchObject({ plan: { key: 'TRIAL' }, status: 'TRIALING' });
    expect(customer.subscription.entitlements.limits).toContainEqual({ key: 'maxDevices', value: 10 });
    expect(customer.license.claims).toMatchObject({ customerId: customer.id, customerName: 'Acme Corp', plan: 'trial', features: { maxDevices: 10, canExportData: true } });
    const jwks = (await (await fetch(`${booted.plane.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
    const verdict = verifyLicense(customer.license.token, {
      now: new Date(),
      findKey: (kid) => {
        const jwk = jwks.keys.find((key) => key.kid === kid);
        return jwk === undefined ? null : createPublicKey({ key: jwk as never, format: 'jwk' });
      },
    });
    expect(verdict).toMatchObject({ state: 'VALID', valid: true, claims: { jti: customer.license.id } });
  });

  it('gives the same license bytes however often one asks', async () => {
    const again = await user.ask<{ customer: { license: { token: string } } }>('query ($id: ID!) { customer(id: $id) { license { token } } }', { id: signedUp.customer.id });
    expect(again.customer.license.token).toBe(signedUp.customer.license.token);
  });

  it('stores one license and one history entry', async () => {
    const { customer } = await user.ask<{ customer: { licenseHistory: unknown } }>('query ($id: ID!) { customer(id: $id) { licenseHistory { totalCount byAction { action count } byPlan { plan count } edges { node { action plan tokenHash } } } } }', { id: signedUp.customer.id });
    expect(customer.licenseHistory).toMatchObject({ totalCount: 1, byAction: [{ action: 'GENERATED', count: 1 }], byPlan: [{ plan: 'TRIAL', count: 1 }], edges: [{ node: { action: 'GENERATED', tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string } }] });
  });

  it('logs in, says who one is, and out', async () => {
    const { logIn } = await booted.client.ask<{ logIn: { session: { token: string } } }>('mutation { logIn(input: { email: "ADA@example.com ", password: "correct horse" }) { session { token } customer { id } } }');
    const session = booted.client.as({ bearer: logIn.session.token });
    expect(await session.ask('{ viewer { __typename ... on UserViewer { user { email } customer { id } } } }')).toEqual({ viewer: { __typename: 'UserViewer', user: { email: 'ada@example.com' }, customer: { id: signedUp.customer.id } } });
    expect(await booted.client.ask('{ viewer { __typename } }')).toEqual({ viewer: null });
    expect(await instance.ask('{ viewer { __typename } }')).toEqual({ viewer: { __typename: 'InstanceViewer' } });
    expect(await session.ask('mutation { logOut }')).toEqual({ logOut: true });
    await waitFor(async () => expect((await session.send('{ viewer { __typename } }')).status).toBe(401));
  });
});

describe('the operator', () => {
  it('creates, finds and renames customers, and pages through them', async () => {
    for (const name of ['Beta', 'Gamma', 'Delta']) {
      await booted.admin.ask('mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { id } } }', { input: { email: `${name.toLowerCase()}@example.com`, companyName: `${name} Ltd` } });
    }
    const found = await booted.admin.ask<{ customers: { totalCount: number; edges: { node: { id: string } }[] } }>('{ customers(search: "gamma") { totalCount edges { node { id companyName subscription { status } } } } }');
    expect(found).toMatchObject({ customers: { totalCount: 1, edges: [{ node: { companyName: 'Gamma Ltd', subscription: { status: 'TRIALING' } } }] } });
    const id = found.customers.edges[0]?.node.id;
    await booted.admin.ask('mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }', { input: { id, companyName: 'Gamma Works' } });
    await waitFor(async () => expect(await booted.admin.ask('query ($id: ID!) { customer(id: $id) { companyName license { claims } } }', { id })).toMatchObject({ customer: { companyName: 'Gamma Works', license: { claims: { customerName: 'Gamma Works' } } } }));
    const names: string[] = [];
    let after: string | null = null;
    do {
      const page: { customers: { edges: { node: { companyName: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = await booted.admin.ask('query ($after: String) { customers(first: 2, after: $after) { edges { node { companyName } } pageInfo { hasNextPage endCursor } } }', { after });
      names.push(...page.customers.edges.map(({ node }) => node.companyName));
      after = page.customers.pageInfo.hasNextPage ? page.customers.pageInfo.endCursor : null;
    } while (after !== null);
    expect(names).toEqual(['Delta Ltd', 'Gamma Works', 'Beta Ltd', 'Acme Corp']);
  });
});

describe('usage', () => {
  it('is durable when answered, counted once, and seen in latest, list, series, summary and intake', async () => {
    const input = { instance: 'us-east-1-prod', reports: [reportOf({ minutesAgo: 120, activeDevices: 3, mqttMessagesPublished: 40 }), reportOf({ minutesAgo: 60, activeDevices: 7, mqttMessagesReceived: 60, storageBytes: 5_000_000 })] };
    expect(await instance.ask(REPORT, { input })).toEqual({ reportUsage: { accepted: 2, late: 0, duplicates: 0, rejected: [], latest: { activeDevices: 7, customer: { companyName: 'Acme Corp' } } } });
    expect(await instance.ask(REPORT, { input })).toMatchObject({ reportUsage: { accepted: 0, duplicates: 2, rejected: [] } });
    const { customer } = await user.ask<{ customer: { usageSeries: { quantity: number; reports: number }[]; usageSummary: { meters: { meter: string; used: number; included: number | null }[] } } }>(
      `query ($id: ID!, $from: DateTime!, $to: DateTime!) { customer(id: $id) {
        latestUsage { activeDevices instance { name } }
        usageReports(first: 1) { totalCount pageInfo { hasNextPage } edges { node { activeDevices } } }
        usageSeries(meter: MQTT_MESSAGES, from: $from, to: $to, granularity: DAY) { quantity reports }
        usageSummary { meters { meter used included } }
        intake { received accepted late duplicates rejected }
      } }`,
      { id: signedUp.customer.id, from: new Date(Date.now() - 2 * 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString() },
    );
    expect(customer).toMatchObject({
      latestUsage: { activeDevices: 7, instance: { name: 'us-east-1-prod' } },
      usageReports: { totalCount: 2, pageInfo: { hasNextPage: true }, edges: [{ node: { activeDevices: 7 } }] },
      intake: { received: 4, accepted: 2, late: 0, duplicates: 2, rejected: 0 },
    });
    const { usageSeries, usageSummary } = customer;
    expect(usageSeries.reduce((sum, point) => sum + point.quantity, 0)).toBe(100);
    expect(usageSeries.reduce((sum, point) => sum + point.reports, 0)).toBe(2);
    expect(usageSummary.meters.find(({ meter }) => meter === 'DEVICES')).toMatchObject({ used: 7, included: 10 });
  });

  it('keeps the good reports of a call and refuses each bad one with its reason', async () => {
    const good = reportOf({ minutesAgo: 30 });
    const { reportUsage } = await instance.ask<{ reportUsage: { accepted: number; rejected: { reason: string }[] } }>(REPORT, {
      input: {
        instance: 'us-east-1-prod',
        reports: [good, reportOf({ minutesAgo: -600 }), reportOf({ minutesAgo: 90, activeDevices: -1 }), reportOf({ minutesAgo: 95, storageBytes: 9_007_199_254_740_991 }), { ...good, activeDevices: 99 }, reportOf({ minutesAgo: 450 * 24 * 60 })],
      },
    });
    expect(reportUsage.accepted).toBe(1);
    expect(reportUsage.rejected.map(({ reason }) => reason).toSorted()).toEqual(['CONFLICTING_DUPLICATE', 'INTERVAL_IN_FUTURE', 'NEGATIVE', 'TOO_LARGE', 'TOO_OLD']);
  });

  it('an instance that reported is listed by customers, which learned of it from an event', async () => {
    await waitFor(async () => {
      const answer = await user.ask('query ($id: ID!) { customer(id: $id) { instances { totalCount edges { node { name lastReportedAt } } } } }', { id: signedUp.customer.id });
      expect(answer).toMatchObject({ customer: { instances: { totalCount: 1, edges: [{ node: { name: 'us-east-1-prod', lastReportedAt: expect.any(String) as string } }] } } });
    });
  });

  it('an instance that somebody named first is known where it reports', async () => {
    await user.ask('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id name } } }', { input: { customerId: signedUp.customer.id, name: 'eu-west-1' } });
    const twice = await user.send('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id } } }', { input: { customerId: signedUp.customer.id, name: 'eu-west-1' } });
    expect([twice.status, twice.errors?.[0]?.extensions.reason]).toEqual([409, 'NAME_TAKEN']);
  });
});

describe('live', () => {
  it('pushes each report joined across the graph, to the user and to the operator, and no foreign one', async () => {
    const other = (await booted.client.ask<SignedUp>(SIGN_UP, { input: { email: 'eve@example.com', password: 'correct horse' } })).signUp;
    const own = user.live(LIVE, { customerId: signedUp.customer.id });
    const operator = booted.admin.live(LIVE, { customerId: signedUp.customer.id });
    const foreign = booted.client.as({ bearer: other.session.token }).live(LIVE, { customerId: signedUp.customer.id });
    await Promise.all([own.opened, operator.opened, foreign.opened]);
    // A refusal ends the operation as an error, and not as a result.
    const refusal = await foreign.ended;
    let minutesAgo = 25;
    // A subscribe is under way when its socket is open: reports follow until the first is seen.
    await waitFor(async () => {
      await instance.ask(REPORT, { input: { instance: 'us-east-1-prod', reports: [reportOf({ minutesAgo: (minutesAgo -= 0.1), activeDevices: 8 })] } });
      expect(Math.min(own.received.length, operator.received.length)).toBeGreaterThan(0);
    }, { interval: 100 });
    const joined = { usageReported: { id: expect.stringMatching(/^rept_/) as string, activeDevices: 8, instance: { name: 'us-east-1-prod' }, customer: { companyName: 'Acme Corp', subscription: { plan: { name: 'Trial' } }, license: { expiresAt: signedUp.customer.license.expiresAt } } } };
    expect(own.received[0]).toEqual({ data: joined });
    expect(operator.received[0]).toEqual({ data: joined });
    expect(refusal).toMatchObject([{ extensions: { code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' } }]);
    expect(foreign.received).toEqual([]);
    await Promise.all([own.stop(), operator.stop(), foreign.stop()]);
  });

  it('streams the same as server-sent events', async () => {
    const abort = new AbortController();
    const response = await fetch(`${booted.plane.url}/graphql`, { method: 'POST', signal: abort.signal, headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${signedUp.session.token}` }, body: JSON.stringify({ query: LIVE, variables: { customerId: signedUp.customer.id } }) });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/event-stream')]);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    const reading = (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        text += Buffer.from(value).toString('utf8');
        if (text.includes('"activeDevices":9')) return;
      }
    })();
    let minutesAgo = 20;
    await waitFor(async () => {
      await instance.ask(REPORT, { input: { instance: 'us-east-1-prod', reports: [reportOf({ minutesAgo: (minutesAgo -= 0.1), activeDevices: 9 })] } });
      expect(text).toContain('event: next');
    }, { interval: 100 });
    await reading;
    expect(text).toMatch(/event: next\ndata: .*"companyName":"Acme Corp"/);
    abort.abort();
  });

  it('tells of a new license and a changed subscription', async () => {
    const licenses = user.live<{ licenseChanged: { status: string } }>('subscription ($id: ID!) { licenseChanged(customerId: $id) { id status claims } }', { id: signedUp.customer.id });
    const subscriptions = user.live('subscription ($id: ID!) { subscriptionChanged(customerId: $id) { version status customer { companyName } } }', { id: signedUp.customer.id });
    await Promise.all([licenses.opened, subscriptions.opened]);
    let round = 0;
    await waitFor(async () => {
      await user.ask('mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }', { input: { id: signedUp.customer.id, companyName: `Acme ${(round += 1)}` } });
      expect(Math.min(licenses.received.length, subscriptions.received.length)).toBeGreaterThan(0);
    }, { interval: 200 });
    expect(licenses.received[0]?.data).toMatchObject({ licenseChanged: { status: 'ACTIVE' } });
    await Promise.all([licenses.stop(), subscriptions.stop()]);
  });
});

describe('an instance', () => {
  const FETCH = 'mutation ($input: FetchLicenseInput!) { fetchLicense(input: $input) { license { id token } customer { id companyName } revocationList serverTime refreshAfterSeconds } }';

  it('fetches its license once, and holds it', async () => {
    // The license of the last rename may still be on its way.
    await waitFor(async () => expect(await user.ask('query ($id: ID!) { customer(id: $id) { companyName license { claims } subscription { version } } }', { id: signedUp.customer.id })).toSatisfy(({ customer }: { customer: { companyName: string; license: { claims: { customerName: string; version: number } }; subscription: { version: number } } }) => customer.license.claims.customerName === customer.companyName && customer.license.claims.version === customer.subscription.version));
    const first = await instance.ask<{ fetchLicense: { license: { id: string; token: string }; refreshAfterSeconds: number } }>(FETCH, { input: { instance: 'us-east-1-prod', agentVersion: '0.1.0' } });
    expect(first.fetchLicense.refreshAfterSeconds).toBeGreaterThan(0);
    const again = await instance.ask<{ fetchLicense: { license: null } }>(FETCH, { input: { instance: 'us-east-1-prod', holding: first.fetchLicense.license.id } });
    expect(again.fetchLicense.license).toBeNull();
    const withLicense = await booted.client.as({ bearer: first.fetchLicense.license.token }).ask<{ fetchLicense: { license: null } }>(FETCH, { input: { instance: 'us-east-1-prod', holding: first.fetchLicense.license.id } });
    expect(withLicense.fetchLicense.license).toBeNull();
    const { customer } = await user.ask<{ customer: { activations: unknown[] } }>('query ($id: ID!) { customer(id: $id) { activations { instance { name } agentVersion licenseId } } }', { id: signedUp.customer.id });
    expect(customer.activations).toMatchObject([{ instance: { name: 'us-east-1-prod' }, licenseId: first.fetchLicense.license.id }]);
  });

  it('reads its limits, and nothing that is not its business', async () => {
    expect(await instance.ask('query ($id: ID!) { customer(id: $id) { companyName subscription { entitlements { limits { key value } } } license { status } latestUsage { activeDevices } } }', { id: signedUp.customer.id })).toMatchObject({ customer: { license: { status: 'ACTIVE' } } });
    for (const field of ['apiKeys { id }', 'users { email }', 'auditLog { edges { node { action } } }', 'licenseHistory { totalCount }']) {
      const answer = await instance.send(`query ($id: ID!) { customer(id: $id) { ${field} } }`, { id: signedUp.customer.id });
      expect([field, answer.errors?.[0]?.extensions.reason]).toEqual([field, 'NOT_FOR_INSTANCES']);
    }
  });

  it('is refused once its key is revoked', async () => {
    const { createApiKey } = await user.ask<{ createApiKey: { apiKey: { id: string }; secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } secret } }', { input: { customerId: signedUp.customer.id, name: 'short-lived' } });
    const client = booted.client.as({ apiKey: createApiKey.secret });
    await client.ask('{ viewer { __typename } }');
    await user.ask('mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { revokedAt } } }', { input: { id: createApiKey.apiKey.id } });
    await waitFor(async () => {
      const answer = await client.send('{ viewer { __typename } }');
      expect([answer.status, answer.errors?.[0]?.extensions.reason]).toEqual([401, 'API_KEY_REVOKED']);
    });
  });
});

describe('the end of an account', () => {
  it('ends the subscription, the license, every key and every session, and deletes nothing', async () => {
    const { signUp } = await booted.client.ask<SignedUp>(SIGN_UP, { input: { email: 'gone@example.com', password: 'correct horse', companyName: 'Gone' } });
    await booted.admin.ask('mutation ($input: DeactivateCustomerInput!) { deactivateCustomer(input: $input) { customer { status } } }', { input: { id: signUp.customer.id, reason: 'asked to' } });
    await waitFor(async () => {
      expect(await booted.admin.ask('query ($id: ID!) { customer(id: $id) { status subscription { status } auditLog { edges { node { action } } } } }', { id: signUp.customer.id })).toMatchObject({ customer: { status: 'DEACTIVATED', subscription: { status: 'CANCELED' } } });
      expect(await booted.client.ask('query ($token: String!) { verifyLicense(token: $token) { state } }', { token: signUp.customer.license.token })).toEqual({ verifyLicense: { state: 'REVOKED' } });
      expect((await booted.client.as({ bearer: signUp.session.token }).send('{ viewer { __typename } }')).status).toBe(401);
    });
  });
});
