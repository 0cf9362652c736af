/** States and refusals that Stripe documents, and that a plane which is tried here alone would not meet otherwise. */
import { Stripe } from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { BAD, openTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop<Stripe>;
const open = async (): Promise<TestShop<Stripe>> => (shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z' }));
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

const subscribe = (...prices: Stripe.Price[]): Promise<Stripe.Subscription> => shop.stripe.subscriptions.create({ customer: shop.customer.id, items: prices.map(({ id: price }) => ({ price })) });
const status = async (id: string): Promise<string> => (await shop.stripe.subscriptions.retrieve(id)).status;
const ofStatus = async (id: string, wanted: string): Promise<string[]> => (await shop.invoices(id)).filter((invoice) => invoice.status === wanted).map((invoice) => invoice.id ?? '');

describe('an invoice that is not collected any more', () => {
  it.each(['markUncollectible', 'voidInvoice'] as const)('by %s leaves the subscription as the newest of the others says', async (way) => {
    await open();
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard(BAD);
    await shop.days(31);
    expect(await status(id)).toBe('past_due');
    const [owed] = await ofStatus(id, 'open');
    await shop.stripe.invoices[way](owed ?? '');
    expect(await status(id)).toBe('active');
    expect((await shop.happened()).at(-1)).toBe('customer.subscription.updated');
  });

  it('changes nothing while a newer one is owed', async () => {
    await open();
    await shop.account.stop();
    shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z', settings: { afterRetries: 'past_due' } });
    const { id } = await subscribe(await shop.monthly(1_000));
    await shop.useCard(BAD);
    await shop.days(62);
    const owed = await ofStatus(id, 'open');
    expect(owed).toHaveLength(2);
    await shop.stripe.invoices.markUncollectible(owed[1] ?? '');
    expect(await status(id)).toBe('past_due');
    await shop.stripe.invoices.markUncollectible(owed[0] ?? '');
    expect(await status(id)).toBe('active');
  });
});

describe('what is not sold any more', () => {
  it('a price that was archived, or whose product was, is refused on anything new; who has it keeps it', async () => {
    await open();
    const { stripe, customer } = shop;
    const had = await shop.monthly(1_000);
    const archived = await shop.monthly(2_000);
    const shelved = await shop.monthly(3_000);
    const { id, items } = await subscribe(had);
    await stripe.prices.update(had.id, { active: false });
    await stripe.prices.update(archived.id, { active: false });
    await stripe.products.update(shelved.product as string, { active: false });
    for (const { id: price } of [archived, shelved]) {
      await expect(stripe.subscriptions.update(id, { items: [{ id: items.data[0]?.id ?? '', price }] })).rejects.toMatchObject({ statusCode: 400, param: 'items[0][price]' });
      await expect(stripe.subscriptions.update(id, { items: [{ price }] })).rejects.toMatchObject({ statusCode: 400 });
      await expect(stripe.checkout.sessions.create({ mode: 'subscription', customer: customer.id, success_url: 'https://example.com', line_items: [{ price, quantity: 1 }] })).rejects.toMatchObject({ statusCode: 400, param: 'line_items[0][price]' });
    }
    const changed = await stripe.subscriptions.update(id, { items: [{ id: items.data[0]?.id ?? '', price: had.id, quantity: 2 }] });
    expect(changed.items.data[0]?.quantity).toBe(2);
  });

  it('a coupon in another currency, or none that there is, is refused when a checkout is made', async () => {
    await open();
    const { stripe, customer } = shop;
    const { id: price } = await shop.monthly(1_000);
    const euros = await stripe.coupons.create({ amount_off: 500, currency: 'eur', duration: 'once' });
    const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: euros.id }, code: 'EUROS' });
    const checkout = (discount: Stripe.Checkout.SessionCreateParams.Discount): Promise<Stripe.Checkout.Session> => stripe.checkout.sessions.create({ mode: 'subscription', customer: customer.id, success_url: 'https://example.com', line_items: [{ price, quantity: 1 }], discounts: [discount] });
    for (const discount of [{ coupon: euros.id }, { promotion_code: code.id }, { coupon: 'nothing' }]) await expect(checkout(discount)).rejects.toMatchObject({ statusCode: 400 });
    const dollars = await stripe.coupons.create({ amount_off: 500, currency: 'usd', duration: 'once' });
    expect((await checkout({ coupon: dollars.id })).status).toBe('open');
    expect((await stripe.coupons.retrieve(dollars.id)).times_redeemed).toBe(0);
  });
});

describe('what a customer reads on an invoice', () => {
  it('is the name of each price’s product, never a nickname', async () => {
    await open();
    const { stripe } = shop;
    const base = await shop.monthly(1_000);
    const product = await stripe.products.create({ name: 'Devices' });
    const devices = await shop.metered('devices', { unit_amount: 5, product: product.id });
    for (const { id } of [base, devices]) await stripe.prices.update(id, { nickname: 'for our eyes only' });
    await stripe.products.update(base.product as string, { name: 'Starter' });
    const { id } = await subscribe(base, devices);
    await shop.used('devices', '9');
    const preview = await stripe.invoices.createPreview({ subscription: id });
    expect(preview.lines.data.map(({ description }) => description)).toEqual(expect.arrayContaining([expect.stringContaining('1 × Starter'), expect.stringContaining('9 × Devices')]));
    await shop.to('2026-05-01T02:00:00.000Z');
    const lines = (await shop.invoices(id)).flatMap((invoice) => invoice.lines.data.map(({ description }) => description ?? ''));
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join(' ')).not.toContain('for our eyes only');
  });
});
