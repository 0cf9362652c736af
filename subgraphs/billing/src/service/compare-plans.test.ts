import type { Caller } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { ADMIN } from '@iotistic/testkit/billing';
import { type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let under: MeteringUnderTest;
beforeAll(async () => {
  under = await startMetering();
});
afterAll(() => under.close());

interface Quote {
  plan: { key: string };
  basis: string;
  fits: boolean;
  doesNotFit: { limit: string; allowed: number; current: number }[];
  total: { amount: number };
}

const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
const FIELDS = 'plan { key } basis fits doesNotFit { limit allowed current } total { amount }';

async function compare(customerId: string, basis: string | null = null, caller: Caller = ADMIN): Promise<Quote[]> {
  const argument = basis === null ? '' : `(basis: ${basis})`;
  const reference = { __typename: 'Customer', id: customerId, createdAt: '2026-11-20T12:00:00.000Z' };
  return (await under.billing.entity<{ planComparison: Quote[] }>(caller, reference, `planComparison${argument} { ${FIELDS} }`))?.planComparison ?? [];
}

const totals = (quotes: Quote[]): Record<string, number> => Object.fromEntries(quotes.map(({ plan, total }) => [plan.key, total.amount]));

/** As usage measures it: under the key that its own rule of periods gives. */
async function measure(customerId: string, period: { start: string; end: string }, quantities: Record<string, number>, revision: number): Promise<void> {
  const none = { DEVICES: 0, MQTT_MESSAGES: 0, STORAGE_BYTES: 0, MQTT_BYTES: 0, HTTP_BYTES: 0, API_CALLS: 0 };
  await under.billing.tell('usage.recorded', { customerId, periodStart: period.start, periodEnd: period.end, quantities: { ...none, ...quantities }, revision, at: under.clock.now().toISOString() });
}

async function signUp(): Promise<{ customerId: string; createdAt: string }> {
  const [customerId, createdAt] = [newId('cust'), under.clock.now().toISOString()];
  await under.billing.tell('customer.signed_up', { customerId, email: `${customerId}@example.com`, companyName: 'Meridian', fullName: null, createdAt, updatedAt: createdAt });
  return { customerId, createdAt };
}

async function refusal(name: string, input: Record<string, unknown>, caller: Caller = ADMIN): Promise<Record<string, unknown> | null> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const fields = name === 'changePlan' ? 'subscription { status }' : 'url';
  const { errors } = await under.billing.ask(caller, `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input });
  return errors?.[0]?.extensions ?? null;
}

const audited = async (customerId: string, action: string): Promise<string[]> =>
  (await under.billing.published('billing.audited')).filter((entry) => entry.customerId === customerId && entry.action === action).map(({ detail }) => detail ?? '');

describe('a comparison of plans', () => {
  it('of a contract is made by what its calendar month came to, and not by the day that it began', async () => {
    const { customerId } = await signUp();
    expect((await under.mutate('changePlan', { customerId, plan: 'ENTERPRISE' })).reason).toBeNull();
    await under.simulate('/_sim/time', { days: 40 });
    const now = under.clock.now();
    const [start, end] = [0, 1].map((months) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)).toISOString()) as [string, string];
    await measure(customerId, { start, end }, { DEVICES: 629 }, 1);
    const quotes = await compare(customerId, 'SO_FAR');
    expect(totals(quotes)).toEqual({ ENTERPRISE: 29_900, PROFESSIONAL: 253_500, STARTER: 314_900 });
    expect(quotes.map(({ plan, fits, doesNotFit }) => [plan.key, fits, doesNotFit])).toEqual([
      ['ENTERPRISE', true, []],
      ['PROFESSIONAL', false, [{ limit: 'maxDevices', allowed: 50, current: 629 }]],
      ['STARTER', false, [{ limit: 'maxDevices', allowed: 10, current: 629 }]],
    ]);
    expect(totals(await compare(customerId))).toEqual(totals(quotes));
  });

  it('of a trial, and of whoever let it end, is made by the period that usage counts in', async () => {
    const { customerId, createdAt } = await signUp();
    const trialEnd = new Date(Date.parse(createdAt) + 14 * 86_400_000).toISOString();
    await measure(customerId, { start: createdAt, end: trialEnd }, { DEVICES: 8 }, 1);
    expect(totals(await compare(customerId))).toMatchObject({ TRIAL: 0, STARTER: 4_400 });
    await under.simulate('/_sim/time', { days: 20 });
    const monthLater = new Date(trialEnd);
    monthLater.setUTCMonth(monthLater.getUTCMonth() + 1);
    await measure(customerId, { start: trialEnd, end: monthLater.toISOString() }, { DEVICES: 9 }, 2);
    expect(totals(await compare(customerId, 'SO_FAR'))).toMatchObject({ STARTER: 4_900 });
    expect(totals(await compare(customerId, 'LAST_PERIOD'))).toMatchObject({ STARTER: 4_400 });
  });

  it('on the third day of a period is made by what a month will come to: part of one makes no small plan win', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 30, MQTT_MESSAGES: 4_000_000, STORAGE_BYTES: 9_000_000_000 });
    await under.settled(customerId);
    await under.simulate('/_sim/time', { days: 34 });
    await waitFor(async () => expect((await under.periodStart(customerId)).getTime()).toBeGreaterThan(under.clock.now().getTime() - 10 * 86_400_000));
    const last = totals(await compare(customerId, 'LAST_PERIOD'));
    expect(last).toEqual({ PROFESSIONAL: 43_900, STARTER: 15_600, ENTERPRISE: 29_900 });
    await under.use(customerId, { DEVICES: 2, MQTT_MESSAGES: 100_000 });
    expect(totals(await compare(customerId, 'SO_FAR'))).toEqual({ PROFESSIONAL: 9_900, STARTER: 2_900, ENTERPRISE: 29_900 });
    const [first] = await compare(customerId);
    expect(totals(await compare(customerId))).toEqual(last);
    expect(first?.basis).toBe('PROJECTED');
  });

  it('has nothing before the first period to go by, and says which usage it took', async () => {
    const { customerId } = await signUp();
    expect(new Set((await compare(customerId, 'LAST_PERIOD')).map(({ basis }) => basis))).toEqual(new Set(['PROJECTED']));
    expect(totals(await compare(customerId, 'SO_FAR', userOf(customerId)))).toMatchObject({ TRIAL: 0, STARTER: 2_900 });
  });
});

describe('a plan that the customer does not fit', () => {
  it('is not changed to, unless the operator forces it, which the audit log says', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    const unfit = { code: 'CONFLICT', reason: 'PLAN_DOES_NOT_FIT', limit: 'maxDevices', allowed: 10, current: 25 };
    expect(await refusal('changePlan', { customerId, plan: 'STARTER' }, userOf(customerId))).toMatchObject(unfit);
    expect(await refusal('changePlan', { customerId, plan: 'STARTER' })).toMatchObject(unfit);
    expect(await refusal('changePlan', { customerId, plan: 'STARTER', force: true }, userOf(customerId))).toMatchObject({ code: 'FORBIDDEN', reason: 'ADMIN_ONLY' });
    expect((await under.subscription(customerId)).plan).toBe('PROFESSIONAL');
    expect(await refusal('changePlan', { customerId, plan: 'STARTER', force: true })).toBeNull();
    expect((await under.subscription(customerId)).plan).toBe('STARTER');
    expect(await audited(customerId, 'changePlan')).toEqual(['PROFESSIONAL to STARTER, forced although maxDevices is 10 and the customer has 25']);
  });

  it('is not sold by a checkout either', async () => {
    const { customerId, createdAt } = await signUp();
    await measure(customerId, { start: createdAt, end: new Date(Date.parse(createdAt) + 14 * 86_400_000).toISOString() }, { DEVICES: 51 }, 1);
    const input = { customerId, plan: 'PROFESSIONAL', successUrl: 'http://127.0.0.1/', cancelUrl: 'http://127.0.0.1/' };
    expect(await refusal('createCheckoutSession', input, userOf(customerId))).toMatchObject({ reason: 'PLAN_DOES_NOT_FIT', allowed: 50, current: 51 });
    expect(await refusal('createCheckoutSession', { ...input, force: true }, userOf(customerId))).toMatchObject({ reason: 'ADMIN_ONLY' });
    expect(await refusal('createCheckoutSession', { ...input, force: true })).toBeNull();
    expect(await audited(customerId, 'createCheckoutSession')).toEqual(['PROFESSIONAL, forced although maxDevices is 50 and the customer has 51']);
  });
});
