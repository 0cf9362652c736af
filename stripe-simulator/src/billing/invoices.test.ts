import { Stripe } from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { BAD, GOOD, openTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop<Stripe>;
const open = async (options: Parameters<typeof openTestShop>[1] = {}): Promise<TestShop<Stripe>> => (shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z', ...options }));
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

const subscribe = (...prices: Stripe.Price[]): Promise<Stripe.Subscription> => shop.stripe.subscriptions.create({ customer: shop.customer.id, items: prices.map(({ id: price }) => ({ price })) });
const newest = async (subscription: string): Promise<Stripe.Invoice> => (await shop.invoices(subscription))[0] as Stripe.Invoice;
const status = async (id: string): Promise<string> => (await shop.stripe.subscriptions.retrieve(id)).status;

describe('usage on an invoice', () => {
  it('of the old period that arrives in the grace hour is billed with it', async () => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000), await shop.metered('devices', { unit_amount: 5 }));
    await shop.to('2026-05-01T00:30:00.000Z');
    await shop.used('devices', '9', Date.parse('2026-04-30T23:59:00Z') / 1_000);
    await shop.used('devices', '100');
    await shop.to('2026-05-01T02:00:00.000Z');
    expect((await newest(id)).total).toBe(1_045);
  });

  it.each<[name: string, price: Partial<Stripe.PriceCreateParams>, used: string, cents: number]>([
    ['3 further devices', { unit_amount: 500 }, '3', 1_500],
    ['5 beyond 20 included', { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 20, unit_amount: 0 }, { up_to: 'inf', unit_amount: 400 }] }, '25', 2_000],
    ['500,000 messages beyond a million', { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 1_000_000, unit_amount: 0 }, { up_to: 'inf', unit_amount_decimal: Stripe.Decimal.from('0.01') }] }, '1500000', 5_000],
    ['3 packages', { unit_amount: 4_000, transform_quantity: { divide_by: 10, round: 'up' } }, '23', 12_000],
    ['half units as they are', { unit_amount: 50 }, '2.5', 125],
  ])('costs what its price says: %s', async (_name, price, used, cents) => {
    await open();
    const { id } = await subscribe(await shop.metered('devices', price));
    await shop.used('devices', used);
    expect((await shop.stripe.invoices.createPreview({ subscription: id })).total).toBe(cents);
    await shop.to('2026-05-01T02:00:00.000Z');
    expect((await newest(id)).total).toBe(cents);
  });
});

describe('a renewal that is not paid', () => {
  it.each(['cancel', 'unpaid', 'past_due'] as const)('is tried three times more; then the subscription is set to: %s', async (afterRetries) => {
    await open({ settings: { afterRetries } });
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard(BAD);
    await shop.days(31);
    expect(await status(id)).toBe('past_due');
    await shop.days(16);
    expect(await status(id)).toBe(afterRetries === 'cancel' ? 'canceled' : afterRetries);
    const invoice = (await shop.invoices(id)).find((each) => each.status === 'open');
    expect([invoice?.attempt_count, invoice?.next_payment_attempt]).toEqual([4, null]);
  });

  it('recovers by another card: at the next attempt, or at once where somebody pays', async () => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard(BAD);
    await shop.days(31);
    await shop.useCard(GOOD);
    await shop.days(3);
    expect(await status(id)).toBe('active');
    await shop.useCard(BAD);
    await shop.days(30);
    expect(await status(id)).toBe('past_due');
    await shop.stripe.invoices.pay((await newest(id)).id ?? '', { payment_method: await shop.useCard(GOOD) });
    expect(await status(id)).toBe('active');
  });

  it('counts an attempt by hand that was declined, and keeps to its own times', async () => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard(BAD);
    await shop.days(31);
    const { id: invoice, next_payment_attempt: next } = await newest(id);
    await expect(shop.stripe.invoices.pay(invoice)).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect(await shop.stripe.invoices.retrieve(invoice)).toMatchObject({ attempt_count: 2, next_payment_attempt: next, status: 'open' });
    expect((await shop.happened()).filter((type) => type === 'invoice.payment_failed')).toHaveLength(2);
  });

  it('asks for authentication where the card does', async () => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard('pm_card_authenticationRequired');
    await shop.days(31);
    expect([await status(id), (await shop.happened()).includes('invoice.payment_action_required')]).toEqual(['past_due', true]);
  });
});

describe('an invoice by hand', () => {
  it('takes the items that are put on it, or that wait, and is billed when it is finalized', async () => {
    await open();
    const { stripe, customer } = shop;
    const draft = await stripe.invoices.create({ customer: customer.id });
    const item = await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 700, currency: 'usd' });
    await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 300, currency: 'usd' });
    await stripe.invoiceItems.del(item.id);
    const final = await stripe.invoices.finalizeInvoice(draft.id ?? '');
    expect([final.total, final.status, final.billing_reason]).toEqual([300, 'paid', 'manual']);
    await expect(stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 1, currency: 'usd' })).rejects.toMatchObject({ code: 'invoice_not_editable' });
    const waits = await stripe.invoiceItems.create({ customer: customer.id, amount: 100, currency: 'usd' });
    const whole = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' });
    expect(whole.total).toBe(100);
    await stripe.invoices.del(whole.id ?? '');
    expect((await stripe.invoiceItems.retrieve(waits.id)).invoice).toBeNull();
  });

  it('is found by what it is of', async () => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000));
    await subscribe(await shop.monthly(2_000));
    expect((await shop.stripe.invoices.search({ query: `subscription:"${id}" AND total>500` })).data.map(({ total }) => total)).toEqual([1_000]);
  });
});

describe('a credit note', () => {
  it('lowers what is owed, to nothing at most', async () => {
    await open();
    await shop.useCard(BAD);
    const { id, latest_invoice: invoice } = await subscribe(await shop.monthly(1_000));
    await shop.stripe.creditNotes.create({ invoice: invoice as string, amount: 400 });
    expect((await shop.stripe.invoices.retrieve(invoice as string)).amount_remaining).toBe(600);
    await expect(shop.stripe.creditNotes.create({ invoice: invoice as string, amount: 601 })).rejects.toMatchObject({ statusCode: 400 });
    await shop.stripe.creditNotes.create({ invoice: invoice as string, amount: 600 });
    expect([(await shop.stripe.invoices.retrieve(invoice as string)).status, await status(id)]).toEqual(['paid', 'active']);
  });

  it('on a paid invoice gives credit for later ones', async () => {
    await open();
    const { id, latest_invoice: invoice } = await subscribe(await shop.monthly(1_000));
    await expect(shop.stripe.creditNotes.create({ invoice: invoice as string, amount: 400 })).rejects.toMatchObject({ param: 'amount' });
    await shop.stripe.creditNotes.create({ invoice: invoice as string, amount: 400, credit_amount: 400 });
    await shop.to('2026-05-01T02:00:00.000Z');
    expect(await newest(id)).toMatchObject({ total: 1_000, amount_due: 600, amount_paid: 600 });
    expect((await shop.stripe.creditNotes.list({ invoice: invoice as string })).data).toHaveLength(1);
  });
});
