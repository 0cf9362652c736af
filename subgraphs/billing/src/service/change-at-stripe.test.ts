import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const urls = { successUrl: 'http://127.0.0.1/', cancelUrl: 'http://127.0.0.1/' };
const MAX_TRIES = 12;
let under: BillingUnderTest;

beforeAll(async () => {
  under = await startUnderTest();
});
afterAll(() => under.close());

async function activeCustomer(): Promise<string> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'STARTER');
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'));
  return customerId;
}

/** As a user does who is told UNAVAILABLE. */
async function untilDone(name: string, input: Record<string, unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { reason, code } = await under.mutate(name, input);
    if (reason === null) return;
    expect([name, reason, code, attempt < MAX_TRIES]).toEqual([name, reason, 'UNAVAILABLE', true]);
  }
}

async function atStripe(customerId: string): Promise<{ subscriptions: number; invoices: number[]; customers: number }> {
  const [row] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
  const customer = row?.stripe_customer_id ?? '';
  const [subscriptions, invoices, customers] = await Promise.all([under.stripe.subscriptions.list({ customer, status: 'all' }), under.stripe.invoices.list({ customer }), under.stripe.customers.list({ email: `${customerId}@example.com` })]);
  return { subscriptions: subscriptions.data.length, invoices: invoices.data.map(({ total }) => total).toSorted((one, other) => one - other), customers: customers.data.length };
}

describe.each([
  ['429', { status: 429 }],
  ['500 before it is done', { status: 500, afterApply: false }],
  ['500 after it was done', { status: 500, afterApply: true }],
  ['no answer after it was done', { cut: true }],
])('while Stripe answers %s', (_name, fault) => {
  it('the same request sent again does it once: checkout, change, both ways to cancel, resume', async () => {
    const customerId = await under.customerAfterTrial();
    const failing = (count: number): Promise<unknown> => under.simulate('/_sim/faults', { ...fault, count });
    await failing(3);
    await untilDone('createCheckoutSession', { customerId, plan: 'STARTER', ...urls });
    await failing(0).catch(() => under.simulate('/_sim/faults', { count: 0 }));
    await under.buy(customerId, 'STARTER');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'));
    expect(await atStripe(customerId)).toEqual({ subscriptions: 1, invoices: [2_900], customers: 1 });
    for (const [name, input] of [['changePlan', { plan: 'PROFESSIONAL' }], ['cancelSubscription', {}], ['resumeSubscription', {}], ['cancelSubscription', { atPeriodEnd: false }]] as const) {
      await failing(4);
      // What was done although it was not answered says so, and is no fault.
      const { reason, code } = await under.mutate(name, { customerId, ...input });
      if (reason !== null && code === 'UNAVAILABLE') await untilDoneOrDone(name, { customerId, ...input });
      await under.simulate('/_sim/faults', { count: 0 });
    }
    expect((await under.subscription(customerId)).status).toBe('CANCELED');
    expect(await atStripe(customerId)).toMatchObject({ subscriptions: 1, customers: 1 });
    expect((await atStripe(customerId)).invoices).toHaveLength(3);
  }, 60_000);
});

/** Sent again it may find itself done: then it is refused as done already. */
async function untilDoneOrDone(name: string, input: Record<string, unknown>): Promise<void> {
  for (let attempt = 1; attempt < MAX_TRIES; attempt += 1) {
    const { reason, code } = await under.mutate(name, input);
    if (reason === null || reason === 'ALREADY_ON_PLAN' || reason === 'NOT_ENDING') return;
    expect([name, reason, code]).toEqual([name, reason, 'UNAVAILABLE']);
  }
  throw new Error(`${name} was never done`);
}

describe('a process that dies between Stripe’s answer and our note of it', () => {
  it('leaves a change that is read back soon after', async () => {
    const customerId = await activeCustomer();
    await under.billing.rows(`create function die() returns trigger language plpgsql as $$ begin raise exception 'died'; end $$`);
    await under.billing.rows('create trigger die before update on subscriptions for each row execute function die()');
    expect((await under.mutate('cancelSubscription', { customerId })).reason).toBe('UNEXPECTED');
    await under.billing.rows('drop trigger die on subscriptions');
    expect(await under.billing.rows('select kind, outcome from operations where customer_id = $1 and finished_at is null', [customerId])).toEqual([{ kind: 'cancel', outcome: null }]);
    under.clock.advance({ seconds: 40 });
    await under.running.runScheduled();
    expect((await under.subscription(customerId)).cancel_at_period_end).toBe(true);
    expect(await under.billing.rows("select outcome from operations where customer_id = $1 and kind = 'cancel'", [customerId])).toEqual([{ outcome: 'healed' }]);
  });
});
