import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestShop, type TestShop } from './test-shop.ts';

const DAY = 86_400;
const GOOD_CARD = '4242 4242 4242 4242';
let shop: TestShop<Stripe>;
let base: Stripe.Price;
let devices: Stripe.Price;

beforeEach(async () => {
  shop = await openTestShop(Stripe);
  base = await shop.monthly(2_900);
  devices = await shop.metered('devices', { nickname: '<b>Devices</b>', billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount: 500 }] });
});
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

const begin = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<Stripe.Checkout.Session> =>
  shop.stripe.checkout.sessions.create({ mode: 'subscription', customer: shop.customer.id, line_items: [{ price: base.id, quantity: 1 }, { price: devices.id }], success_url: 'http://shop.test/ok?s={CHECKOUT_SESSION_ID}&a=1', cancel_url: 'http://shop.test/no?a=1&b="', allow_promotion_codes: true, client_reference_id: 'me', subscription_data: { metadata: { ours: 'x' } }, ...more });
const submit = ({ url }: Stripe.Checkout.Session, fields: Record<string, string>): Promise<Response> => fetch(url ?? '', { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const read = (id: string): Promise<Stripe.Checkout.Session> => shop.stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'line_items'] });
const subscriptions = async (): Promise<Stripe.Subscription[]> => (await shop.stripe.subscriptions.list({ status: 'all' })).data;

describe('the hosted page', () => {
  it('shows what is bought without a script, and nothing of it as markup', async () => {
    const session = await begin();
    const response = await fetch(session.url ?? '');
    const page = await response.text();
    for (const shown of ['$29.00', 'first 5: included', 'beyond 5: $5.00 each', 'Simulated Stripe: no money moves', 'promotion_code', 'http://shop.test/no?a=1&#38;b=&#34;']) expect(page).toContain(shown);
    expect(page).not.toMatch(/<script|<b>Devices/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('takes a card, goes where it was told to, and tells of it last', async () => {
    const session = await begin();
    const answer = await submit(session, { card: GOOD_CARD });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `http://shop.test/ok?s=${session.id}&a=1`]);
    const done = await read(session.id);
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', amount_total: 2_900, client_reference_id: 'me', subscription: { status: 'active', metadata: { ours: 'x' } } });
    expect(done.line_items?.data.map(({ quantity }) => quantity)).toEqual([1, null]);
    expect((await shop.happened()).at(-1)).toBe('checkout.session.completed');
  });

  it('says why a card is refused, and stays open without a trace', async () => {
    const session = await begin();
    for (const card of ['4000000000000002', '4000000000000341', '4000002760003184', '1234']) {
      const answer = await submit(session, { card });
      expect([answer.status, /role="alert"/.test(await answer.text())]).toEqual([402, true]);
    }
    expect([(await read(session.id)).status, await subscriptions()]).toEqual(['open', []]);
    expect((await submit(session, { card: GOOD_CARD })).status).toBe(303);
  });

  it('is paid once only, however often it is sent', async () => {
    const session = await begin();
    await submit(session, { card: GOOD_CARD });
    expect(await (await submit(session, { card: GOOD_CARD })).text()).toContain('This has been paid');
    const again = await shop.account.simulate(`/_sim/checkout/${session.id}/complete`, { card: '4242424242424242' });
    expect([again['status'], (await subscriptions()).length]).toEqual(['complete', 1]);
  });

  it('expires after a day, and says so', async () => {
    const session = await begin();
    await shop.days(1.1);
    expect((await read(session.id)).status).toBe('expired');
    expect([(await fetch(`${shop.account.simulator.url}/c/pay/${session.id}`)).status, (await submit(session, { card: GOOD_CARD })).status]).toEqual([410, 410]);
    expect(await shop.happened()).toContain('checkout.session.expired');
  });
});

describe('a promotion code', () => {
  it('is taken in whatever case, once; any other is refused', async () => {
    const half = await shop.stripe.coupons.create({ percent_off: 50, duration: 'once' });
    await shop.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: half.id }, code: 'HALF', max_redemptions: 1 });
    const session = await begin();
    expect((await submit(session, { card: GOOD_CARD, promotion_code: 'nope' })).status).toBe(402);
    expect((await submit(session, { card: GOOD_CARD, promotion_code: ' half ' })).status).toBe(303);
    expect((await read(session.id)).amount_total).toBe(1_450);
    expect((await submit(await begin(), { card: GOOD_CARD, promotion_code: 'HALF' })).status).toBe(402);
  });
});

describe('a trial', () => {
  it('costs nothing today, and takes a card that fails later', async () => {
    const session = await begin({ subscription_data: { trial_end: shop.now() + 5 * DAY } });
    expect((await submit(session, { card: '4000000000000341' })).status).toBe(303);
    const { payment_status: payment, subscription } = await read(session.id);
    expect([payment, (subscription as Stripe.Subscription).status]).toEqual(['no_payment_required', 'trialing']);
    await shop.days(6);
    expect((await subscriptions())[0]?.status).toBe('past_due');
  });

  it('needs no card where none is required', async () => {
    shop.customer = await shop.buyer(null);
    const session = await begin({ payment_method_collection: 'if_required', subscription_data: { trial_period_days: 14, trial_settings: { end_behavior: { missing_payment_method: 'cancel' } } } });
    expect((await submit(session, { card: '' })).status).toBe(303);
    await shop.days(15);
    expect((await subscriptions())[0]?.status).toBe('canceled');
    const paid = await begin({ payment_method_collection: 'if_required' });
    expect((await submit(paid, { card: '' })).status).toBe(402);
  });
});

describe('a session is refused', () => {
  it.each<[name: string, more: () => Partial<Stripe.Checkout.SessionCreateParams>, message: RegExp]>([
    ['with a quantity of what is metered', () => ({ line_items: [{ price: devices.id, quantity: 1 }] }), /Quantity should not be specified where usage_type is `metered`/],
    ['with discounts beside promotion codes', () => ({ discounts: [{ coupon: 'x' }] }), /only specify one of these/],
    ['with a trial that ends within two days', () => ({ subscription_data: { trial_end: shop.now() + DAY } }), /at least 2 days/],
    ['without a quantity of what is not metered', () => ({ line_items: [{ price: base.id }] }), /Quantity is required/],
  ])('%s', async (_name, more, message) => {
    await expect(begin(more())).rejects.toMatchObject({ statusCode: 400, message: expect.stringMatching(message) as string });
  });
});
