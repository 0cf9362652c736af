import { waitFor } from '@iotistic/testkit/wait';
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

describe('a customer', () => {
  it('is made, changed field by field, found, and leaves a stub behind', async () => {
    const made = await stripe.customers.create({ email: 'a@b.example', name: 'A', metadata: { customer_id: 'cust_1' }, address: { city: 'Oslo' }, balance: -500 });
    expect(made).toMatchObject({ object: 'customer', balance: -500, address: { city: 'Oslo', line1: null }, invoice_settings: { default_payment_method: null }, livemode: false, tax_exempt: 'none' });
    expect(await stripe.customers.update(made.id, { name: '', metadata: { more: 'x' } })).toMatchObject({ name: null, email: 'a@b.example', metadata: { customer_id: 'cust_1', more: 'x' } });
    await stripe.customers.create({ email: 'c@d.example' });
    expect((await stripe.customers.list({ email: 'a@b.example' })).data.map(({ id }) => id)).toEqual([made.id]);
    expect((await stripe.customers.search({ query: "metadata['customer_id']:'cust_1' OR email:'x'" })).data.map(({ id }) => id)).toEqual([made.id]);
    expect(await stripe.customers.del(made.id)).toMatchObject({ id: made.id, object: 'customer', deleted: true });
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true });
    await expect(stripe.customers.update(made.id, { name: 'x' })).rejects.toMatchObject({ statusCode: 404 });
    expect((await stripe.customers.list()).data).toHaveLength(1);
    expect((await stripe.events.list({ type: 'customer.deleted' })).data[0]?.data.object).toMatchObject({ id: made.id, email: 'a@b.example' });
  });

  it('pays by a method that is its own', async () => {
    const [mine, theirs] = [await stripe.customers.create(), await stripe.customers.create()];
    const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: mine.id });
    expect(method).toMatchObject({ customer: mine.id, card: { brand: 'mastercard', last4: '4444' } });
    await stripe.customers.update(mine.id, { invoice_settings: { default_payment_method: method.id } });
    await expect(stripe.customers.update(theirs.id, { invoice_settings: { default_payment_method: method.id } })).rejects.toMatchObject({ param: 'invoice_settings[default_payment_method]' });
    await expect(stripe.paymentMethods.attach(method.id, { customer: theirs.id })).rejects.toThrow('already been attached');
    await stripe.paymentMethods.detach(method.id);
    expect((await stripe.customers.retrieve(mine.id) as Stripe.Customer).invoice_settings.default_payment_method).toBeNull();
    expect((await stripe.paymentMethods.list({ customer: mine.id })).data).toEqual([]);
  });

  it.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
  ])('cannot attach %s', async (token, code, decline) => {
    const { id } = await stripe.customers.create();
    await expect(stripe.paymentMethods.attach(token, { customer: id })).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code: decline });
    expect((await stripe.events.list({ type: 'payment_method.attached' })).data).toEqual([]);
  });

  it('may attach cards that fail only when they are charged, and no real number', async () => {
    const { id } = await stripe.customers.create();
    for (const token of ['pm_card_chargeCustomerFail', 'pm_card_authenticationRequired']) expect((await stripe.paymentMethods.attach(token, { customer: id })).customer).toBe(id);
    const made = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    expect(made).toMatchObject({ customer: null, card: { last4: '4242' } });
    await expect(stripe.paymentMethods.create({ type: 'card', card: { number: '4242424242424242', exp_month: 1, exp_year: 2030 } })).rejects.toThrow('unsafe');
  });
});

describe('a test clock', () => {
  it('stands until it is advanced, and is ready soon after', async () => {
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000, name: 'year' });
    const customer = await stripe.customers.create({ test_clock: clock.id });
    expect(customer).toMatchObject({ test_clock: clock.id, created: 1_800_000_000 });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.customers.list({ test_clock: clock.id })).data).toHaveLength(1);
    const advancing = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_086_400 });
    expect(advancing).toMatchObject({ status: 'advancing', frozen_time: 1_800_000_000 });
    await waitFor(async () => expect(await stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({ status: 'ready', frozen_time: 1_800_086_400 }));
    await expect(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: 1_800_000_000 })).rejects.toMatchObject({ param: 'frozen_time' });
    await stripe.testHelpers.testClocks.del(clock.id);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ deleted: true });
  });
});
