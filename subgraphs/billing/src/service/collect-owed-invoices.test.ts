import type { EventPayload } from '@iotistic/contracts/events';
import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';
import type { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LONG = { timeout: 60_000 };
const LATE_DEVICES = 8;
let under: BillingUnderTest;
let revision = 0;

beforeAll(async () => {
  under = await startUnderTest();
});
afterAll(() => under.close());

const pass = (time: { days?: number; seconds?: number }): Promise<unknown> => under.simulate('/_sim/time', time);

async function stripeIdOf(customerId: string): Promise<string> {
  const [row] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
  return row?.stripe_customer_id ?? '';
}

interface Ended {
  customerId: string;
  /** Of the period that ended. */
  start: Date;
  end: Date;
}

/** Bought, canceled at the period's end, and over: its card sits on the subscription that has ended. */
async function ended(): Promise<Ended> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'STARTER');
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), LONG);
  const [period] = await under.billing.rows<{ start: Date; end: Date }>('select current_period_start as start, billing_period_ends_at as end from subscriptions where customer_id = $1', [customerId]);
  expect(await under.mutate('cancelSubscription', { customerId })).toMatchObject({ reason: null });
  await pass({ days: 32 });
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('CANCELED'), LONG);
  await pass({ seconds: 7_200 });
  await waitFor(async () => expect(await under.billing.rows('select from billing_periods where customer_id = $1 and settled_at is not null and stripe_subscription_id is not null', [customerId])).toHaveLength(1), LONG);
  return { customerId, start: period?.start as Date, end: period?.end as Date };
}

/** A report of the period comes when its invoice is final: three devices beyond the five included. */
async function reportsLate({ customerId, start, end }: Ended): Promise<void> {
  revision += 1;
  const payload: EventPayload<'usage.recorded'> = { customerId, periodStart: start.toISOString(), periodEnd: end.toISOString(), quantities: { DEVICES: LATE_DEVICES, MQTT_MESSAGES: 0, MQTT_BYTES: 0, HTTP_BYTES: 0, API_CALLS: 0, STORAGE_BYTES: 0 }, revision, at: under.clock.now().toISOString() };
  await under.billing.tell('usage.recorded', payload);
  await pass({ seconds: 1_000 });
  await waitFor(async () => {
    await under.running.runScheduled();
    expect(await under.billing.rows("select from true_ups where customer_id = $1 and status = 'SENT'", [customerId])).toHaveLength(1);
  }, LONG);
}

async function ownInvoice(customerId: string): Promise<Stripe.Invoice> {
  const { data } = await under.stripe.invoices.list({ customer: await stripeIdOf(customerId), limit: 100 });
  return data.find(({ parent }) => parent === null) as Stripe.Invoice;
}

const copyOf = async (invoice: Stripe.Invoice): Promise<Record<string, unknown>> => (await under.billing.rows('select id, status, amount_due::int as due, collections from invoices where stripe_invoice_id = $1', [invoice.id]))[0] ?? {};
const mailsOf = (customerId: string): Promise<{ subject: string; text_body: string }[]> => under.billing.rows("select subject, text_body from mails where recipient = $1 and key like 'invoice_owed:%'", [`${customerId}@example.com`]);
interface Owed {
  invoices: number;
  uncollectedInvoices: number;
  total: { amount: number };
  uncollected: { amount: number };
  writtenOff: { amount: number };
}

async function owed(): Promise<Owed[]> {
  const { data } = await under.billing.ask(ADMIN, '{ billingOverview { owed { total { amount currency } invoices uncollected { amount } uncollectedInvoices writtenOff { amount } } } }');
  return (data as { billingOverview: { owed: Owed[] } }).billingOverview.owed;
}

async function collected(): Promise<void> {
  await pass({ days: 1 });
  await under.running.runScheduled();
}

describe('what is owed after the end', () => {
  it('a late report after the end is charged with the card that paid before', async () => {
    const customer = await ended();
    await reportsLate(customer);
    expect(await ownInvoice(customer.customerId)).toMatchObject({ total: 1_500, status: 'draft' });
    await pass({ seconds: 7_200 });
    expect(await ownInvoice(customer.customerId)).toMatchObject({ total: 1_500, status: 'paid', amount_paid: 1_500 });
    await waitFor(async () => expect(await copyOf(await ownInvoice(customer.customerId))).toMatchObject({ status: 'PAID', due: 0 }), LONG);
    expect(await mailsOf(customer.customerId)).toEqual([]);
  }, 180_000);

  it('where no card pays any more its customer gets one mail with the page where it is paid, the overview counts it, and it is gone from there when it is paid', async () => {
    const customer = await ended();
    const id = await stripeIdOf(customer.customerId);
    for (const { id: card } of (await under.stripe.paymentMethods.list({ customer: id })).data) await under.stripe.paymentMethods.detach(card);
    await reportsLate(customer);
    await pass({ days: 20 });
    await waitFor(async () => {
      await collected();
      expect(await copyOf(await ownInvoice(customer.customerId))).toMatchObject({ status: 'OPEN', due: 1_500, collections: 3 });
    }, LONG);
    const invoice = await ownInvoice(customer.customerId);
    expect(await mailsOf(customer.customerId)).toEqual([{ subject: 'You still owe $15.00 to Iotistic', text_body: expect.stringContaining(invoice.hosted_invoice_url ?? 'no page') as string }]);
    expect(await owed()).toMatchObject([{ total: { amount: 1_500 }, invoices: 1, uncollected: { amount: 1_500 }, uncollectedInvoices: 1 }]);
    await under.stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
    await waitFor(async () => expect(await owed()).toEqual([]), LONG);
  }, 240_000);

  it('a subscription that ended while it was past due is charged when its customer has a card again, and once', async () => {
    const customerId = await under.customerAfterTrial();
    await under.buy(customerId, 'STARTER');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), LONG);
    const customer = await stripeIdOf(customerId);
    const bad = await under.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await under.stripe.subscriptions.update((await under.subscription(customerId)).stripe_subscription_id ?? '', { default_payment_method: bad.id });
    for (const { id } of (await under.stripe.paymentMethods.list({ customer })).data) if (id !== bad.id) await under.stripe.paymentMethods.detach(id);
    await pass({ days: 32 });
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('PAST_DUE'), LONG);
    expect(await under.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).toMatchObject({ reason: null });
    await waitFor(async () => {
      await collected();
      expect(await mailsOf(customerId)).toHaveLength(1);
    }, LONG);
    const good = await under.stripe.paymentMethods.attach('pm_card_visa', { customer });
    await under.stripe.customers.update(customer, { invoice_settings: { default_payment_method: good.id } });
    await pass({ days: 8 });
    await waitFor(async () => {
      await collected();
      expect((await under.stripe.invoices.list({ customer, status: 'open' })).data).toEqual([]);
    }, LONG);
    const { data: charges } = await under.stripe.charges.list({ customer });
    expect(charges.map(({ amount }) => amount)).toEqual([2_900, 2_900]);
    expect(await mailsOf(customerId)).toHaveLength(1);
  }, 240_000);

  it('of a customer that was deleted at Stripe it stays in the overview, and is gone from there once it is taken back', async () => {
    const customerId = await under.customerAfterTrial();
    await under.buy(customerId, 'STARTER');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), LONG);
    const customer = await stripeIdOf(customerId);
    const bad = await under.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await under.stripe.subscriptions.update((await under.subscription(customerId)).stripe_subscription_id ?? '', { default_payment_method: bad.id });
    await pass({ days: 32 });
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('PAST_DUE'), LONG);
    const [open] = (await under.stripe.invoices.list({ customer, status: 'open' })).data;
    await under.stripe.customers.del(customer);
    await waitFor(async () => {
      await collected();
      expect(await mailsOf(customerId)).toHaveLength(1);
    }, LONG);
    expect(await owed()).toMatchObject([{ uncollected: { amount: 2_900 }, uncollectedInvoices: 1 }]);
    await under.stripe.invoices.voidInvoice(open?.id ?? '');
    await pass({ days: 8 });
    await waitFor(async () => {
      await collected();
      expect(await owed()).toEqual([]);
    }, LONG);
  }, 240_000);
});
