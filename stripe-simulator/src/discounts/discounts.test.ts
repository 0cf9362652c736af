import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestAccount, type TestAccount } from '../test-account.ts';

let account: TestAccount;
let stripe: Stripe;

beforeEach(async () => {
  account = await startTestAccount();
  stripe = new Stripe(account.key, account.client);
});
afterEach(() => account.stop());

const DAY = 86_400;
const now = (): number => Math.floor(account.clock.now().getTime() / 1000);

describe('a coupon', () => {
  it('takes off a part or an amount, and is valid until it is not', async () => {
    const part = await stripe.coupons.create({ percent_off: 12.5, duration: 'repeating', duration_in_months: 3, redeem_by: now() + DAY });
    expect(part).toMatchObject({ percent_off: 12.5, amount_off: null, duration_in_months: 3, valid: true, times_redeemed: 0 });
    const amount = await stripe.coupons.create({ id: 'FIVE', amount_off: 500, currency: 'usd', name: 'Five off' });
    expect(amount).toMatchObject({ id: 'FIVE', duration: 'once', currency: 'usd' });
    await account.simulate('/_sim/time', { days: 2 });
    expect((await stripe.coupons.retrieve(part.id)).valid).toBe(false);
    expect(await stripe.coupons.del('FIVE')).toEqual(expect.objectContaining({ id: 'FIVE', deleted: true }));
    expect((await stripe.coupons.list()).data.map(({ id }) => id)).toEqual([part.id]);
  });

  it.each<[string, Stripe.CouponCreateParams]>([
    ['nothing off', {}],
    ['both', { percent_off: 5, amount_off: 5, currency: 'usd' }],
    ['an amount of no currency', { amount_off: 5 }],
    ['more than all', { percent_off: 101 }],
    ['months that do not repeat', { percent_off: 5, duration_in_months: 2 }],
    ['repeating without months', { percent_off: 5, duration: 'repeating' }],
    ['an end in the past', { percent_off: 5, redeem_by: 1_000 }],
    ['a product that is not there', { percent_off: 5, applies_to: { products: ['prod_1'] } }],
  ])('is refused with %s', async (_, params) => {
    await expect(stripe.coupons.create(params)).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('a promotion code', () => {
  it('is found in whatever case, and is alone in its spelling while it is active', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 20 });
    const made = await stripe.promotionCodes.create({ code: 'Spring20', promotion: { type: 'coupon', coupon: coupon.id }, max_redemptions: 5, expand: ['promotion.coupon'] });
    expect(made.promotion.coupon).toMatchObject({ object: 'coupon', percent_off: 20 });
    await expect(stripe.promotionCodes.create({ code: 'SPRING20', promotion: { type: 'coupon', coupon: coupon.id } })).rejects.toMatchObject({ param: 'code' });
    expect((await stripe.promotionCodes.list({ code: 'spring20', active: true })).data.map(({ id }) => id)).toEqual([made.id]);
    await stripe.promotionCodes.update(made.id, { active: false });
    const next = await stripe.promotionCodes.create({ code: 'SPRING20', promotion: { type: 'coupon', coupon: coupon.id } });
    await expect(stripe.promotionCodes.update(made.id, { active: true })).rejects.toMatchObject({ param: 'code' });
    expect((await stripe.promotionCodes.list({ coupon: coupon.id, active: true })).data.map(({ id }) => id)).toEqual([next.id]);
  });

  it('is active no more when it expired, or its coupon is gone', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 20 });
    const expiring = await stripe.promotionCodes.create({ code: 'A', promotion: { type: 'coupon', coupon: coupon.id }, expires_at: now() + DAY });
    const lasting = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } });
    expect(lasting.code).toMatch(/^[0-9A-Z]{8}$/);
    await account.simulate('/_sim/time', { days: 1 });
    expect([(await stripe.promotionCodes.retrieve(expiring.id)).active, (await stripe.promotionCodes.retrieve(lasting.id)).active]).toEqual([false, true]);
    await stripe.coupons.del(coupon.id);
    expect((await stripe.promotionCodes.retrieve(lasting.id)).active).toBe(false);
    await expect(stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id } })).rejects.toMatchObject({ code: 'resource_missing', param: 'promotion[coupon]' });
  });
});
