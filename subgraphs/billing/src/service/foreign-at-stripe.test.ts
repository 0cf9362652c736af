import { ADMIN } from '@iotistic/testkit/billing';
import { type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { waitFor } from '@iotistic/testkit/wait';
import fc from 'fast-check';
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const urls = { successUrl: 'http://127.0.0.1/', cancelUrl: 'http://127.0.0.1/' };
const MIXTURES = 6;
/** Each lives months of several customers, on a machine that has other work too. */
const LONG_MS = 240_000;
let under: MeteringUnderTest;
let product: string;

beforeAll(async () => {
  under = await startMetering();
  product = (await under.stripe.products.create({ name: 'Support by phone' })).id;
});
afterEach(() => under.simulate('/_sim/chaos', { duplicate: 0, drop: 0, shuffle: false }));
afterAll(() => under.close());

const pass = (days: number): Promise<unknown> => under.simulate('/_sim/time', { days });
const price = (terms: Partial<Stripe.PriceCreateParams> = {}): Promise<Stripe.Price> => under.stripe.prices.create({ product, currency: 'usd', unit_amount: 1_500, recurring: { interval: 'month' }, ...terms });

interface Row {
  status: string;
  plan: string;
  start: Date;
  paid_until: Date;
  billed_until: Date;
  stripe_subscription_id: string;
}

async function rowOf(customerId: string): Promise<Row> {
  const [row] = await under.billing.rows<Row>('select status, plan, current_period_start as start, current_period_ends_at as paid_until, billing_period_ends_at as billed_until, stripe_subscription_id from subscriptions where customer_id = $1', [customerId]);
  return row as Row;
}

async function atStripe(customerId: string): Promise<Stripe.Subscription> {
  return under.stripe.subscriptions.retrieve((await rowOf(customerId)).stripe_subscription_id);
}

const baseOf = ({ items }: Stripe.Subscription): Stripe.SubscriptionItem => items.data.find((item) => item.price.recurring?.usage_type === 'licensed') as Stripe.SubscriptionItem;

async function findings(customerId: string): Promise<string[]> {
  const { stripeFindings } = await under.billing.read<{ stripeFindings: { edges: { node: { customerId: string; kind: string; detail: string } }[] } }>(ADMIN, '{ stripeFindings(first: 100) { edges { node { customerId kind objectId detail foundAt } } } }');
  return stripeFindings.edges.map(({ node }) => node).filter((node) => node.customerId === customerId).map(({ kind }) => kind).toSorted();
}

/** No event waits, and none went wrong. */
async function untilHandled(): Promise<void> {
  await waitFor(async () => expect(await under.billing.rows("select type, status, error from webhook_events where status = 'RECEIVED' or status = 'FAILED'")).toEqual([]), { timeout: 60_000 });
}

describe('a price made by hand that names a book which is not known', () => {
  it('in the place of ours leaves the plan and lets the period follow; the operator reads of it once, until it is mended', async () => {
    const customerId = await under.payingCustomer();
    const before = await rowOf(customerId);
    const subscription = await atStripe(customerId);
    const ours = baseOf(subscription);
    const made = await price({ metadata: { plan: 'PROFESSIONAL', book: '2019-spring' } });
    await under.stripe.subscriptions.update(subscription.id, { items: [{ id: ours.id, price: made.id }], proration_behavior: 'none' });
    await pass(32);
    await untilHandled();
    const after = await rowOf(customerId);
    expect(after).toMatchObject({ status: 'ACTIVE', plan: 'PROFESSIONAL' });
    expect(after.paid_until.getTime()).toBeGreaterThan(before.paid_until.getTime());
    // Its meters are ours still, and say the plan.
    expect(await findings(customerId)).toEqual(['UNKNOWN_BOOK']);
    for (const { id, price: metered } of subscription.items.data) if (metered.id !== ours.price.id) await under.stripe.subscriptionItems.del(id);
    await untilHandled();
    await waitFor(async () => expect(await findings(customerId)).toEqual(['PLAN_NOT_SHOWN', 'UNKNOWN_BOOK']));
    expect(await rowOf(customerId)).toMatchObject({ status: 'ACTIVE', plan: 'PROFESSIONAL' });
    const { billingOverview } = await under.billing.read<{ billingOverview: { stripeFindings: number } }>(ADMIN, '{ billingOverview { stripeFindings } }');
    expect(billingOverview.stripeFindings).toBe(2);
    expect(await under.billing.platform.metrics.text()).toContain('iotistic_billing_stripe_findings{kind="PLAN_NOT_SHOWN"} 1');
    await under.stripe.subscriptions.update(subscription.id, { items: [{ id: ours.id, price: ours.price.id }], proration_behavior: 'none' });
    await waitFor(async () => expect(await findings(customerId)).toEqual([]));
  }, LONG_MS);
});

describe('whatever others put on a subscription', () => {
  const word = fc.constantFrom('PROFESSIONAL', 'STARTER', 'TRIAL', 'GOLD', '2026-11', '1999-01', 'DEVICES', 'constructor', '__proto', '', '🦊', 'x'.repeat(300));
  const metadata = fc.dictionary(fc.constantFrom('plan', 'book', 'meter', 'customer_id', 'iotistic'), word, { maxKeys: 4 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('item' as const), metadata, interval: fc.constantFrom('day', 'week', 'month', 'year' as const) }),
    fc.record({ kind: fc.constant('replace base' as const), metadata }),
    fc.record({ kind: fc.constant('mark subscription' as const), metadata }),
    fc.record({ kind: fc.constant('mark customer' as const), metadata }),
    fc.record({ kind: fc.constant('other subscription' as const), metadata }),
    fc.record({ kind: fc.constant('coupon' as const) }),
    fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 4 }) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  async function take(customerId: string, each: Step): Promise<void> {
    const subscription = await atStripe(customerId);
    const base = baseOf(subscription);
    const customer = subscription.customer as string;
    if (each.kind === 'item') await under.stripe.subscriptions.update(subscription.id, { items: [{ price: (await price({ metadata: each.metadata, recurring: { interval: each.interval } })).id, quantity: 1 }] });
    else if (each.kind === 'replace base') await under.stripe.subscriptions.update(subscription.id, { items: [{ id: base.id, price: (await price({ metadata: each.metadata })).id }] });
    else if (each.kind === 'mark subscription') await under.stripe.subscriptions.update(subscription.id, { metadata: each.metadata });
    else if (each.kind === 'mark customer') await under.stripe.customers.update(customer, { metadata: each.metadata });
    else if (each.kind === 'other subscription') await under.stripe.subscriptions.create({ customer, default_payment_method: subscription.default_payment_method as string, items: [{ price: (await price({ metadata: { note: each.metadata['plan'] ?? 'theirs' } })).id }] });
    else if (each.kind === 'coupon') await under.stripe.subscriptions.update(subscription.id, { discounts: [{ coupon: (await under.stripe.coupons.create({ percent_off: 12.5, duration: 'forever' })).id }] });
    else await pass(each.days);
  }

  it('in any order of their events: none of them fails, and who pays keeps its license', async () => {
    await under.simulate('/_sim/chaos', { duplicate: 0.3, drop: 0, shuffle: true });
    for (const steps of fc.sample(fc.array(step, { minLength: 2, maxLength: 6 }), { numRuns: MIXTURES, seed: 20_261_130 })) {
      const customerId = await under.payingCustomer();
      for (const each of steps) await take(customerId, each);
      await pass(1);
      await untilHandled();
      const row = await rowOf(customerId);
      const story = JSON.stringify(steps);
      expect(row, story).toMatchObject({ status: 'ACTIVE', plan: expect.stringMatching(/^(STARTER|PROFESSIONAL)$/) as string });
      expect(row.paid_until.getTime(), story).toBeGreaterThan(under.clock.now().getTime());
      const { items: { data } } = await atStripe(customerId);
      expect(data.length, story).toBeGreaterThanOrEqual(1);
      const theirs = steps.filter(({ kind }) => kind === 'other subscription').length;
      const all = await under.stripe.subscriptions.list({ customer: (await atStripe(customerId)).customer as string, limit: 100 });
      expect(all.data, story).toHaveLength(theirs + 1);
      // Of those that were looked at, no more is invoiced while the next ones live.
      for (const { id } of all.data) await under.stripe.subscriptions.cancel(id);
    }
  }, 600_000);
});

describe('a change of ours', () => {
  it('touches our items only: a plan change, an end at once, and no end of a period that others share', async () => {
    const customerId = await under.payingCustomer();
    const theirs = await price();
    const subscription = await atStripe(customerId);
    await under.stripe.subscriptions.update(subscription.id, { items: [{ price: theirs.id, quantity: 3 }] });
    const beside = await under.stripe.subscriptions.create({ customer: subscription.customer as string, default_payment_method: subscription.default_payment_method as string, items: [{ price: theirs.id }] });
    const ofTheirs = async (): Promise<(number | undefined)[]> => (await atStripe(customerId)).items.data.filter((item) => item.price.id === theirs.id).map(({ quantity }) => quantity);
    expect((await under.mutate('changePlan', { customerId, plan: 'STARTER' })).reason).toBeNull();
    expect(await rowOf(customerId)).toMatchObject({ status: 'ACTIVE', plan: 'STARTER' });
    expect(await ofTheirs()).toEqual([3]);
    expect((await under.mutate('cancelSubscription', { customerId })).reason).toBe('EDITED_AT_STRIPE');
    expect((await under.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).reason).toBeNull();
    expect((await rowOf(customerId)).status).toBe('CANCELED');
    const left = await atStripe(customerId);
    expect([left.status, left.items.data.map((item) => item.price.id)]).toEqual(['active', [theirs.id]]);
    expect((await under.stripe.subscriptions.retrieve(beside.id)).status).toBe('active');
    await under.buy(customerId, 'STARTER');
    await waitFor(async () => expect(await rowOf(customerId)).toMatchObject({ status: 'ACTIVE', plan: 'STARTER' }));
    await untilHandled();
    expect((await under.stripe.subscriptions.retrieve(left.id)).status).toBe('active');
  }, LONG_MS);
});

describe('a customer that is gone at Stripe', () => {
  it('by deletion there: its subscription ended, and the next checkout, portal or name makes another', async () => {
    const customerId = await under.payingCustomer();
    const at = (): string => under.clock.now().toISOString();
    const ways: [drop: number, again: () => Promise<string | null>][] = [
      // Nobody hears of these by an event: who asks finds out.
      [1, async () => (await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', ...urls })).reason],
      [1, async () => (await under.mutate('createPortalSession', { customerId, returnUrl: 'http://127.0.0.1/' })).reason],
      [0, async () => under.billing.tell('customer.updated', { customerId, email: `new-${customerId}@example.com`, companyName: 'New name', fullName: null, createdAt: at(), updatedAt: at() }).then(() => null)],
    ];
    for (const [drop, again] of ways) {
      const gone = await under.stripeIdOf(customerId);
      await under.simulate('/_sim/chaos', { drop });
      await under.stripe.customers.del(gone);
      expect(await again()).toBeNull();
      await waitFor(async () => expect(await under.stripeIdOf(customerId)).not.toBe(gone));
      expect((await rowOf(customerId)).status).toBe('CANCELED');
    }
    await under.simulate('/_sim/chaos', { drop: 0 });
    expect((await under.stripe.customers.retrieve(await under.stripeIdOf(customerId))) as Stripe.Customer).toMatchObject({ name: 'New name', metadata: { customer_id: customerId } });
    await under.buy(customerId, 'PROFESSIONAL');
    await waitFor(async () => expect(await rowOf(customerId)).toMatchObject({ status: 'ACTIVE', plan: 'PROFESSIONAL' }));
    await untilHandled();
  }, LONG_MS);

  it('since the key is another account’s: nothing that is paid for ends, nothing is made, and the operator reads of it', async () => {
    const customerId = await under.payingCustomer();
    await under.billing.rows("update customers set stripe_customer_id = 'cus_of_another_account' where id = $1", [customerId]);
    expect((await under.mutate('createPortalSession', { customerId, returnUrl: 'http://127.0.0.1/' })).reason).toBe('MISSING_AT_STRIPE');
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'PROFESSIONAL', ...urls })).reason).toBe('ALREADY_ON_PLAN');
    expect((await rowOf(customerId)).status).toBe('ACTIVE');
    expect(await findings(customerId)).toEqual(['CUSTOMER_MISSING']);
    await under.billing.rows("update subscriptions set stripe_subscription_id = 'sub_of_another_account' where customer_id = $1", [customerId]);
    for (const [name, input] of [['changePlan', { plan: 'STARTER' }], ['cancelSubscription', {}]] as const) expect((await under.mutate(name, { customerId, ...input })).reason).toBe('MISSING_AT_STRIPE');
    expect((await rowOf(customerId)).status).toBe('ACTIVE');
  }, LONG_MS);
});

describe('what was archived at Stripe', () => {
  it.each<[string, (base: Stripe.Price, metered: Stripe.Price) => Promise<unknown>]>([
    ['a base price', (base) => under.stripe.prices.update(base.id, { active: false })],
    ['a metered price', (_base, metered) => under.stripe.prices.update(metered.id, { active: false })],
    ['a product', (base) => under.stripe.products.update(base.product as string, { active: false })],
    ['a meter', (_base, metered) => under.stripe.billing.meters.deactivate(metered.recurring?.meter ?? '')],
  ])('%s is not sold, and the next sync mends it', async (_name, archive) => {
    const customerId = await under.customerAfterTrial();
    const found = (await under.stripe.prices.list({ lookup_keys: ['starter_monthly', 'device_usage_starter'] })).data;
    const named = (key: string): Stripe.Price => found.find((each) => each.lookup_key === key) as Stripe.Price;
    await archive(named('starter_monthly'), named('device_usage_starter'));
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', ...urls })).reason).toBe('CATALOGUE_NOT_SYNCED');
    await under.running.connectStripe({ webhookUrl: null });
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', ...urls })).reason).toBeNull();
  }, LONG_MS);
});

describe('a promotion code that others made', () => {
  it('is taken as it was pasted, with blanks and a line end around it', async () => {
    const customerId = await under.customerAfterTrial();
    const { id: coupon } = await under.stripe.coupons.create({ percent_off: 10, duration: 'once' });
    await under.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, code: 'SAVE10' });
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', promotionCode: ' SAVE10\n', ...urls })).reason).toBeNull();
  }, LONG_MS);

  it('in another currency is refused when it is typed, and not when the checkout is paid', async () => {
    const customerId = await under.customerAfterTrial();
    const { id: coupon } = await under.stripe.coupons.create({ amount_off: 500, currency: 'eur', duration: 'once' });
    await under.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, code: 'EUROS' });
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', promotionCode: 'EUROS', ...urls })).reason).toBe('PROMOTION_CODE_NOT_APPLICABLE');
    expect((await under.mutate('createCheckoutSession', { customerId, plan: 'STARTER', ...urls })).reason).toBeNull();
  }, LONG_MS);
});

describe('a catalogue from before each meter had its product', () => {
  it('moves by the sync: what was sold goes on, and new invoices name each thing', async () => {
    const meter = await under.meterId('DEVICES');
    const old = await under.stripe.prices.create({ product: 'iotistic_professional', currency: 'usd', recurring: { interval: 'month', usage_type: 'metered', meter }, billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 20, unit_amount: 0 }, { up_to: 'inf', unit_amount: 400 }], metadata: { plan: 'PROFESSIONAL', book: '2026-11', meter: 'DEVICES' }, lookup_key: 'device_usage_professional', transfer_lookup_key: true });
    const before = await under.payingCustomer();
    expect((await atStripe(before)).items.data.map((item) => item.price.id)).toContain(old.id);
    await under.running.connectStripe({ webhookUrl: null });
    const after = await under.payingCustomer();
    const preview = async (customerId: string): Promise<string[]> => (await under.stripe.invoices.createPreview({ subscription: (await atStripe(customerId)).id })).lines.data.map(({ description }) => description ?? '');
    for (const customerId of [before, after]) {
      await under.use(customerId, { DEVICES: 25, STORAGE_BYTES: 60_000_000_000 });
      await under.settled(customerId);
      const { customer } = await under.billing.read<{ customer: { upcomingInvoice: { total: { amount: number }; source: string } } }>(ADMIN, 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { upcomingInvoice { total { amount } source } } } }', { r: [{ __typename: 'Customer', id: customerId }] }).then((data) => ({ customer: (data as unknown as { _entities: { upcomingInvoice: { total: { amount: number }; source: string } }[] })._entities[0] as { upcomingInvoice: { total: { amount: number }; source: string } } }));
      expect(customer.upcomingInvoice).toEqual({ total: { amount: 9_900 + 5 * 400 + 10 * 50 }, source: 'STRIPE' });
    }
    const lines = (await preview(after)).join('\n');
    for (const name of ['Professional', 'Devices', 'Storage (GB)']) expect(lines).toContain(`× ${name}`);
    expect((await under.stripe.prices.retrieve(old.id)).active).toBe(true);
  }, LONG_MS);
});

describe('a base price by the year with meters by the month', () => {
  it('is metered and invoiced by each item’s own period', async () => {
    const customerId = await under.payingCustomer();
    const subscription = await atStripe(customerId);
    const yearly = await price({ unit_amount: 99_000, recurring: { interval: 'year' }, metadata: { plan: 'PROFESSIONAL', book: '2026-11' } });
    await under.stripe.subscriptions.update(subscription.id, { items: [{ id: baseOf(subscription).id, price: yearly.id }], proration_behavior: 'none' });
    await waitFor(async () => expect((await rowOf(customerId)).paid_until.getTime() - (await rowOf(customerId)).start.getTime()).toBeGreaterThan(360 * 86_400_000));
    const first = await rowOf(customerId);
    expect(first.billed_until.getTime() - first.start.getTime()).toBeLessThan(32 * 86_400_000);
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    await pass(32);
    await untilHandled();
    const next = await rowOf(customerId);
    expect(next).toMatchObject({ status: 'ACTIVE', start: first.billed_until, paid_until: first.paid_until });
    const invoices = (await under.stripe.invoices.list({ subscription: subscription.id, limit: 100 })).data;
    expect(invoices[0]).toMatchObject({ total: 5 * 400, status: 'paid' });
    await waitFor(async () => expect(await under.billing.rows("select billed_units::int as billed_units from metered_quantities where customer_id = $1 and meter = 'DEVICES' and period_start = $2", [customerId, first.start])).toEqual([{ billed_units: 25 }]));
    expect((await under.mutate('cancelSubscription', { customerId })).reason).toBeNull();
    expect((await atStripe(customerId)).cancel_at).toBe(Math.floor(first.paid_until.getTime() / 1000));
    expect((await rowOf(customerId)).paid_until).toEqual(first.paid_until);
  }, LONG_MS);
});
