import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop<Stripe>;
beforeEach(async () => {
  shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z' });
});
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

type Discounts = Stripe.SubscriptionCreateParams['discounts'];
const subscribe = (prices: Stripe.Price[], discounts: Discounts): Promise<Stripe.Subscription> => shop.stripe.subscriptions.create({ customer: shop.customer.id, items: prices.map(({ id: price }) => ({ price })), ...(discounts === undefined ? {} : { discounts }) });
const coupon = async (given: Stripe.CouponCreateParams): Promise<string> => (await shop.stripe.coupons.create(given)).id;
const code = async (of: string, more: Partial<Stripe.PromotionCodeCreateParams> = {}): Promise<string> => (await shop.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: of }, ...more })).id;
const totals = async (id: string): Promise<number[]> => (await shop.invoices(id)).map(({ total }) => total);

describe('a discount', () => {
  it('of $5 on $10 and $20 takes off $1.66 and $3.34, and a credit gives back a part of what was left', async () => {
    const [ten, twenty, thirty] = [await shop.monthly(1_000), await shop.monthly(2_000), await shop.monthly(3_000)];
    const made = await subscribe([ten, twenty], [{ coupon: await coupon({ amount_off: 500, currency: 'usd', duration: 'forever' }) }]);
    const [first] = await shop.invoices(made.id);
    expect(first?.lines.data.map(({ discount_amounts: off }) => off?.[0]?.amount)).toEqual([166, 334]);
    await shop.to('2026-04-16T00:00:00.000Z');
    const item = made.items.data.find(({ price }) => price.id === twenty.id)?.id ?? '';
    await shop.stripe.subscriptions.update(made.id, { items: [{ id: item, price: thirty.id }], proration_behavior: 'always_invoice' });
    expect((await shop.invoices(made.id))[0]?.lines.data[0]?.amount).toBe(-833);
  });

  it('lasts for one invoice, for its months, or for ever', async () => {
    const ten = await shop.monthly(1_000);
    const once = await subscribe([ten], [{ coupon: await coupon({ percent_off: 50, duration: 'once' }) }]);
    const twice = await subscribe([ten], [{ coupon: await coupon({ percent_off: 50, duration: 'repeating', duration_in_months: 2 }) }]);
    const always = await subscribe([ten], [{ coupon: await coupon({ percent_off: 50, duration: 'forever' }) }]);
    await shop.to('2026-06-02T00:00:00.000Z');
    expect([await totals(once.id), await totals(twice.id), await totals(always.id)]).toEqual([[1_000, 1_000, 500], [1_000, 500, 500], [500, 500, 500]]);
    expect((await shop.stripe.subscriptions.retrieve(once.id)).discounts).toEqual([]);
  });

  it('comes after those before it, and takes off no more than there is', async () => {
    const made = await subscribe([await shop.monthly(1_000)], [{ coupon: await coupon({ percent_off: 50, duration: 'once' }) }, { coupon: await coupon({ amount_off: 9_900, currency: 'usd', duration: 'once' }) }]);
    const [invoice] = await shop.invoices(made.id);
    expect([invoice?.total, invoice?.total_discount_amounts?.map(({ amount }) => amount), made.status]).toEqual([0, [500, 500], 'active']);
  });

  it('applies to the products that its coupon names', async () => {
    const other = await shop.stripe.products.create({ name: 'Other' });
    const half = await coupon({ percent_off: 50, duration: 'forever', applies_to: { products: [shop.product.id] } });
    const made = await subscribe([await shop.monthly(1_000), await shop.monthly(1_000, { product: other.id })], [{ coupon: half }]);
    expect(await totals(made.id)).toEqual([1_500]);
  });

  it('is taken away by an empty text', async () => {
    const made = await subscribe([await shop.monthly(1_000)], [{ coupon: await coupon({ percent_off: 50, duration: 'forever' }) }]);
    await shop.stripe.subscriptions.update(made.id, { discounts: '' });
    await shop.to('2026-05-01T02:00:00.000Z');
    expect(await totals(made.id)).toEqual([1_000, 500]);
  });

  it('is refused where it cannot be used', async () => {
    const ten = await shop.monthly(1_000);
    const half = await coupon({ percent_off: 50, duration: 'once' });
    const refused = async (discounts: Discounts, message: RegExp): Promise<void> => {
      await expect(subscribe([ten], discounts)).rejects.toMatchObject({ statusCode: 400, message: expect.stringMatching(message) as string });
    };
    await refused([{ coupon: await coupon({ amount_off: 50, currency: 'eur', duration: 'once' }) }], /in eur/);
    await refused([{ discount: 'di_none' }], /No such discount/);
    await refused([{ promotion_code: await code(half, { customer: (await shop.buyer()).id }) }], /another customer/);
    await refused([{ promotion_code: await code(half, { restrictions: { minimum_amount: 1_001, minimum_amount_currency: 'usd' } }) }], /less than its minimum/);
    const first = await code(half, { restrictions: { first_time_transaction: true } });
    expect(await totals((await subscribe([ten], [{ promotion_code: first }])).id)).toEqual([500]);
    await refused([{ promotion_code: first }], /prior transactions/);
  });
});
