import fc from 'fast-check';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop<Stripe>;
let licensed: Stripe.Price[];
let metered: Stripe.Price[];
let coupons: (string | null)[];

beforeEach(async () => {
  shop = await openTestShop(Stripe, { settings: { draftSeconds: 0 } });
  const { stripe, product } = shop;
  licensed = [await shop.monthly(1_000), await shop.monthly(2_999), await shop.monthly(777)];
  const graduated = await shop.metered('devices', { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount: 500 }] });
  const meter = graduated.recurring?.meter ?? '';
  metered = [graduated, await stripe.prices.create({ product: product.id, currency: 'usd', recurring: { interval: 'month', usage_type: 'metered', meter }, unit_amount: 33 })];
  const third = await stripe.coupons.create({ percent_off: 33, duration: 'forever' });
  const repeating = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'repeating', duration_in_months: 2 });
  const once = await stripe.coupons.create({ amount_off: 300, currency: 'usd', duration: 'once' });
  coupons = [null, third.id, repeating.id, once.id];
});
afterEach(() => shop.account.stop());

const behavior = fc.constantFrom('always_invoice' as const, 'create_prorations' as const, 'none' as const);
const STEP = fc.oneof(
  fc.record({ kind: fc.constant('swap' as const), to: fc.nat(2), quantity: fc.integer({ min: 1, max: 4 }), behavior, anchorNow: fc.boolean() }),
  fc.record({ kind: fc.constant('meter' as const), to: fc.nat(1), behavior }),
  fc.record({ kind: fc.constant('use' as const), value: fc.nat(40) }),
  fc.record({ kind: fc.constant('days' as const), days: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('cycle' as const) }),
  fc.record({ kind: fc.constant('cancel' as const), prorate: fc.boolean() }),
);
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

const newest = async (subscription: string): Promise<Stripe.Invoice> => (await shop.stripe.invoices.list({ subscription, limit: 1 })).data[0] as Stripe.Invoice;

/** What an invoice bills, without what is different in each (ids, times). */
function bill({ total, amount_due, lines }: Stripe.Invoice): object {
  const net = lines.data.map(({ amount, discount_amounts: off }) => amount - (off ?? []).reduce((sum, discount) => sum + discount.amount, 0));
  expect(net.reduce((sum, amount) => sum + amount, 0)).toBe(total);
  expect(net.every(Number.isSafeInteger)).toBe(true);
  return { total, amount_due, amounts: net.filter((amount) => amount !== 0).toSorted((a, b) => a - b) };
}

async function change(subscription: string, { id }: Stripe.SubscriptionItem, step: Extract<Step, { kind: 'meter' | 'swap' }>): Promise<void> {
  const items = step.kind === 'swap' ? [{ id, price: licensed[step.to]?.id ?? '', quantity: step.quantity }] : [{ id, price: metered[step.to]?.id ?? '' }];
  const terms = { items, proration_behavior: step.behavior, proration_date: shop.now(), ...(step.kind === 'swap' && step.anchorNow ? { billing_cycle_anchor: { type: 'now' as const } } : {}) };
  const before = await newest(subscription);
  const preview = await shop.stripe.invoices.createPreview({ subscription, subscription_details: terms });
  await shop.stripe.subscriptions.update(subscription, terms);
  const after = await newest(subscription);
  if (after.id !== before.id) expect(bill(after)).toEqual(bill(preview));
  else if (step.behavior !== 'always_invoice') expect(bill(await shop.stripe.invoices.createPreview({ subscription }))).toEqual(bill(preview));
}

async function cycle(subscription: Stripe.Subscription): Promise<void> {
  const before = await newest(subscription.id);
  const preview = await shop.stripe.invoices.createPreview({ subscription: subscription.id });
  await shop.account.simulate('/_sim/time', { to: Math.min(...subscription.items.data.map((item) => item.current_period_end)) });
  const charged = await newest(subscription.id);
  expect(charged.id).not.toBe(before.id);
  expect(bill(charged)).toEqual(bill(preview));
}

async function cancel(subscription: string, prorate: boolean): Promise<void> {
  const before = await newest(subscription);
  const preview = await shop.stripe.invoices.createPreview({ subscription, subscription_details: { cancel_now: true, proration_behavior: prorate ? 'create_prorations' : 'none' } });
  await shop.stripe.subscriptions.cancel(subscription, { invoice_now: true, prorate });
  const charged = await newest(subscription);
  if (charged.id !== before.id) expect(bill(charged)).toEqual(bill(preview));
}

async function take(id: string, step: Step): Promise<void> {
  const subscription = await shop.stripe.subscriptions.retrieve(id);
  const item = (usage: string): Stripe.SubscriptionItem => subscription.items.data.find(({ price }) => price.recurring?.usage_type === usage) as Stripe.SubscriptionItem;
  if (step.kind === 'use') await shop.used('devices', String(step.value));
  else if (step.kind === 'days') await shop.days(step.days);
  else if (step.kind === 'cycle') await cycle(subscription);
  else if (step.kind === 'cancel') await cancel(id, step.prorate);
  else await change(id, item(step.kind === 'swap' ? 'licensed' : 'metered'), step);
}

it('a preview is what is charged then, to the cent, whatever came before; lines less discounts are the total', async () => {
  const checked = fc.check(
    fc.asyncProperty(fc.nat(3), fc.array(STEP, { minLength: 1, maxLength: 7 }), async (coupon, steps) => {
      shop.customer = await shop.buyer();
      const discounts = coupons[coupon] ?? null;
      const { id } = await shop.stripe.subscriptions.create({ customer: shop.customer.id, items: [{ price: licensed[0]?.id ?? '' }, { price: metered[0]?.id ?? '' }], ...(discounts === null ? {} : { discounts: [{ coupon: discounts }] }) });
      for (const step of steps) {
        await take(id, step);
        if (step.kind === 'cancel') return;
      }
    }),
    { numRuns: 40 },
  );
  const { failed, counterexample, errorInstance, seed } = await checked;
  expect({ failed, counterexample, error: errorInstance, seed }).toMatchObject({ failed: false });
}, 60_000);
