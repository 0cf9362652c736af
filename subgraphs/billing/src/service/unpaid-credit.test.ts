import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';
import type { Stripe } from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const LONG = { timeout: 40_000 };
let under: BillingUnderTest;

beforeAll(async () => {
  under = await startUnderTest();
});
afterEach(() => under.simulate('/_sim/faults', { count: 0 }));
afterAll(() => under.close());

const pass = (time: { days?: number; seconds?: number }): Promise<unknown> => under.simulate('/_sim/time', time);

async function stripeIdOf(customerId: string): Promise<string> {
  const [row] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
  return row?.stripe_customer_id ?? '';
}

async function useCard(customerId: string, token: string): Promise<void> {
  const customer = await stripeIdOf(customerId);
  const { id } = await under.stripe.paymentMethods.attach(token, { customer });
  await under.stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  for (const { id: subscription } of (await under.stripe.subscriptions.list({ customer })).data) await under.stripe.subscriptions.update(subscription, { default_payment_method: id });
}

async function active(): Promise<string> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'STARTER');
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), LONG);
  return customerId;
}

/** Its renewal was not paid: 2900 are open. */
async function pastDue(): Promise<string> {
  const customerId = await active();
  await useCard(customerId, 'pm_card_chargeCustomerFail');
  await pass({ days: 32 });
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('PAST_DUE'), LONG);
  return customerId;
}

async function balanceOf(customerId: string): Promise<number> {
  return ((await under.stripe.customers.retrieve(await stripeIdOf(customerId))) as Stripe.Customer).balance;
}

const invoicesOf = async (customerId: string): Promise<Stripe.Invoice[]> => (await under.stripe.invoices.list({ customer: await stripeIdOf(customerId), limit: 100 })).data;
const currentInvoice = async (customerId: string): Promise<Stripe.Invoice> => (await invoicesOf(customerId))[0] as Stripe.Invoice;

async function cancelNow(customerId: string): Promise<void> {
  expect(await under.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).toMatchObject({ reason: null });
  expect((await under.subscription(customerId)).status).toBe('CANCELED');
}

/** Paid afresh: nothing of what was before makes it cheaper. */
async function buysAgainAtFullPrice(customerId: string): Promise<void> {
  await under.buy(customerId, 'STARTER');
  const bought = await currentInvoice(customerId);
  expect([bought.status, bought.total, bought.amount_due, await balanceOf(customerId)]).toEqual(['paid', 2_900, 2_900, 0]);
}

describe('what was not paid is not credited', () => {
  it('past due, canceled at once and bought again: no balance, the full price, and the open invoice is still owed', async () => {
    const customerId = await pastDue();
    await cancelNow(customerId);
    expect(await balanceOf(customerId)).toBe(0);
    expect((await invoicesOf(customerId)).filter(({ status }) => status === 'open').map(({ total }) => total)).toEqual([2_900]);
    await buysAgainAtFullPrice(customerId);
  }, 120_000);

  it.each<[name: string, done: (invoice: Stripe.Invoice) => Promise<unknown>]>([
    ['void', ({ id }) => under.stripe.invoices.voidInvoice(id)],
    ['written off', ({ id }) => under.stripe.invoices.markUncollectible(id)],
  ])('nor what is %s', async (_name, giveUp) => {
    const customerId = await pastDue();
    await giveUp(await currentInvoice(customerId));
    await cancelNow(customerId);
    expect(await balanceOf(customerId)).toBe(0);
    await buysAgainAtFullPrice(customerId);
  }, 120_000);

  it.each<[name: string, giveBack: (charge: Stripe.Charge) => Promise<unknown>]>([
    ['was refunded', ({ id }) => under.stripe.refunds.create({ charge: id })],
    ['a bank took back', ({ id }) => under.simulate('/_sim/disputes', { charge: id })],
  ])('nor what %s', async (_name, giveBack) => {
    const customerId = await active();
    const { data: [charge] } = await under.stripe.charges.list({ customer: await stripeIdOf(customerId) });
    await giveBack(charge as Stripe.Charge);
    expect(await under.mutate('changePlan', { customerId, plan: 'PROFESSIONAL' })).toMatchObject({ reason: 'PERIOD_NOT_PAID' });
    await cancelNow(customerId);
    expect(await balanceOf(customerId)).toBe(0);
  }, 120_000);

  it('nor the first payment of a subscription that never came: its invoice is taken back', async () => {
    const customerId = await active();
    await cancelNow(customerId);
    const customer = await stripeIdOf(customerId);
    const before = await balanceOf(customerId);
    const { data: prices } = await under.stripe.prices.list({ lookup_keys: ['professional_monthly'] });
    const failing = await under.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    const begun = await under.stripe.subscriptions.create({ customer, items: [{ price: prices[0]?.id ?? '' }], default_payment_method: failing.id, payment_behavior: 'allow_incomplete' });
    expect(begun.status).toBe('incomplete');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('INCOMPLETE'), LONG);
    expect(await under.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).toMatchObject({ reason: null });
    const first = (await invoicesOf(customerId)).find(({ parent }) => parent?.subscription_details?.subscription === begun.id);
    expect([first?.status, first?.billing_reason, (await balanceOf(customerId)) >= before]).toEqual(['void', 'subscription_create', true]);
  }, 120_000);

  it('nor what waits to be paid within the hour: a renewal that is a draft is charged first, and credited when it is paid', async () => {
    for (const [card, leftOpen, [least, most]] of [['pm_card_visa', false, [-2_900, -2_850]], ['pm_card_chargeCustomerFail', true, [0, 0]]] as const) {
      const customerId = await active();
      await useCard(customerId, card);
      const { current_period_end: end } = (await under.stripe.subscriptions.retrieve((await under.subscription(customerId)).stripe_subscription_id ?? '')).items.data[0] as Stripe.SubscriptionItem;
      await pass({ seconds: end - Math.floor(under.clock.now().getTime() / 1000) + 60 });
      expect((await currentInvoice(customerId)).status).toBe('draft');
      await cancelNow(customerId);
      expect((await invoicesOf(customerId)).some(({ status }) => status === 'open')).toBe(leftOpen);
      expect(await balanceOf(customerId)).toBeGreaterThanOrEqual(least);
      expect(await balanceOf(customerId)).toBeLessThanOrEqual(most);
    }
  }, 120_000);

  it('and what was paid is credited as before', async () => {
    const customerId = await active();
    await pass({ days: 10 });
    await cancelNow(customerId);
    expect(await balanceOf(customerId)).toBeLessThan(-1_500);
  }, 120_000);
});
