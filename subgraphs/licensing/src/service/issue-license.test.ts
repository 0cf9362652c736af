import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { startTestSubgraph, type TestSubgraph } from '@iotistic/testkit/subgraph';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLicensing } from '../app.ts';
import { licensingConfig } from '../config.ts';
import { migrations } from '../repository/migrations.ts';

let keys: string;
let licensing: TestSubgraph;
const start = (platform: Parameters<typeof startLicensing>[1]) => startLicensing(loadConfig(licensingConfig, { LICENSE_KEYS_DIR: keys }), platform);
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'iotistic-keys-'));
  licensing = await startTestSubgraph({ name: 'licensing', migrations, start });
});
afterAll(async () => {
  await licensing.close();
  await rm(keys, { recursive: true, force: true });
});

const START = '2026-11-20T12:00:00.000Z';
const ADMIN: Caller = { kind: 'admin', name: 'test' };
const ANYONE: Caller = { kind: 'anonymous' };
const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
const instanceOf = (customerId: string): Caller => ({ kind: 'instance', customerId, credential: 'api_key', credentialId: 'akey_1' });

type Change = EventPayload<'subscription.changed'>;

function subscription(changes: Partial<Change> = {}): Change {
  return {
    customerId: newId('cust'),
    customerName: 'Acme Corp',
    subscriptionId: 'subn_1',
    plan: 'TRIAL',
    status: 'TRIALING',
    trialEndsAt: '2026-12-04T12:00:00.000Z',
    currentPeriodStart: START,
    currentPeriodEndsAt: '2026-12-04T12:00:00.000Z',
    entitlements: { features: { canExportData: true, hasOtaUpdates: false }, limits: { maxDevices: 10, maxUsers: 2 }, included: { DEVICES: 10 } },
    version: 1,
    updatedAt: START,
    actor: 'billing',
    reason: 'trial started',
    ...changes,
  };
}

function upgraded(change: Change): Change {
  return { ...change, plan: 'PROFESSIONAL', status: 'ACTIVE', trialEndsAt: null, currentPeriodEndsAt: '2026-12-20T12:00:00.000Z', entitlements: { ...change.entitlements, limits: { maxDevices: 50, maxUsers: 15 } }, version: change.version + 1, updatedAt: '2026-11-20T12:00:00.000Z', actor: 'user:user_1', reason: null };
}

interface License {
  id: string;
  token: string;
  status: string;
  keyId: string;
  issuedAt: string;
  expiresAt: string;
  claims: Record<string, unknown>;
}

async function licenseOf(customerId: string, caller: Caller = userOf(customerId)): Promise<License | null> {
  const customer = await licensing.entity<{ license: License | null }>(caller, { __typename: 'Customer', id: customerId }, 'id license { id token status keyId issuedAt expiresAt claims }');
  return customer?.license ?? null;
}

interface History {
  totalCount: number;
  pageInfo: { endCursor: string };
  edges: { node: { id: string } }[];
}

async function historyOf(customerId: string, page = ''): Promise<History> {
  const fields = `licenseHistory${page} { totalCount byAction { action count } byPlan { plan count } pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { id at action plan maxDevices tokenHash actor reason } } }`;
  const customer = await licensing.entity<{ licenseHistory: History }>(userOf(customerId), { __typename: 'Customer', id: customerId }, fields);
  return customer?.licenseHistory as History;
}

async function verify(token: string): Promise<Record<string, unknown>> {
  const { verifyLicense } = await licensing.read<{ verifyLicense: Record<string, unknown> }>(ANYONE, 'query ($token: String!) { verifyLicense(token: $token) { valid state claims expiresAt } }', { token });
  return verifyLicense;
}

describe('a subscription that changed', () => {
  it('gives a license: signed, stored, and the same bytes each time it is asked for', async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', change);
    const license = await licenseOf(change.customerId);
    expect(license).toMatchObject({ status: 'ACTIVE', issuedAt: START, expiresAt: '2026-12-04T12:00:00.000Z', claims: { customerId: change.customerId, customerName: 'Acme Corp', plan: 'trial', features: { maxDevices: 10, canExportData: true }, limits: { maxUsers: 2 }, trial: { isTrialMode: true }, version: 1 } });
    expect(await licenseOf(change.customerId)).toEqual(license);
    expect(JSON.parse(Buffer.from(license?.token.split('.')[0] ?? '', 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'license+jwt', kid: license?.keyId });
    expect(await verify(license?.token ?? '')).toMatchObject({ valid: true, state: 'VALID', expiresAt: '2026-12-04T12:00:00.000Z', claims: license?.claims });
  });

  it('a second delivery issues nothing, nor does an older version', async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', upgraded(change));
    await licensing.tell('subscription.changed', upgraded(change));
    await licensing.tell('subscription.changed', change);
    expect(await licenseOf(change.customerId)).toMatchObject({ claims: { plan: 'professional', version: 2 } });
    expect(await historyOf(change.customerId)).toMatchObject({ totalCount: 1, edges: [{ node: { action: 'GENERATED', plan: 'PROFESSIONAL' } }] });
  });

  it('gives the newest, valid now, though the clock was set forward by days and back by hours in between', async () => {
    const change = subscription({ trialEndsAt: '2026-12-20T12:00:00.000Z', currentPeriodEndsAt: '2026-12-20T12:00:00.000Z' });
    const steps = [0, 3 * 86_400_000, -5 * 3_600_000, 120_000, -180_000, 0];
    for (const [index, stepMs] of steps.entries()) {
      const now = licensing.clock.set(new Date(Date.parse(START) + stepMs));
      await licensing.tell('subscription.changed', { ...change, version: index + 1, updatedAt: now.toISOString() });
      const license = await licenseOf(change.customerId);
      expect(license).toMatchObject({ status: 'ACTIVE', claims: { version: index + 1 } });
      expect(await verify(license?.token ?? '')).toMatchObject({ valid: true, state: 'VALID' });
    }
    expect(await historyOf(change.customerId)).toMatchObject({ totalCount: steps.length });
  });

  it('deliveries at the same time issue one license', async () => {
    const change = subscription();
    await Promise.all(Array.from({ length: 6 }, () => licensing.tell('subscription.changed', change)));
    expect(await historyOf(change.customerId)).toMatchObject({ totalCount: 1 });
  });

  it('an upgrade replaces the license in force; history tells each issue once, with the hash of its token', async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', change);
    const first = await licenseOf(change.customerId);
    await licensing.tell('subscription.changed', upgraded(change));
    const second = await licenseOf(change.customerId);
    const hash = (token = ''): string => createHash('sha256').update(token).digest('hex');
    const history = await historyOf(change.customerId);
    expect(history).toMatchObject({ totalCount: 2, byAction: [{ action: 'GENERATED', count: 1 }, { action: 'UPGRADED', count: 1 }], byPlan: [{ plan: 'TRIAL', count: 1 }, { plan: 'PROFESSIONAL', count: 1 }] });
    expect(history.edges.map(({ node }) => node)).toMatchObject([
      { action: 'UPGRADED', plan: 'PROFESSIONAL', maxDevices: 50, tokenHash: hash(second?.token), actor: 'user:user_1', reason: null },
      { action: 'GENERATED', plan: 'TRIAL', maxDevices: 10, tokenHash: hash(first?.token), actor: 'billing', reason: 'trial started' },
    ]);
    const old = await licensing.entity(userOf(change.customerId), { __typename: 'License', id: first?.id }, 'id status');
    expect(old).toEqual({ id: first?.id, status: 'SUPERSEDED' });
  });
});

describe('a customer that licensing has not heard of', () => {
  it('has its first license awaited', async () => {
    const change = subscription();
    const asking = licenseOf(change.customerId);
    await licensing.tell('subscription.changed', change);
    expect(await asking).toMatchObject({ status: 'ACTIVE' });
  });

  it('is unlicensed when none comes', async () => {
    expect(await licenseOf(newId('cust'))).toBeNull();
  });
});

describe('a deactivated customer', () => {
  const deactivation = (customerId: string): EventPayload<'customer.deactivated'> => ({ customerId, reason: 'moved away', actor: 'admin:test', at: START });

  it('has every license revoked whose calendar runs, and each token named to those who cache it', async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', change);
    const first = await licenseOf(change.customerId);
    await licensing.tell('subscription.changed', upgraded(change));
    const second = await licenseOf(change.customerId);
    const ended: string[] = [];
    const stop = licensing.platform.live.subscribe('credential', (hash) => ended.push(hash));
    await licensing.tell('customer.deactivated', deactivation(change.customerId));
    await licensing.tell('customer.deactivated', deactivation(change.customerId));
    expect(await licenseOf(change.customerId)).toMatchObject({ id: second?.id, status: 'REVOKED' });
    for (const license of [first, second]) expect(await verify(license?.token ?? '')).toMatchObject({ valid: false, state: 'REVOKED', claims: license?.claims });
    expect(await historyOf(change.customerId)).toMatchObject({ totalCount: 3, edges: [{ node: { action: 'REVOKED', actor: 'admin:test', reason: 'moved away' } }, {}, {}] });
    await waitFor(() => expect(ended.toSorted()).toEqual([first, second].map((license) => createHash('sha256').update(license?.token ?? '').digest('hex')).toSorted()));
    stop();
  });

  it('gets no license any more, whatever order the events come in', async () => {
    const change = subscription();
    await licensing.tell('customer.deactivated', deactivation(change.customerId));
    await licensing.tell('subscription.changed', change);
    expect(await licenseOf(change.customerId)).toBeNull();
    expect(await historyOf(change.customerId)).toMatchObject({ totalCount: 0, edges: [] });
  });
});

describe('licenseHistory', () => {
  it('is paged, newest first, and stays put when something is added', async () => {
    const change = subscription();
    for (let version = 1; version <= 5; version += 1) await licensing.tell('subscription.changed', { ...change, version });
    const first = await historyOf(change.customerId, '(first: 2)');
    expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    await licensing.tell('subscription.changed', { ...change, version: 6 });
    const cursor = first.pageInfo.endCursor;
    const rest = await historyOf(change.customerId, `(first: 100, after: "${cursor}")`);
    expect(rest).toMatchObject({ totalCount: 6, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    const seen = [first, rest].flatMap((page) => page.edges.map(({ node }) => node.id));
    expect(new Set(seen).size).toBe(5);
  });

  it.each([
    ['(first: 0)', 'INVALID_PAGE_SIZE'],
    ['(first: 101)', 'INVALID_PAGE_SIZE'],
    ['(after: "nonsense")', 'INVALID_CURSOR'],
    ['(after: "W10")', 'INVALID_CURSOR'],
  ])('%s is refused: %s', async (page, reason) => {
    await expect(licensing.entity(ADMIN, { __typename: 'Customer', id: newId('cust') }, `licenseHistory${page} { totalCount }`)).rejects.toThrow(`"code":"INVALID_INPUT","reason":"${reason}"`);
  });
});

describe('who may see it', () => {
  it("the customer's users and the operator see all, its instances the license only", async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', change);
    for (const caller of [ADMIN, userOf(change.customerId), instanceOf(change.customerId)]) expect(await licenseOf(change.customerId, caller)).toMatchObject({ status: 'ACTIVE' });
    for (const field of ['licenseHistory { totalCount }', 'activations { licenseId }']) {
      const customer = { __typename: 'Customer', id: change.customerId };
      await expect(licensing.entity(instanceOf(change.customerId), customer, field)).rejects.toThrow('"code":"FORBIDDEN","reason":"NOT_FOR_INSTANCES"');
      expect(await licensing.entity(ADMIN, customer, field)).not.toBeNull();
    }
  });

  it('for others neither the customer nor the license exists, through _entities either', async () => {
    const change = subscription();
    await licensing.tell('subscription.changed', change);
    const license = await licenseOf(change.customerId);
    for (const caller of [ANYONE, userOf(newId('cust')), instanceOf(newId('cust')), { kind: 'gateway' } as const]) {
      const answer = await licensing.ask(caller, 'query ($them: [_Any!]!) { _entities(representations: $them) { ... on Customer { id license { token } } ... on License { token } } }', { them: [{ __typename: 'Customer', id: change.customerId }, { __typename: 'License', id: license?.id }] });
      expect(answer).toEqual({ data: { _entities: [null, null] } });
    }
  });
});

describe('licenseChanged', () => {
  const WATCH = 'subscription ($id: ID!) { licenseChanged(customerId: $id) { status claims } }';

  it('pushes each license that comes into force, and its revocation', async () => {
    const change = subscription();
    const stream = await licensing.watch(userOf(change.customerId), WATCH, { id: change.customerId });
    await licensing.tell('subscription.changed', change);
    expect((await stream.next()).value).toMatchObject({ data: { licenseChanged: { status: 'ACTIVE', claims: { version: 1 } } } });
    await licensing.tell('subscription.changed', upgraded(change));
    expect((await stream.next()).value).toMatchObject({ data: { licenseChanged: { status: 'ACTIVE', claims: { version: 2 } } } });
    await licensing.tell('customer.deactivated', { customerId: change.customerId, reason: 'x', actor: 'admin:test', at: START });
    expect((await stream.next()).value).toMatchObject({ data: { licenseChanged: { status: 'REVOKED', claims: { version: 2 } } } });
    await stream.return?.();
  });

  it.each([
    ['another tenant', userOf(newId('cust')), 'CUSTOMER_NOT_FOUND'],
    ['nobody', ANYONE, 'CREDENTIAL_REQUIRED'],
  ])('refuses %s', async (_who, caller, reason) => {
    await expect(licensing.watch(caller, WATCH, { id: newId('cust') })).rejects.toThrow(reason);
  });
});
