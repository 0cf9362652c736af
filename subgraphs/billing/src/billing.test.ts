import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSubgraph, type TestSubgraph } from '@iotistic/testkit/subgraph';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventPayload } from '@iotistic/contracts/events';
import { derivedId, newId } from '@iotistic/contracts/ids';
import { loadConfig } from '@iotistic/chassis/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBilling } from './app.ts';
import { billingConfig } from './config.ts';
import { migrations } from './repository/migrations.ts';

const mailDir = mkdtempSync(join(tmpdir(), 'iotistic-mail-'));
let billing: TestSubgraph;
beforeAll(async () => {
  billing = await startTestSubgraph({ name: 'billing', migrations, start: (platform) => startBilling(loadConfig(billingConfig, { MAIL_DIR: mailDir }), platform) });
});
afterAll(async () => {
  await billing.close();
  rmSync(mailDir, { recursive: true, force: true });
});

const CREATED_AT = '2026-11-20T12:00:00.000Z';
const ADMIN: Caller = { kind: 'admin', name: 'test' };
const ANYONE: Caller = { kind: 'anonymous' };
const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
const instanceOf = (customerId: string): Caller => ({ kind: 'instance', customerId, credential: 'api_key', credentialId: 'akey_1' });

function signUp(customerId: string = newId('cust'), changes: Partial<EventPayload<'customer.signed_up'>> = {}): EventPayload<'customer.signed_up'> {
  return { customerId, email: 'ann@acme.example', companyName: 'Acme Corp', fullName: 'Ann', createdAt: CREATED_AT, updatedAt: CREATED_AT, ...changes };
}

const FIELDS = `id subscription {
  id status version trialEndsAt currentPeriodStart currentPeriodEndsAt cancelAtPeriodEnd updatedAt customer { id } plan { key name }
  entitlements { features { key enabled } limits { key value } included { meter quantity } } }`;

async function subscriptionOf(customerId: string, caller: Caller = userOf(customerId)): Promise<Record<string, unknown> | undefined> {
  const customer = await billing.entity<{ subscription: Record<string, unknown> }>(caller, { __typename: 'Customer', id: customerId, createdAt: CREATED_AT }, FIELDS);
  return customer?.subscription;
}

async function changesOf(customerId: string): Promise<EventPayload<'subscription.changed'>[]> {
  return (await billing.published('subscription.changed')).filter((event) => event.customerId === customerId);
}

describe('the price list', () => {
  it('is public, cheapest first', async () => {
    const { plans, plan } = await billing.read<{ plans: { key: string; entitlements: { limits: object[] } }[]; plan: object }>(
      ANYONE,
      '{ plans { key name price { amount currency } entitlements { limits { key value } features { key enabled } included { meter quantity } } meteredPrices { meter lookupKey unit model tiers { upTo unitAmountDecimal flatAmount packageSize } } } plan(key: PROFESSIONAL) { name } }',
    );
    expect(plans.map(({ key }) => key)).toEqual(['TRIAL', 'STARTER', 'PROFESSIONAL', 'ENTERPRISE']);
    expect(plans[3]?.entitlements.limits).toContainEqual({ key: 'maxDevices', value: null });
    expect(plan).toEqual({ name: 'Professional' });
  });
});

describe('a sign-up', () => {
  it('starts one trial and tells it by value', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    const events = await changesOf(customer.customerId);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ customerName: 'Acme Corp', plan: 'TRIAL', status: 'TRIALING', version: 1, subscriptionId: derivedId('subn', customer.customerId), trialEndsAt: '2026-12-04T12:00:00.000Z', entitlements: { limits: { maxDevices: 10 }, included: { DEVICES: 10 } } });
  });

  it('handled or not yet, gives the same subscription', async () => {
    const customer = signUp();
    const before = await subscriptionOf(customer.customerId);
    await billing.tell('customer.signed_up', customer);
    const after = await subscriptionOf(customer.customerId);
    expect(after).toEqual(before);
    expect(after).toMatchObject({ status: 'TRIALING', version: 1 });
  });

  it('a second delivery changes nothing', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    await billing.tell('customer.signed_up', customer);
    expect(await changesOf(customer.customerId)).toHaveLength(1);
    expect(await billing.rows('select * from subscriptions where customer_id = $1', [customer.customerId])).toHaveLength(1);
  });

  it('deliveries at the same time start one trial', async () => {
    const customer = signUp();
    await Promise.all(Array.from({ length: 8 }, () => billing.tell('customer.signed_up', customer)));
    expect(await changesOf(customer.customerId)).toHaveLength(1);
  });
});

describe('a new name', () => {
  it('is a new version, since the license carries it', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    await billing.tell('customer.updated', { ...customer, companyName: 'Acme Inc', updatedAt: '2026-11-21T00:00:00.000Z' });
    expect((await changesOf(customer.customerId)).map(({ version, customerName, updatedAt }) => [version, customerName, updatedAt])).toEqual([
      [1, 'Acme Corp', CREATED_AT],
      [2, 'Acme Inc', '2026-11-21T00:00:00.000Z'],
    ]);
  });

  it('that the license does not show is copied and not told', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    await billing.tell('customer.updated', { ...customer, email: 'bob@acme.example', fullName: 'Bob', updatedAt: '2026-11-21T00:00:00.000Z' });
    expect(await changesOf(customer.customerId)).toHaveLength(1);
    expect(await billing.rows('select email, license_name from customers where id = $1', [customer.customerId])).toEqual([{ email: 'bob@acme.example', license_name: 'Acme Corp' }]);
  });

  it('an older one that comes later changes nothing', async () => {
    const customer = signUp();
    await billing.tell('customer.updated', { ...customer, companyName: 'Newest', updatedAt: '2026-11-22T00:00:00.000Z' });
    await billing.tell('customer.signed_up', customer);
    await billing.tell('customer.updated', { ...customer, companyName: 'Older', updatedAt: '2026-11-21T00:00:00.000Z' });
    expect((await changesOf(customer.customerId)).map(({ version, customerName }) => [version, customerName])).toEqual([[1, 'Newest']]);
  });
});

describe('a deactivation', () => {
  const deactivation = (customerId: string): EventPayload<'customer.deactivated'> => ({ customerId, reason: 'moved away', actor: 'admin:test', at: '2026-11-25T00:00:00.000Z' });

  it('ends the subscription then, once', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    await billing.tell('customer.deactivated', deactivation(customer.customerId));
    await billing.tell('customer.deactivated', deactivation(customer.customerId));
    expect(await subscriptionOf(customer.customerId)).toMatchObject({ status: 'CANCELED', version: 2, currentPeriodEndsAt: '2026-11-25T00:00:00.000Z' });
    const events = await changesOf(customer.customerId);
    expect(events.map(({ status, version, actor, reason, customerName }) => [status, version, actor, reason, customerName])).toEqual([
      ['TRIALING', 1, 'billing', 'trial started', 'Acme Corp'],
      ['CANCELED', 2, 'admin:test', 'moved away', 'Acme Corp'],
    ]);
  });

  it('that comes before its sign-up still ends in a canceled subscription', async () => {
    const customer = signUp();
    await billing.tell('customer.deactivated', deactivation(customer.customerId));
    const before = await subscriptionOf(customer.customerId);
    await billing.tell('customer.signed_up', customer);
    const after = await subscriptionOf(customer.customerId);
    expect(after).toMatchObject({ status: 'CANCELED', currentPeriodEndsAt: '2026-11-25T00:00:00.000Z' });
    expect(after).toEqual(before);
  });
});

describe('who may see a subscription', () => {
  it('the operator, and the customer with its users and instances', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    for (const caller of [ADMIN, userOf(customer.customerId), instanceOf(customer.customerId)]) expect(await subscriptionOf(customer.customerId, caller)).toMatchObject({ status: 'TRIALING' });
  });

  it('for others neither the customer nor the subscription exists, through _entities either', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    const id = derivedId('subn', customer.customerId);
    for (const caller of [ANYONE, userOf(newId('cust')), instanceOf(newId('cust')), { kind: 'gateway' } as const]) {
      const answer = await billing.ask(caller, 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Customer { id subscription { id } } ... on BillingSubscription { id status } } }', {
        representations: [{ __typename: 'Customer', id: customer.customerId, createdAt: CREATED_AT }, { __typename: 'BillingSubscription', id }],
      });
      expect(answer).toEqual({ data: { _entities: [null, null] } });
    }
    const own = await billing.entity(userOf(customer.customerId), { __typename: 'BillingSubscription', id }, 'id status customer { id }');
    expect(own).toEqual({ id, status: 'TRIALING', customer: { id: customer.customerId } });
  });
});

describe('subscriptionChanged', () => {
  const WATCH = 'subscription ($id: ID!) { subscriptionChanged(customerId: $id) { status version } }';

  it('pushes every change, and none that was before', async () => {
    const customer = signUp();
    await billing.tell('customer.signed_up', customer);
    const stream = await billing.watch(userOf(customer.customerId), WATCH, { id: customer.customerId });
    const first = stream.next();
    await billing.tell('customer.updated', { ...customer, companyName: 'Acme Inc', updatedAt: '2026-11-21T00:00:00.000Z' });
    expect((await first).value).toEqual({ data: { subscriptionChanged: { status: 'TRIALING', version: 2 } } });
    await billing.tell('customer.deactivated', { customerId: customer.customerId, reason: 'x', actor: 'admin:test', at: '2026-11-25T00:00:00.000Z' });
    expect((await stream.next()).value).toEqual({ data: { subscriptionChanged: { status: 'CANCELED', version: 3 } } });
    await stream.return?.();
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  it('pushes the first one too', async () => {
    const customer = signUp();
    const stream = await billing.watch(userOf(customer.customerId), WATCH, { id: customer.customerId });
    await billing.tell('customer.signed_up', customer);
    expect((await stream.next()).value).toEqual({ data: { subscriptionChanged: { status: 'TRIALING', version: 1 } } });
    await stream.return?.();
  });

  it.each([
    ['another tenant', userOf(newId('cust')), 'CUSTOMER_NOT_FOUND'],
    ['nobody', ANYONE, 'CREDENTIAL_REQUIRED'],
  ])('refuses %s', async (_who, caller, reason) => {
    await expect(billing.watch(caller, WATCH, { id: newId('cust') })).rejects.toThrow(reason);
  });
});
