import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BAD, GOOD, openTestShop, type TestShop } from './test-shop.ts';

const DAY = 86_400;
let shop: TestShop<Stripe>;

beforeEach(async () => {
  shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z' });
});
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

const subscribe = (prices: Stripe.Price[], more: Partial<Stripe.SubscriptionCreateParams> = {}): Promise<Stripe.Subscription> => shop.stripe.subscriptions.create({ customer: shop.customer.id, items: prices.map(({ id: price }) => ({ price })), ...more });
const itemOf = ({ items }: Stripe.Subscription, price: Stripe.Price): string => items.data.find((item) => item.price.id === price.id)?.id ?? '';
const amounts = ({ lines }: Stripe.Invoice): number[] => lines.data.map(({ amount }) => amount);
const newest = async (subscription: string): Promise<Stripe.Invoice> => (await shop.invoices(subscription))[0] as Stripe.Invoice;
const balance = async (): Promise<number> => ((await shop.stripe.customers.retrieve(shop.customer.id)) as Stripe.Customer).balance;

async function swap(subscription: Stripe.Subscription, from: Stripe.Price, to: Stripe.Price, terms: Stripe.SubscriptionUpdateParams = {}): Promise<Stripe.Subscription> {
  return shop.stripe.subscriptions.update(subscription.id, { items: [{ id: itemOf(subscription, from), price: to.id }], proration_behavior: 'always_invoice', ...terms });
}

describe('a change of plan', () => {
  it('from $10 to $20 at half of the period credits $5 and charges $10', async () => {
    const [ten, twenty] = [await shop.monthly(1_000), await shop.monthly(2_000)];
    const made = await subscribe([ten]);
    await shop.to('2026-04-16T00:00:00.000Z');
    await swap(made, ten, twenty);
    const invoice = await newest(made.id);
    expect([amounts(invoice), invoice.total, invoice.billing_reason]).toEqual([[-500, 1_000], 500, 'subscription_update']);
  });

  it('downwards leaves a credit, which later invoices use up', async () => {
    const [big, small] = [await shop.monthly(3_000), await shop.monthly(1_000)];
    const made = await subscribe([big]);
    await shop.to('2026-04-16T00:00:00.000Z');
    await swap(made, big, small);
    expect(await balance()).toBe(-1_000);
    await shop.to('2026-05-01T02:00:00.000Z');
    expect(await newest(made.id)).toMatchObject({ total: 1_000, amount_due: 0, starting_balance: -1_000, ending_balance: 0, status: 'paid' });
  });

  it('credits what was billed: after a free change nothing comes back at a price that was never paid', async () => {
    const [ten, twenty] = [await shop.monthly(1_000), await shop.monthly(2_000)];
    const off = await shop.stripe.coupons.create({ percent_off: 100, duration: 'once' });
    const made = await subscribe([twenty], { discounts: [{ coupon: off.id }] });
    await shop.to('2026-04-21T00:00:00.000Z');
    await swap(made, twenty, ten);
    expect((await newest(made.id)).lines.data.filter(({ amount }) => amount < 0)).toEqual([]);
  });

  it('waits for the next invoice, where it is not billed at once', async () => {
    const [ten, twenty] = [await shop.monthly(1_000), await shop.monthly(2_000)];
    const made = await subscribe([ten]);
    await shop.to('2026-04-16T00:00:00.000Z');
    await swap(made, ten, twenty, { proration_behavior: 'create_prorations' });
    expect(await shop.invoices(made.id)).toHaveLength(1);
    await shop.to('2026-05-01T02:00:00.000Z');
    expect((await newest(made.id)).total).toBe(2_000 + 500);
  });

  it('with a new anchor bills the usage so far, credits the rest, and begins a period', async () => {
    const [ten, thirty, devices] = [await shop.monthly(1_000), await shop.monthly(3_000), await shop.metered('devices', { unit_amount: 5 })];
    const made = await subscribe([ten, devices]);
    await shop.used('devices', '7');
    await shop.to('2026-04-16T00:00:00.000Z');
    const changed = await swap(made, ten, thirty, { billing_cycle_anchor: { type: 'now' } });
    expect(amounts(await newest(made.id))).toEqual([-500, 3_000, 35]);
    expect(changed.items.data.map((item) => item.current_period_start)).toEqual([shop.now(), shop.now()]);
    await shop.to('2026-05-16T02:00:00.000Z');
    expect((await newest(made.id)).total).toBe(3_000);
  });

  it('of a metered price bills the usage so far at the old one, and none of it where nothing is prorated', async () => {
    const [cheap, dear] = [await shop.metered('devices', { unit_amount: 5 }), await shop.metered('machines', { unit_amount: 9 })];
    const made = await subscribe([cheap]);
    await shop.used('devices', '7');
    await shop.to('2026-04-16T00:00:00.000Z');
    await swap(made, cheap, dear);
    expect((await newest(made.id)).total).toBe(35);
    const other = await subscribe([cheap]);
    await shop.used('devices', '8');
    await shop.to('2026-04-20T00:00:00.000Z');
    await swap(other, cheap, dear, { proration_behavior: 'none' });
    await shop.to('2026-05-16T02:00:00.000Z');
    expect((await newest(other.id)).total).toBe(0);
  });

  it('counts from a date of the period only', async () => {
    const [ten, twenty] = [await shop.monthly(1_000), await shop.monthly(2_000)];
    const made = await subscribe([ten]);
    await expect(swap(made, ten, twenty, { proration_date: shop.now() - DAY })).rejects.toMatchObject({ statusCode: 400, param: 'proration_date' });
    const details = { items: [{ id: itemOf(made, ten), price: twenty.id }], proration_date: shop.now() + 40 * DAY };
    await expect(shop.stripe.invoices.createPreview({ subscription: made.id, subscription_details: details })).rejects.toMatchObject({ param: 'subscription_details[proration_date]' });
  });

  it('adds and removes items by themselves', async () => {
    const [ten, thirty] = [await shop.monthly(1_000), await shop.monthly(3_000)];
    const made = await subscribe([ten]);
    await shop.to('2026-04-16T00:00:00.000Z');
    const added = await shop.stripe.subscriptionItems.create({ subscription: made.id, price: thirty.id, proration_behavior: 'always_invoice' });
    expect((await newest(made.id)).total).toBe(1_500);
    expect(added.current_period_end).toBe(made.items.data[0]?.current_period_end);
    await shop.stripe.subscriptionItems.update(added.id, { quantity: 2, proration_behavior: 'none' });
    await shop.stripe.subscriptionItems.del(added.id, { proration_behavior: 'none' });
    await expect(shop.stripe.subscriptionItems.retrieve(added.id)).rejects.toMatchObject({ statusCode: 404 });
    expect((await shop.stripe.subscriptionItems.list({ subscription: made.id })).data).toHaveLength(1);
  });
});

describe('a change that waits for its payment', () => {
  it('is made when its invoice is paid, and given up after 23 hours', async () => {
    const [ten, thirty] = [await shop.monthly(1_000), await shop.monthly(3_000)];
    const made = await subscribe([ten]);
    await shop.useCard(BAD);
    await shop.days(5);
    const waiting = await swap(made, ten, thirty, { payment_behavior: 'pending_if_incomplete' });
    expect([waiting.status, waiting.items.data[0]?.price.id, waiting.pending_update?.expires_at]).toEqual(['active', ten.id, shop.now() + 23 * 3_600]);
    await shop.days(1);
    expect((await shop.stripe.subscriptions.retrieve(made.id)).pending_update).toBeNull();
    const again = await swap(made, ten, thirty, { payment_behavior: 'pending_if_incomplete' });
    await shop.stripe.invoices.pay(again.latest_invoice as string, { payment_method: await shop.useCard(GOOD) });
    const applied = await shop.stripe.subscriptions.retrieve(made.id);
    expect([applied.items.data[0]?.price.id, applied.pending_update]).toEqual([thirty.id, null]);
    expect((await shop.happened()).filter((type) => type.includes('pending_update'))).toEqual(['customer.subscription.pending_update_expired', 'customer.subscription.pending_update_applied']);
  });
});

describe('a subscription ends', () => {
  it('with its period, which bills its usage, unless that is taken back either way', async () => {
    const [ten, devices] = [await shop.monthly(1_000), await shop.metered('devices', { unit_amount: 5 })];
    const made = await subscribe([ten, devices]);
    await shop.used('devices', '7');
    const { update } = shop.stripe.subscriptions;
    for (const [end, back] of [[{ cancel_at: 'min_period_end' }, { cancel_at: '' }], [{ cancel_at_period_end: true }, { cancel_at_period_end: false }]] as const) {
      expect((await update.call(shop.stripe.subscriptions, made.id, end)).cancel_at).toBe(made.items.data[0]?.current_period_end);
      expect(await update.call(shop.stripe.subscriptions, made.id, back)).toMatchObject({ cancel_at: null, cancel_at_period_end: false, canceled_at: null });
    }
    await shop.stripe.subscriptions.update(made.id, { cancel_at_period_end: true });
    await shop.to('2026-05-01T02:00:00.000Z');
    expect((await shop.stripe.subscriptions.retrieve(made.id)).status).toBe('canceled');
    expect(await newest(made.id)).toMatchObject({ total: 35, status: 'paid' });
  });

  it('with the period that a new anchor began', async () => {
    const made = await subscribe([await shop.monthly(1_000)]);
    await shop.stripe.subscriptions.update(made.id, { cancel_at_period_end: true });
    await shop.days(10);
    const moved = await shop.stripe.subscriptions.update(made.id, { billing_cycle_anchor: { type: 'now' } });
    expect(moved.cancel_at).toBe(moved.items.data[0]?.current_period_end);
    await shop.to('2026-05-05T00:00:00.000Z');
    expect((await shop.stripe.subscriptions.retrieve(made.id)).status).toBe('active');
  });

  it('at once: its usage is billed and its rest credited only where that is asked for', async () => {
    const [ten, devices] = [await shop.monthly(1_000), await shop.metered('devices', { unit_amount: 5 })];
    const [lost, billed] = [await subscribe([ten, devices]), await subscribe([ten, devices])];
    await shop.used('devices', '7');
    await shop.to('2026-04-16T00:00:00.000Z');
    await shop.stripe.subscriptions.cancel(lost.id);
    await shop.stripe.subscriptions.cancel(billed.id, { invoice_now: true, prorate: true });
    await shop.days(40);
    expect(await shop.invoices(lost.id)).toHaveLength(1);
    expect(amounts(await newest(billed.id))).toEqual([-500, 35]);
    expect(await balance()).toBe(-465);
  });

  it('at half of its period gives back half of what was billed: $8.34 less a cent that is rounded away from zero', async () => {
    const off = await shop.stripe.coupons.create({ amount_off: 166, currency: 'usd', duration: 'forever' });
    const made = await subscribe([await shop.monthly(1_000)], { discounts: [{ coupon: off.id }] });
    await shop.to('2026-04-16T00:00:00.000Z');
    await shop.stripe.subscriptions.cancel(made.id, { invoice_now: true, prorate: true });
    expect(await balance()).toBe(-417);
  });
});
