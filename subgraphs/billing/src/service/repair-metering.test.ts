import { ADMIN } from '@iotistic/testkit/billing';
import { causesOf, type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let under: MeteringUnderTest;

beforeAll(async () => {
  under = await startMetering();
});
afterEach(() => under.fault({ count: 0 }));
afterAll(() => under.close());

describe('what is wrong is named, and repaired once', () => {
  it('somebody else’s event', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    under.clock.advance({ minutes: 6 });
    await under.sendForeign(customerId, 'DEVICES', 40);
    await under.sendForeign(customerId, 'STORAGE_BYTES', 7);
    const found = await under.reconcile(customerId);
    expect(causesOf(found)).toEqual({ DEVICES: 'STRIPE_HAS_MORE', MQTT_MESSAGES: null, STORAGE_BYTES: 'STRIPE_HAS_MORE' });
    expect(found.meters[0]).toMatchObject({ reported: 25, sent: 25, stripe: 40, explanation: 'Stripe has 40 and was told 25: somebody else sends events for this customer, or a correction was lost.' });
    const { repaired, reconciliation } = await under.repair(customerId);
    expect(repaired).toEqual(['DEVICES', 'STORAGE_BYTES']);
    expect(reconciliation.balanced).toBe(true);
    expect((await under.repair(customerId)).repaired).toEqual([]);
    const audits = (await under.billing.published('billing.audited')).filter((entry) => entry.customerId === customerId && entry.action === 'repairMetering');
    expect(audits.map(({ detail }) => detail?.replace(/ of .*?Z/, ''))).toEqual(['DEVICES: STRIPE_HAS_MORE, Stripe had 40, is told 25', 'STORAGE_BYTES: STRIPE_HAS_MORE, Stripe had 7, is told 0']);
    // What is measured afterwards counts after it.
    await under.use(customerId, { DEVICES: 26 });
    await under.settled(customerId);
    expect((await under.reconcile(customerId)).meters[0]).toMatchObject({ reported: 26, stripe: 26 });
  });

  it('an event that Stripe took and lost', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    await under.lose(customerId, 'DEVICES');
    expect(causesOf(await under.reconcile(customerId))).toMatchObject({ DEVICES: 'WAITING' });
    expect((await under.repair(customerId)).repaired).toEqual([]);
    under.clock.advance({ minutes: 6 });
    expect(causesOf(await under.reconcile(customerId))).toMatchObject({ DEVICES: 'STRIPE_LOST' });
    expect(await under.repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect((await under.repair(customerId)).repaired).toEqual([]);
  });

  it('an event that Stripe refused afterwards, by its code', async () => {
    const customerId = await under.payingCustomer();
    const id = await under.meterId('DEVICES');
    await under.stripe.billing.meters.deactivate(id);
    await under.use(customerId, { DEVICES: 25 });
    await under.untilStatus(customerId, 'DEVICES REJECTED');
    await under.stripe.billing.meters.reactivate(id);
    const found = await under.reconcile(customerId);
    expect(found.meters[0]).toMatchObject({ cause: 'REJECTED', stripe: 0, explanation: expect.stringContaining('archived_meter') as string });
    expect(await under.repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect(await under.statuses(customerId)).toContain('DEVICES ACCEPTED');
  });

  it('a customer that was deleted at Stripe: nothing is counted there, and nothing can be told', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    await under.stripe.customers.del(await under.stripeIdOf(customerId));
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('CANCELED'));
    const found = await under.reconcile(customerId);
    expect(found.meters[0]).toMatchObject({ reported: 25, sent: 25, cause: 'NOT_AT_STRIPE', explanation: expect.stringContaining('has ended') as string });
    expect((await under.repair(customerId)).repaired).toEqual([]);
  });

  it('an event that Stripe refuses each time stays REJECTED, and is not called repaired', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 1_234_567_890_123_456 });
    await under.settled(customerId);
    expect(await under.repair(customerId)).toMatchObject({ repaired: [], reconciliation: { balanced: false } });
    expect((await under.reconcile(customerId)).meters[0]).toMatchObject({ cause: 'REJECTED', explanation: expect.stringContaining('meter_event_value_too_many_digits') as string });
  });

  it('a telling whose end nobody knows, through 26 hours without Stripe', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 20 });
    await under.settled(customerId);
    await under.fault({ status: 500, afterApply: false, count: 1_000_000 });
    await under.use(customerId, { DEVICES: 25 });
    await under.untilStatus(customerId, 'DEVICES SENDING');
    const { errors } = await under.billing.ask(ADMIN, `{ reconciliation(customerId: "${customerId}") { balanced } }`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', reason: 'STRIPE_UNAVAILABLE' });
    expect((await under.billing.ask(ADMIN, `mutation { repairMetering(input: { customerId: "${customerId}" }) { repaired } }`)).errors?.[0]?.extensions).toMatchObject({ reason: 'STRIPE_UNAVAILABLE' });
    under.clock.advance({ hours: 26 });
    // Only telling it fails now: reading shows what is not known.
    await under.fault({ status: 500, afterApply: false, count: 1_000_000, path: '/v1/billing/meter_events' });
    await waitFor(async () => expect(causesOf(await under.reconcile(customerId))).toMatchObject({ DEVICES: 'SENDING_UNKNOWN' }));
    await under.fault({ count: 0 });
    expect(await under.repair(customerId)).toMatchObject({ reconciliation: { balanced: true } });
  }, 60_000);
});

describe('the period before', () => {
  const invoiced = async (customerId: string, status: string): Promise<Record<string, number | null>> => {
    const invoice = (await under.stripe.invoices.list({ customer: await under.stripeIdOf(customerId), expand: ['data.lines'] })).data.find((each) => each.billing_reason === 'subscription_cycle' && each.status === status);
    return Object.fromEntries((invoice?.lines.data ?? []).map(({ description, quantity }) => [description ?? '', quantity]));
  };

  it.each([['at a whole minute', 0], ['within a minute', 37]])('that ended %s is repaired while its invoice is a draft, and billed so', async (_name, seconds) => {
    under.clock.advance({ seconds });
    const customerId = await under.payingCustomer();
    const first = await under.periodStart(customerId);
    await under.use(customerId, { DEVICES: 22 });
    await under.settled(customerId);
    await under.simulate('/_sim/time', { days: 29 });
    await under.use(customerId, { DEVICES: 30 });
    await under.settled(customerId);
    await under.lose(customerId, 'DEVICES');
    const [row] = await under.billing.rows<{ end: Date }>('select billing_period_ends_at as end from subscriptions where customer_id = $1', [customerId]);
    await under.simulate('/_sim/time', { to: new Date((row?.end.getTime() ?? 0) + 1_000).toISOString() });
    await waitFor(async () => expect((await under.periodStart(customerId)).getTime()).toBeGreaterThan(first.getTime()));
    // The next period has begun, in the same minute where the one before ended within it.
    await under.use(customerId, { DEVICES: 28 });
    await under.settled(customerId);
    under.clock.advance({ minutes: 6 });
    expect(await under.repair(customerId)).toMatchObject({ repaired: ['DEVICES'], reconciliation: { balanced: true } });
    expect((await under.repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select cause from reconciliations where customer_id = $1 and period_start = $2', [customerId, first])).toEqual([{ cause: null }]);
    await under.simulate('/_sim/time', { seconds: 3_600 });
    expect(Object.entries(await invoiced(customerId, 'paid')).filter(([description]) => /device/i.test(description)).map(([, quantity]) => quantity)).toEqual([20, 10]);
  }, 60_000);

  it('whose invoice is final is not told anew, nor listed: the difference is billed, or credited, beside a later invoice', async () => {
    const customerId = await under.payingCustomer();
    const first = await under.periodStart(customerId);
    await under.use(customerId, { DEVICES: 30 });
    await under.settled(customerId);
    await under.running.runScheduled();
    await under.simulate('/_sim/time', { days: 29 });
    await under.sendForeign(customerId, 'DEVICES', 50);
    await under.simulate('/_sim/time', { days: 3 });
    await waitFor(async () => expect((await under.periodStart(customerId)).getTime()).toBeGreaterThan(first.getTime()));
    await under.running.runScheduled();
    expect((await under.repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select cause, next_check_at from reconciliations where customer_id = $1 and period_start = $2', [customerId, first])).toEqual([{ cause: null, next_check_at: null }]);
    await under.simulate('/_sim/time', { seconds: 3_600 });
    expect(await under.billing.rows("select from_units, to_units from true_ups where customer_id = $1 and meter = 'DEVICES'", [customerId])).toEqual([{ from_units: '50', to_units: '30' }]);
  }, 60_000);
});
