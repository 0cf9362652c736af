import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BAD, GOOD, openTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop<Stripe>;
let plan: Stripe.Price;
const dataDir = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));

beforeEach(async () => {
  shop = await openTestShop(Stripe, { dataDir });
  plan = await shop.monthly(1_000);
});
afterEach(async () => {
  await shop.account.stop();
  rmSync(dataDir, { recursive: true });
  expect(shop.account.logged).toEqual([]);
});

const subscribe = (more: Partial<Stripe.SubscriptionCreateParams> = {}): Promise<Stripe.Subscription> => shop.stripe.subscriptions.create({ customer: shop.customer.id, items: [{ price: plan.id }], ...more });
const read = (id: string): Promise<Stripe.Subscription> => shop.stripe.subscriptions.retrieve(id);
const endOf = ({ items }: Stripe.Subscription): number => items.data[0]?.current_period_end ?? 0;
const dayOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10);

describe('a subscription', () => {
  it('is paid at once, and says so in order', async () => {
    const made = await subscribe({ expand: ['latest_invoice.payments'] });
    const invoice = made.latest_invoice as Stripe.Invoice;
    expect([made.status, invoice.status, invoice.total, invoice.payments?.data[0]?.amount_paid]).toEqual(['active', 'paid', 1_000, 1_000]);
    expect((await shop.happened()).slice(-7)).toEqual(['customer.subscription.created', 'invoice.created', 'invoice.finalized', 'invoice_payment.paid', 'invoice.paid', 'invoice.payment_succeeded', 'customer.subscription.updated']);
  });

  it('is billed through a year from the last day of January, each period by its anchor', async () => {
    const { id } = await subscribe();
    const ends = new Set<string>();
    for (let month = 0; month < 13; month += 1) {
      ends.add(dayOf(endOf(await read(id))));
      await shop.days(30);
    }
    expect([...ends].slice(0, 12)).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31', '2026-09-30', '2026-10-31', '2026-11-30', '2026-12-31', '2027-01-31']);
    expect((await shop.invoices(id)).every(({ total, status }) => total === 1_000 && status === 'paid')).toBe(true);
  });

  it('without a first payment is incomplete, and begins its periods when it is paid late', async () => {
    await shop.useCard(BAD);
    const made = await subscribe();
    expect(made.status).toBe('incomplete');
    await shop.stripe.invoices.pay(made.latest_invoice as string, { payment_method: await shop.useCard(GOOD) });
    expect((await read(made.id)).status).toBe('active');
    await shop.days(40);
    expect((await shop.invoices(made.id)).map(({ status }) => status)).toEqual(['paid', 'paid']);
  });

  it('that is never paid expires after 23 hours, and its invoice is void', async () => {
    await shop.useCard(BAD);
    const made = await subscribe({ payment_behavior: 'default_incomplete' });
    await shop.days(1);
    expect((await read(made.id)).status).toBe('incomplete_expired');
    expect((await shop.stripe.invoices.retrieve(made.latest_invoice as string)).status).toBe('void');
  });

  it('that must not be incomplete is refused with the card, and leaves nothing', async () => {
    await shop.useCard(BAD);
    await expect(subscribe({ payment_behavior: 'error_if_incomplete' })).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, code: 'card_declined' });
    expect((await shop.stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);
  });

  it('with items by the month and by the year bills each in its own time', async () => {
    const yearly = await shop.monthly(9_000, { recurring: { interval: 'year' } });
    const { id } = await subscribe({ items: [{ price: plan.id }, { price: yearly.id }] });
    await shop.days(35);
    expect((await shop.invoices(id)).map(({ total }) => total)).toEqual([1_000, 10_000]);
    await shop.to('2027-02-01T00:00:00.000Z');
    expect((await shop.invoices(id))[0]?.total).toBe(10_000);
  });

  it('goes on after a restart in the middle of a trial and of a period', async () => {
    const { id } = await subscribe({ trial_period_days: 14 });
    await shop.account.restart();
    await shop.days(20);
    await shop.account.restart();
    await shop.days(30);
    expect((await shop.invoices(id)).map(({ total }) => total)).toEqual([1_000, 1_000, 0]);
  });

  it('grants the features of its products, and takes them with it', async () => {
    const feature = await shop.stripe.entitlements.features.create({ name: 'Export', lookup_key: 'export' });
    await shop.stripe.products.createFeature(shop.product.id, { entitlement_feature: feature.id });
    const held = async (): Promise<string[]> => (await shop.stripe.entitlements.activeEntitlements.list({ customer: shop.customer.id })).data.map(({ lookup_key }) => lookup_key);
    const { id } = await subscribe();
    expect(await held()).toEqual(['export']);
    await shop.stripe.subscriptions.cancel(id);
    expect(await held()).toEqual([]);
    expect((await shop.happened()).filter((type) => type === 'entitlements.active_entitlement_summary.updated')).toHaveLength(2);
  });
});

describe('a trial', () => {
  it('is announced three days before its end, and becomes a paid period', async () => {
    const { id, status } = await subscribe({ trial_period_days: 14 });
    expect(status).toBe('trialing');
    await shop.days(11);
    expect(await shop.happened()).toContain('customer.subscription.trial_will_end');
    await shop.days(4);
    expect((await read(id)).status).toBe('active');
    expect((await shop.invoices(id)).map(({ total, billing_reason }) => [total, billing_reason])).toEqual([[1_000, 'subscription_cycle'], [0, 'subscription_create']]);
  });

  it.each([['cancel', 'canceled'], ['pause', 'paused'], ['create_invoice', 'past_due']] as const)('without a card does what it is set to: %s', async (missing_payment_method, status) => {
    shop.customer = await shop.buyer(null);
    const { id } = await subscribe({ trial_period_days: 14, trial_settings: { end_behavior: { missing_payment_method } } });
    await shop.days(15);
    expect((await read(id)).status).toBe(status);
  });

  it('that was paused is resumed with a period from then on', async () => {
    shop.customer = await shop.buyer(null);
    const { id } = await subscribe({ trial_period_days: 14, trial_settings: { end_behavior: { missing_payment_method: 'pause' } } });
    await shop.days(20);
    await shop.useCard(GOOD);
    const resumed = await shop.stripe.subscriptions.resume(id);
    expect([resumed.status, resumed.billing_cycle_anchor]).toEqual(['active', shop.now()]);
    expect((await shop.invoices(id))[0]).toMatchObject({ total: 1_000, status: 'paid' });
  });

  it('that ends now is charged now, at the plan that was chosen with it', async () => {
    const made = await subscribe({ trial_period_days: 14 });
    const bigger = await shop.monthly(5_000);
    const items = [{ id: made.items.data[0]?.id ?? '', price: bigger.id }];
    const preview = await shop.stripe.invoices.createPreview({ subscription: made.id, subscription_details: { items, trial_end: 'now' } });
    const changed = await shop.stripe.subscriptions.update(made.id, { items, trial_end: 'now' });
    expect([changed.status, dayOf(endOf(changed))]).toEqual(['active', '2026-02-28']);
    expect((await shop.invoices(made.id))[0]).toMatchObject({ total: preview.total, status: 'paid' });
    expect(preview.total).toBe(5_000);
  });
});
