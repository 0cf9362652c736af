import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readListedEvent } from '../clients/stripe-webhooks.ts';
import { HEARD_EVENT_TYPES } from '../domain/stripe-events.ts';
import { type BillingUnderTest, signatureOf, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';

const SECRET = 'whsec_of_test';
const SHUFFLES = 1_000;
const BAD_CARD = '4000000000000341';
const GOOD_CARD = '4242424242424242';
let under: BillingUnderTest;

beforeAll(async () => {
  under = await startUnderTest({ STRIPE_WEBHOOK_SECRET: SECRET });
});
afterAll(() => under.close());

const done = async (name: string, input: Record<string, unknown>): Promise<Record<string, unknown> | null> => {
  const { data, reason } = await under.mutate(name, input);
  expect([name, reason]).toEqual([name, null]);
  return data;
};

async function useCard(customerId: string, card: string): Promise<void> {
  const portal = await done('createPortalSession', { customerId, returnUrl: 'http://127.0.0.1/' });
  await fetch(String(portal?.['url']), { method: 'POST', redirect: 'manual', body: new URLSearchParams({ action: 'card', card }) });
}

const pass = (days: number): Promise<unknown> => under.simulate('/_sim/time', { days });

/** What can become of a customer within the time that Stripe lists events of. */
const LIVES: ((customerId: string) => Promise<void>)[] = [
  (customerId) => under.buy(customerId, 'STARTER'),
  async (customerId) => {
    await under.buy(customerId, 'STARTER');
    await done('changePlan', { customerId, plan: 'PROFESSIONAL' });
  },
  async (customerId) => {
    await under.buy(customerId, 'PROFESSIONAL');
    await done('changePlan', { customerId, plan: 'STARTER' });
  },
  async (customerId) => {
    await under.buy(customerId, 'STARTER');
    await done('cancelSubscription', { customerId });
  },
  async (customerId) => {
    await under.buy(customerId, 'STARTER');
    await done('cancelSubscription', { customerId });
    await done('resumeSubscription', { customerId });
  },
  async (customerId) => {
    await under.buy(customerId, 'PROFESSIONAL');
    await done('cancelSubscription', { customerId, atPeriodEnd: false });
  },
  async (customerId) => {
    await under.buy(customerId, 'STARTER');
    await useCard(customerId, BAD_CARD);
  },
  async (customerId) => {
    await under.buy(customerId, 'PROFESSIONAL');
    await useCard(customerId, BAD_CARD);
  },
];

interface Recorded {
  customerId: string;
  bodies: string[];
  truth: unknown;
}

const FACTS = 'status, plan, book, trial_ends_at, current_period_start, current_period_ends_at, billing_period_ends_at, cancel_at_period_end, stripe_subscription_id, discounts::text, entitlements::text';

async function stateOf(customerId: string): Promise<unknown> {
  return {
    subscription: await under.billing.rows(`select ${FACTS} from subscriptions where customer_id = $1`, [customerId]),
    invoices: await under.billing.rows('select stripe_invoice_id, status, total from invoices where customer_id = $1 order by stripe_invoice_id', [customerId]),
  };
}

/** Back to the day of the sign-up: nothing was heard of Stripe since. */
async function forget(): Promise<void> {
  await under.billing.rows('delete from webhook_events');
  await under.billing.rows('delete from invoices');
  await under.billing.rows('delete from sweeps');
  await under.billing.rows('delete from subscriptions');
  await under.billing.rows('insert into subscriptions select * from saved_subscriptions');
  await under.billing.rows('update customers set applied_ticket = 0');
}

async function untilQuiet(): Promise<void> {
  await waitFor(async () => expect(await under.billing.rows("select id, error from webhook_events where status = 'RECEIVED'")).toEqual([]));
}

/** Lives each life with no webhook delivered, and keeps its events as Stripe would send them. */
async function record(): Promise<Recorded[]> {
  const customers = await Promise.all(LIVES.map(() => under.customerAfterTrial()));
  await under.billing.rows('create table saved_subscriptions as select * from subscriptions');
  await under.simulate('/_sim/chaos', { drop: 1 });
  // A renewal for those with a bad card, and the last of them mends it. The others live within the month that Stripe lists.
  for (const [index, customerId] of customers.entries()) if (index >= LIVES.length - 2) await LIVES[index]?.(customerId);
  await pass(32);
  for (const [index, customerId] of customers.entries()) if (index < LIVES.length - 2) await LIVES[index]?.(customerId);
  await useCard(customers.at(-1) ?? '', GOOD_CARD);
  await pass(4);
  const bodies = new Map<string, string[]>();
  const stripeIds = new Map((await under.billing.rows<{ id: string; stripe_customer_id: string }>('select id, stripe_customer_id from customers')).map((row) => [row.stripe_customer_id, row.id]));
  for await (const event of under.stripe.events.list({ limit: 100 })) {
    const stripeCustomerId = readListedEvent(event)?.stripeCustomerId ?? null;
    const customerId = stripeIds.get(stripeCustomerId ?? '');
    if (customerId !== undefined && HEARD_EVENT_TYPES.includes(event.type)) bodies.set(customerId, [...(bodies.get(customerId) ?? []), JSON.stringify(event)]);
  }
  const recorded: Recorded[] = [];
  await forget();
  await under.running.runScheduled();
  for (const customerId of customers) {
    const ofCustomer = bodies.get(customerId) ?? [];
    await Promise.all(ofCustomer.map(send));
    await untilQuiet();
    recorded.push({ customerId, bodies: ofCustomer, truth: await stateOf(customerId) });
  }
  return recorded;
}

async function send(body: string): Promise<void> {
  await under.receive(body, { 'stripe-signature': signatureOf(body, SECRET, Math.floor(under.clock.now().getTime() / 1000)) });
}

describe('whatever the network does to webhooks', () => {
  it(`the end state is Stripe's: ${SHUFFLES} shuffles, twice, late, with 30 % lost`, async () => {
    const recorded = await record();
    const statuses = recorded.map(({ truth }) => (truth as { subscription: { status: string }[] }).subscription[0]?.status);
    expect(statuses.toSorted()).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'CANCELED', 'PAST_DUE']);
    expect(recorded.map(({ bodies }) => bodies.length).every((count) => count > 0)).toBe(true);
    const deliveries = fc.sample(fc.tuple(...recorded.map(({ bodies }) => fc.shuffledSubarray([...bodies, ...bodies], { minLength: 0, maxLength: Math.ceil(bodies.length * 1.4) }))), { numRuns: Math.ceil(SHUFFLES / recorded.length), seed: 20_261_121 });
    for (const round of deliveries) {
      await forget();
      await Promise.all(round.map(async (bodies) => {
        for (const body of bodies) await send(body);
      }));
      // What was lost is found by the sweep.
      await under.running.runScheduled();
      await untilQuiet();
      for (const { customerId, truth } of recorded) expect(await stateOf(customerId), `after ${JSON.stringify(round.map((bodies) => bodies.length))}`).toEqual(truth);
    }
    expect(deliveries.length * recorded.length).toBeGreaterThanOrEqual(SHUFFLES);
  }, 600_000);
});

describe('an event', () => {
  it('that cannot be handled ends FAILED with what was wrong, disturbs nobody, and is handled when it is replayed', async () => {
    await under.simulate('/_sim/chaos', { drop: 0 });
    const customerId = await under.customerAfterTrial();
    await under.billing.rows(`create function refuse() returns trigger language plpgsql as $$ begin if new.customer_id = '${customerId}' and new.stripe_subscription_id is not null then raise exception 'not today'; end if; return new; end $$`);
    await under.billing.rows('create trigger refuse before update on subscriptions for each row execute function refuse()');
    await under.buy(customerId, 'STARTER');
    const other = await under.customerAfterTrial();
    await under.buy(other, 'STARTER');
    await waitFor(async () => expect((await under.subscription(other)).status).toBe('ACTIVE'));
    const [waiting] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
    const events = (): Promise<{ id: string; status: string; error: string | null }[]> => under.billing.rows("select id, status, error from webhook_events where stripe_customer_id = $1 and type = 'customer.subscription.created'", [waiting?.stripe_customer_id]);
    await waitFor(async () => {
      await under.simulate('/_sim/time', { seconds: 20 });
      expect(await events()).toMatchObject([{ status: 'FAILED', error: expect.stringContaining('not today') as string }]);
    }, { timeout: 60_000, interval: 100 });
    await under.billing.rows('drop trigger refuse on subscriptions');
    const [failed] = await events();
    await done('replayWebhookEvent', { id: failed?.id });
    await waitFor(async () => expect(await events()).toMatchObject([{ status: 'HANDLED', error: null }]));
    expect((await under.subscription(customerId)).status).toBe('ACTIVE');
  }, 120_000);
});
