import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import type { Caller } from '@iotistic/contracts/caller';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const OPERATOR = 'operator@vendor.example';
const FIELDS = 'customerId balanced differsSince meters { meter reported sent pending stripe cause explanation }';
const EVENTS = { DEVICES: 'device_usage', MQTT_MESSAGES: 'mqtt_messages', STORAGE_BYTES: 'storage_gb' } as const;
type Billed = keyof typeof EVENTS;

interface Meters {
  balanced: boolean;
  meters: { meter: Billed; reported: number; sent: number; pending: number; stripe: number; cause: string | null; explanation: string | null }[];
}

let under: BillingUnderTest;
let revision = 0;

beforeAll(async () => {
  under = await startUnderTest({ OPERATOR_EMAIL: OPERATOR });
});
afterEach(() => under.simulate('/_sim/faults', { count: 0 }));
afterAll(() => under.close());

async function payingCustomer(): Promise<string> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'PROFESSIONAL');
  await vi.waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), 10_000);
  return customerId;
}

const statuses = async (customerId: string): Promise<string[]> => (await under.billing.rows<{ status: string }>("select meter || ' ' || status as status from metered_quantities where customer_id = $1 order by meter, period_start", [customerId])).map(({ status }) => status);

/** What the customer's meters stand at in its present period. */
async function use(customerId: string, quantities: { DEVICES: number; MQTT_MESSAGES?: number; STORAGE_BYTES?: number }): Promise<void> {
  revision += 1;
  const [row] = await under.billing.rows<{ current_period_start: Date; billing_period_ends_at: Date }>('select current_period_start, billing_period_ends_at from subscriptions where customer_id = $1', [customerId]);
  await under.billing.tell('usage.recorded', { customerId, periodStart: row?.current_period_start.toISOString() ?? '', periodEnd: row?.billing_period_ends_at.toISOString() ?? '', quantities: { MQTT_MESSAGES: 0, STORAGE_BYTES: 0, MQTT_BYTES: 0, HTTP_BYTES: 0, API_CALLS: 0, ...quantities }, revision, at: under.clock.now().toISOString() });
}

/** Until its push is done, however it ended. */
const settled = (customerId: string): Promise<void> => vi.waitFor(async () => expect((await statuses(customerId)).filter((status) => status.endsWith('PENDING') || status.endsWith('SENDING'))).toEqual([]), { timeout: 10_000, interval: 20 });

const reconcile = async (customerId: string, caller: Caller = ADMIN): Promise<Meters> => (await under.billing.read<{ reconciliation: Meters }>(caller, `query ($id: ID!) { reconciliation(customerId: $id) { ${FIELDS} } }`, { id: customerId })).reconciliation;

async function repair(customerId: string): Promise<{ reconciliation: Meters; repaired: string[] }> {
  return (await under.billing.read<{ repairMetering: { reconciliation: Meters; repaired: string[] } }>(ADMIN, `mutation ($id: ID!) { repairMetering(input: { customerId: $id }) { repaired reconciliation { ${FIELDS} } } }`, { id: customerId })).repairMetering;
}

const causes = ({ meters }: Meters): Record<string, string | null> => Object.fromEntries(meters.map(({ meter, cause }) => [meter, cause]));

async function stripeIdOf(customerId: string): Promise<string> {
  return (await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]))[0]?.stripe_customer_id ?? '';
}

/** As somebody else, by hand or another program. */
async function sendForeign(customerId: string, meter: Billed, value: number, offsetSeconds = 0): Promise<void> {
  await under.stripe.billing.meterEvents.create({ event_name: EVENTS[meter], payload: { stripe_customer_id: await stripeIdOf(customerId), value: String(value) }, timestamp: Math.floor(under.clock.now().getTime() / 1000) + offsetSeconds });
}

/** Stripe forgets the event that it took last. */
async function lose(customerId: string, meter: Billed): Promise<void> {
  const [row] = await under.billing.rows<{ identifier: string | null }>('select identifier from metered_quantities where customer_id = $1 and meter = $2 order by period_start desc limit 1', [customerId, meter]);
  if (row?.identifier === undefined || row.identifier === null) return;
  await under.stripe.billing.meterEventAdjustments.create({ event_name: EVENTS[meter], type: 'cancel', cancel: { identifier: row.identifier } }).catch(() => undefined);
}

async function meterId(meter: Billed): Promise<string> {
  const found = (await under.stripe.billing.meters.list({ limit: 100 })).data.find((each) => each.event_name === EVENTS[meter]);
  return found?.id ?? '';
}

const fault = (body: Record<string, unknown>): Promise<unknown> => under.simulate('/_sim/faults', body);

describe('while nothing goes wrong', () => {
  it('both sides agree, in billed units, and what Stripe is seen to count is ACCEPTED', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 25, MQTT_MESSAGES: 1_500_000, STORAGE_BYTES: 3_500_000_000 });
    await settled(customerId);
    expect(await statuses(customerId)).toEqual(['DEVICES SENT', 'MQTT_MESSAGES SENT', 'STORAGE_BYTES SENT']);
    const found = await reconcile(customerId);
    expect(found).toMatchObject({ customerId, balanced: true, differsSince: null });
    expect(found.meters).toEqual([
      { meter: 'DEVICES', reported: 25, sent: 25, pending: 0, stripe: 25, cause: null, explanation: null },
      { meter: 'MQTT_MESSAGES', reported: 1_500, sent: 1_500, pending: 0, stripe: 1_500, cause: null, explanation: null },
      { meter: 'STORAGE_BYTES', reported: 4, sent: 4, pending: 0, stripe: 4, cause: null, explanation: null },
    ]);
    expect(await statuses(customerId)).toEqual(['DEVICES ACCEPTED', 'MQTT_MESSAGES ACCEPTED', 'STORAGE_BYTES ACCEPTED']);
    expect((await repair(customerId)).repaired).toEqual([]);
    await use(customerId, { DEVICES: 26, MQTT_MESSAGES: 1_500_001, STORAGE_BYTES: 3_500_000_000 });
    await settled(customerId);
    expect(await statuses(customerId)).toEqual(['DEVICES SENT', 'MQTT_MESSAGES SENT', 'STORAGE_BYTES SENT']);
    under.clock.advance({ minutes: 1 });
    await under.running.runScheduled();
    expect(await statuses(customerId)).toEqual(['DEVICES ACCEPTED', 'MQTT_MESSAGES ACCEPTED', 'STORAGE_BYTES ACCEPTED']);
  });

  it('a trial has nothing at Stripe, and that is no difference that anybody must look at', async () => {
    const customerId = await under.customerAfterTrial();
    await use(customerId, { DEVICES: 3 });
    const found = await reconcile(customerId);
    expect(found.balanced).toBe(false);
    expect(causes(found)).toEqual({ DEVICES: 'NOT_AT_STRIPE', MQTT_MESSAGES: null, STORAGE_BYTES: null });
    expect(found.meters[0]).toMatchObject({ reported: 3, sent: 0, pending: 3, stripe: 0 });
    expect((await repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select 1 from reconciliations where customer_id = $1', [customerId])).toEqual([]);
  });
});

describe('who may see it', () => {
  it('the operator and the customer’s own people; the list and the repair are the operator’s', async () => {
    const customerId = await payingCustomer();
    const own: Caller = { kind: 'user', userId: 'user_1', customerId, sessionId: 'sess_1' };
    expect((await reconcile(customerId, own)).balanced).toBe(true);
    const reason = async (caller: Caller, query: string): Promise<unknown> => (await under.billing.ask(caller, query)).errors?.[0]?.extensions?.['reason'];
    const one = `{ reconciliation(customerId: "${customerId}") { balanced } }`;
    expect(await reason({ kind: 'user', userId: 'user_2', customerId: 'cust_other', sessionId: 'sess_2' }, one)).toBe('CUSTOMER_NOT_FOUND');
    expect(await reason({ kind: 'anonymous' }, one)).toBe('CREDENTIAL_REQUIRED');
    expect(await reason(own, '{ reconciliationDifferences { edges { cursor } } }')).toBe('ADMIN_ONLY');
    expect(await reason(own, `mutation { repairMetering(input: { customerId: "${customerId}" }) { repaired } }`)).toBe('ADMIN_ONLY');
    expect(await reason(ADMIN, '{ reconciliation(customerId: "cust_nobody") { balanced } }')).toBe('CUSTOMER_NOT_FOUND');
  });
});

describe('what is wrong is named, and repaired once', () => {
  it('somebody else’s event', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 25 });
    await settled(customerId);
    under.clock.advance({ minutes: 6 });
    await sendForeign(customerId, 'DEVICES', 40);
    await sendForeign(customerId, 'STORAGE_BYTES', 7);
    const found = await reconcile(customerId);
    expect(causes(found)).toEqual({ DEVICES: 'STRIPE_HAS_MORE', MQTT_MESSAGES: null, STORAGE_BYTES: 'STRIPE_HAS_MORE' });
    expect(found.meters[0]).toMatchObject({ reported: 25, sent: 25, stripe: 40, explanation: 'Stripe has 40 and was told 25: somebody else sends events for this customer, or a correction was lost.' });
    const { repaired, reconciliation } = await repair(customerId);
    expect(repaired).toEqual(['DEVICES', 'STORAGE_BYTES']);
    expect(reconciliation.balanced).toBe(true);
    expect((await repair(customerId)).repaired).toEqual([]);
    const audits = (await under.billing.published('billing.audited')).filter((entry) => entry.customerId === customerId && entry.action === 'repairMetering');
    expect(audits.map(({ detail }) => detail?.replace(/ of .*?Z/, ''))).toEqual(['DEVICES: STRIPE_HAS_MORE, Stripe had 40, is told 25', 'STORAGE_BYTES: STRIPE_HAS_MORE, Stripe had 7, is told 0']);
    // What is measured afterwards counts after it.
    await use(customerId, { DEVICES: 26 });
    await settled(customerId);
    expect((await reconcile(customerId)).meters[0]).toMatchObject({ reported: 26, stripe: 26 });
  });

  it('an event that Stripe took and lost', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 25 });
    await settled(customerId);
    await lose(customerId, 'DEVICES');
    expect(causes(await reconcile(customerId))).toMatchObject({ DEVICES: 'WAITING' });
    expect((await repair(customerId)).repaired).toEqual([]);
    under.clock.advance({ minutes: 6 });
    expect(causes(await reconcile(customerId))).toMatchObject({ DEVICES: 'STRIPE_LOST' });
    expect(await repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect((await repair(customerId)).repaired).toEqual([]);
  });

  it('an event that Stripe refused afterwards, by its code', async () => {
    const customerId = await payingCustomer();
    const id = await meterId('DEVICES');
    await under.stripe.billing.meters.deactivate(id);
    await use(customerId, { DEVICES: 25 });
    await vi.waitFor(async () => expect(await statuses(customerId)).toContain('DEVICES REJECTED'), { timeout: 10_000, interval: 20 });
    await under.stripe.billing.meters.reactivate(id);
    const found = await reconcile(customerId);
    expect(found.meters[0]).toMatchObject({ cause: 'REJECTED', stripe: 0, explanation: expect.stringContaining('archived_meter') as string });
    expect(await repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect(await statuses(customerId)).toContain('DEVICES ACCEPTED');
  });

  it('an event that Stripe refuses each time stays REJECTED, and is not called repaired', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 1_234_567_890_123_456 });
    await settled(customerId);
    expect(await repair(customerId)).toMatchObject({ repaired: [], reconciliation: { balanced: false } });
    expect((await reconcile(customerId)).meters[0]).toMatchObject({ cause: 'REJECTED', explanation: expect.stringContaining('meter_event_value_too_many_digits') as string });
  });

  it('a telling whose end nobody knows, through 26 hours without Stripe', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 20 });
    await settled(customerId);
    await fault({ status: 500, afterApply: false, count: 1_000_000 });
    await use(customerId, { DEVICES: 25 });
    await vi.waitFor(async () => expect(await statuses(customerId)).toContain('DEVICES SENDING'), { timeout: 10_000, interval: 20 });
    const { errors } = await under.billing.ask(ADMIN, `{ reconciliation(customerId: "${customerId}") { balanced } }`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', reason: 'STRIPE_UNAVAILABLE' });
    expect((await under.billing.ask(ADMIN, `mutation { repairMetering(input: { customerId: "${customerId}" }) { repaired } }`)).errors?.[0]?.extensions).toMatchObject({ reason: 'STRIPE_UNAVAILABLE' });
    under.clock.advance({ hours: 26 });
    // Only telling it fails now: reading shows what is not known.
    await fault({ status: 500, afterApply: false, count: 1_000_000, path: '/v1/billing/meter_events' });
    await vi.waitFor(async () => expect(causes(await reconcile(customerId))).toMatchObject({ DEVICES: 'SENDING_UNKNOWN' }), { timeout: 5_000, interval: 50 });
    await fault({ count: 0 });
    expect(await repair(customerId)).toMatchObject({ reconciliation: { balanced: true } });
  }, 30_000);
});

describe('the period before', () => {
  const invoiced = async (customerId: string, status: string): Promise<Record<string, number | null>> => {
    const invoice = (await under.stripe.invoices.list({ customer: await stripeIdOf(customerId), expand: ['data.lines'] })).data.find((each) => each.billing_reason === 'subscription_cycle' && each.status === status);
    return Object.fromEntries((invoice?.lines.data ?? []).map(({ description, quantity }) => [description ?? '', quantity]));
  };
  const start = async (customerId: string): Promise<Date> => (await under.billing.rows<{ start: Date }>('select current_period_start as start from subscriptions where customer_id = $1', [customerId]))[0]?.start ?? new Date(0);

  it.each([['at a whole minute', 0], ['within a minute', 37]])('that ended %s is repaired while its invoice is a draft, and billed so', async (_name, seconds) => {
    under.clock.advance({ seconds });
    const customerId = await payingCustomer();
    const first = await start(customerId);
    await use(customerId, { DEVICES: 22 });
    await settled(customerId);
    await under.simulate('/_sim/time', { days: 29 });
    await use(customerId, { DEVICES: 30 });
    await settled(customerId);
    await lose(customerId, 'DEVICES');
    const [row] = await under.billing.rows<{ end: Date }>('select billing_period_ends_at as end from subscriptions where customer_id = $1', [customerId]);
    await under.simulate('/_sim/time', { to: new Date((row?.end.getTime() ?? 0) + 1_000).toISOString() });
    await vi.waitFor(async () => expect((await start(customerId)).getTime()).toBeGreaterThan(first.getTime()), { timeout: 10_000, interval: 20 });
    // The next period has begun, in the same minute where the one before ended within it.
    await use(customerId, { DEVICES: 28 });
    await settled(customerId);
    under.clock.advance({ minutes: 6 });
    expect(await repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect((await repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select cause from reconciliations where customer_id = $1 and period_start = $2', [customerId, first])).toEqual([{ cause: null }]);
    expect(await under.billing.rows('select meter, from_units::int, to_units::int, amount::int, status from true_ups where customer_id = $1', [customerId])).toEqual([{ meter: 'DEVICES', from_units: 50, to_units: 30, amount: -8_000, status: 'SENT' }]);
    await under.simulate('/_sim/time', { seconds: 3_600 });
    expect(Object.entries(await invoiced(customerId, 'paid')).filter(([description]) => /device/i.test(description)).map(([, quantity]) => quantity)).toEqual([20, 10]);
  }, 30_000);

  it('whose invoice is closed is no matter of the meter any more: what it billed too much is credited, and it leaves the list', async () => {
    const customerId = await payingCustomer();
    const first = await start(customerId);
    await use(customerId, { DEVICES: 30 });
    await settled(customerId);
    await under.running.runScheduled();
    await under.simulate('/_sim/time', { days: 29 });
    await sendForeign(customerId, 'DEVICES', 50);
    await under.simulate('/_sim/time', { days: 3 });
    await vi.waitFor(async () => expect((await start(customerId)).getTime()).toBeGreaterThan(first.getTime()), { timeout: 10_000, interval: 20 });
    await under.running.runScheduled();
    expect((await repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select cause from reconciliations where customer_id = $1 and period_start = $2', [customerId, first])).toEqual([{ cause: 'STRIPE_HAS_MORE' }]);
  }, 30_000);
});

describe('what lasts', () => {
  it('is listed, counted, shown as a metric and mailed to the operator once, and leaves the list when it is repaired', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 25 });
    await settled(customerId);
    const listed = async (): Promise<{ customerId: string; differsSince: string }[]> => (await under.billing.read<{ reconciliationDifferences: { edges: { node: { customerId: string; differsSince: string } }[] } }>(ADMIN, `{ reconciliationDifferences(first: 50) { edges { node { ${FIELDS} } } pageInfo { hasNextPage } } }`)).reconciliationDifferences.edges.map(({ node }) => node);
    const counted = async (): Promise<number> => (await under.billing.read<{ billingOverview: { meteringDifferences: number } }>(ADMIN, '{ billingOverview { meteringDifferences } }')).billingOverview.meteringDifferences;
    under.clock.advance({ minutes: 1 });
    await under.running.runScheduled();
    const before = await counted();
    expect((await listed()).map((node) => node.customerId)).not.toContain(customerId);
    await sendForeign(customerId, 'DEVICES', 99);
    under.clock.advance({ hours: 25 });
    await under.running.runScheduled();
    const since = under.clock.now().toISOString();
    expect((await listed())[0]).toMatchObject({ customerId, differsSince: since });
    expect(await counted()).toBe(before + 1);
    expect(await under.billing.platform.metrics.text()).toMatch(/iotistic_billing_reconciliation_differences\{cause="STRIPE_HAS_MORE"\} [1-9]/);
    for (let hour = 0; hour < 3; hour += 1) {
      under.clock.advance({ hours: 1 });
      await under.running.runScheduled();
    }
    expect((await listed()).find((node) => node.customerId === customerId)).toMatchObject({ differsSince: since });
    const mails = await under.billing.rows<{ recipient: string; text_body: string }>("select recipient, text_body from mails where key like $1", [`metering_difference:${customerId}:%`]);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ recipient: OPERATOR, text_body: expect.stringContaining('DEVICES: reported 25, at Stripe 99.') as string });
    await repair(customerId);
    expect((await listed()).map((node) => node.customerId)).not.toContain(customerId);
    expect(await counted()).toBe(before);
  }, 30_000);
});

type Fault = (customerId: string) => Promise<void>;
const meters = fc.constantFrom<Billed>('DEVICES', 'MQTT_MESSAGES', 'STORAGE_BYTES');
const amounts = fc.nat(60);
const faults: fc.Arbitrary<{ name: string; run: Fault }> = fc.oneof(
  fc.tuple(meters, amounts, fc.integer({ min: -3_000, max: 299 })).map(([meter, value, offset]) => ({ name: `foreign ${meter} ${value} ${offset}s`, run: (id: string) => sendForeign(id, meter, value, offset).catch(() => undefined) })),
  meters.map((meter) => ({ name: `lost ${meter}`, run: (id: string) => lose(id, meter) })),
  fc.tuple(amounts, amounts, amounts).map(([devices, thousands, gigabytes]) => ({ name: `used ${devices} ${thousands} ${gigabytes}`, run: (id: string) => use(id, { DEVICES: devices, MQTT_MESSAGES: thousands * 1_000, STORAGE_BYTES: gigabytes * 1_000_000_000 }) })),
  fc.tuple(amounts, fc.constantFrom({ status: 500, afterApply: true }, { status: 500, afterApply: false }, { cut: true }, { status: 429 }), fc.integer({ min: 1, max: 12 })).map(([devices, body, count]) => ({
    name: `used ${devices} while ${JSON.stringify(body)} ×${count}`,
    run: async (id: string) => {
      await fault({ ...body, count, path: '/v1/billing/meter_events' });
      await use(id, { DEVICES: devices });
    },
  })),
  fc.tuple(meters, amounts).map(([meter, devices]) => ({
    name: `used ${devices} while ${meter} is archived`,
    run: async (id: string) => {
      const archived = await meterId(meter);
      await under.stripe.billing.meters.deactivate(archived);
      await use(id, { DEVICES: devices, STORAGE_BYTES: devices * 1_000_000_000 });
      await settled(id).catch(() => undefined);
      await under.stripe.billing.meters.reactivate(archived);
    },
  })),
  fc.integer({ min: 1, max: 50 }).map((minutes) => ({ name: `${minutes} min pass`, run: () => Promise.resolve(void under.clock.advance({ minutes })) })),
  fc.constant({ name: 'repaired meanwhile', run: async (id: string) => void (await under.billing.ask(ADMIN, `mutation { repairMetering(input: { customerId: "${id}" }) { repaired } }`)) }),
);

describe('repair', () => {
  it('beside pushes, and beside itself, leaves what was measured last', async () => {
    const customerId = await payingCustomer();
    await use(customerId, { DEVICES: 1 });
    await settled(customerId);
    for (let devices = 2; devices <= 8; devices += 1) {
      under.clock.advance({ minutes: 6 });
      await sendForeign(customerId, 'DEVICES', 90 + devices);
      await Promise.all([repair(customerId), use(customerId, { DEVICES: devices }), repair(customerId)]);
      await settled(customerId);
      expect((await reconcile(customerId)).meters[0]).toMatchObject({ reported: devices, sent: devices, stripe: devices });
    }
  }, 30_000);

  it('after any combination of faults, leaves both sides agreeing, and a second one nothing to do', async () => {
    const customerId = await payingCustomer();
    under.clock.advance({ hours: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(faults, { minLength: 1, maxLength: 6 }), async (happened) => {
        for (const { run } of happened) await run(customerId);
        await fault({ count: 0 });
        under.clock.advance({ minutes: 6 });
        const first = await repair(customerId);
        expect(first.reconciliation.meters.filter(({ cause }) => cause !== null && cause !== 'WAITING')).toEqual([]);
        // What was on its way, and is told by the repair, is given its minutes to be counted.
        under.clock.advance({ minutes: 6 });
        const second = first.reconciliation.balanced ? first : await repair(customerId);
        expect(second.reconciliation.meters.filter(({ cause }) => cause !== null)).toEqual([]);
        expect((await repair(customerId)).repaired).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);
});
