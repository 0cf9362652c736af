/** What needs neither webhooks nor a moved clock, at the simulator or, with STRIPE_TEST_SECRET_KEY, at a real test account: the same code, the same expectations. */
import { newId } from '@iotistic/contracts/ids';
import { createTestClock } from '@iotistic/testkit/clock';
import { realAccount, startAtAccount } from '@iotistic/testkit/billing';
import { type StripeSimulator, startStripeSimulator } from '@iotistic/stripe-simulator/app';
import { afterAll, beforeAll, expect, it } from 'vitest';

let simulator: StripeSimulator | null = null;
let account: Awaited<ReturnType<typeof startAtAccount>>;
const customerId = newId('cust');

beforeAll(async () => {
  const key = realAccount();
  if (key === null) simulator = await startStripeSimulator({ port: 0, dataDir: null, clock: createTestClock(new Date()) });
  account = await startAtAccount(key ?? 'sk_test_account', simulator?.url);
  await account.running.connectStripe({ webhookUrl: null });
  const at = new Date().toISOString();
  await account.billing.tell('customer.signed_up', { customerId, email: `${customerId}@example.com`, companyName: 'Acme', fullName: null, createdAt: at, updatedAt: at });
});
afterAll(async () => {
  await account.close();
  await simulator?.close();
});

const urls = { successUrl: 'https://example.com/', cancelUrl: 'https://example.com/' };
const subscription = async (): Promise<unknown> => (await account.billing.rows('select status, plan, cancel_at_period_end from subscriptions where customer_id = $1', [customerId]))[0];

it('the catalogue is there, and syncing it again changes nothing', async () => {
  const before = await account.stripe.prices.list({ lookup_keys: ['starter_monthly', 'device_usage_starter', 'professional_monthly'] });
  expect(before.data).toHaveLength(3);
  await account.running.connectStripe({ webhookUrl: null });
  const after = await account.stripe.prices.list({ lookup_keys: ['starter_monthly', 'device_usage_starter', 'professional_monthly'] });
  expect(after.data.map(({ id }) => id).toSorted()).toEqual(before.data.map(({ id }) => id).toSorted());
});

it('a checkout opens once for one request, and codes that are none are refused', async () => {
  const input = { customerId, plan: 'STARTER', ...urls };
  expect((await account.mutate('createCheckoutSession', { ...input, promotionCode: 'NO-SUCH-CODE' })).reason).toBe('PROMOTION_CODE_NOT_FOUND');
  expect((await account.mutate('createCheckoutSession', input)).data).toMatchObject({ url: expect.stringMatching(/^http/) as string });
  expect((await account.mutate('createPortalSession', { customerId, returnUrl: 'https://example.com/' })).data).toMatchObject({ url: expect.stringMatching(/^http/) as string });
});

it('a subscription that was paid is read, changed, ended with its period, resumed and canceled at once', async () => {
  const [row] = await account.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
  const customer = row?.stripe_customer_id ?? '';
  const method = await account.stripe.paymentMethods.attach('pm_card_visa', { customer });
  const { data: prices } = await account.stripe.prices.list({ lookup_keys: ['starter_monthly', 'device_usage_starter', 'storage_gb_starter'] });
  await account.stripe.subscriptions.create({ customer, default_payment_method: method.id, items: prices.map(({ id, recurring }) => (recurring?.usage_type === 'metered' ? { price: id } : { price: id, quantity: 1 })) });
  // Nothing told us: the next request reads what is true.
  expect((await account.mutate('createCheckoutSession', { customerId, plan: 'STARTER', ...urls })).reason).toBe('ALREADY_ON_PLAN');
  expect(await subscription()).toEqual({ status: 'ACTIVE', plan: 'STARTER', cancel_at_period_end: false });
  expect((await account.mutate('changePlan', { customerId, plan: 'PROFESSIONAL' })).reason).toBeNull();
  expect(await subscription()).toMatchObject({ status: 'ACTIVE', plan: 'PROFESSIONAL' });
  expect((await account.mutate('cancelSubscription', { customerId })).reason).toBeNull();
  expect(await subscription()).toMatchObject({ cancel_at_period_end: true });
  expect((await account.mutate('resumeSubscription', { customerId })).reason).toBeNull();
  expect(await subscription()).toMatchObject({ cancel_at_period_end: false });
  expect((await account.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).reason).toBeNull();
  expect(await subscription()).toMatchObject({ status: 'CANCELED' });
});
