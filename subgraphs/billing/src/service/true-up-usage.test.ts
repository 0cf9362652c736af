import type { Caller } from '@iotistic/contracts/caller';
import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
const LINES = 'invoices(first: 20) { edges { node { status lines { description quantity amount { amount } meter usage { meter periodStart billedUnits unit trueUps { toUnits invoiceId } } trueUp { id fromUnits toUnits amount { amount } status } } } } }';

interface Line {
  description: string;
  quantity: number;
  amount: { amount: number };
  meter: string | null;
  usage: { meter: string; periodStart: string; billedUnits: number | null; unit: string; trueUps: { toUnits: number; invoiceId: string | null }[] } | null;
  trueUp: { id: string; fromUnits: number; toUnits: number; amount: { amount: number }; status: string } | null;
}
interface Period {
  start: Date;
  end: Date;
}

let under: BillingUnderTest;
let revision = 0;

beforeAll(async () => {
  under = await startUnderTest();
});
afterEach(() => under.simulate('/_sim/faults', { count: 0 }));
afterAll(() => under.close());

const pass = (time: { days?: number; seconds?: number }): Promise<unknown> => under.simulate('/_sim/time', time);

async function payingCustomer(): Promise<string> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'PROFESSIONAL');
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), { timeout: 40_000 });
  return customerId;
}

async function periodOf(customerId: string): Promise<Period> {
  const [row] = await under.billing.rows<Period>('select current_period_start as start, billing_period_ends_at as end from subscriptions where customer_id = $1', [customerId]);
  return row as Period;
}

/** What usage says of a period, now. */
async function measured(customerId: string, { start, end }: Period, quantities: { DEVICES: number; MQTT_MESSAGES?: number }): Promise<void> {
  revision += 1;
  const payload: EventPayload<'usage.recorded'> = { customerId, periodStart: start.toISOString(), periodEnd: end.toISOString(), quantities: { MQTT_MESSAGES: 0, MQTT_BYTES: 0, HTTP_BYTES: 0, API_CALLS: 0, STORAGE_BYTES: 0, ...quantities }, revision, at: under.clock.now().toISOString() };
  await under.billing.tell('usage.recorded', payload);
}

const statusOf = async (customerId: string, start: Date, meter = 'DEVICES'): Promise<string | undefined> =>
  (await under.billing.rows<{ status: string }>('select status from metered_quantities where customer_id = $1 and period_start = $2 and meter = $3', [customerId, start, meter]))[0]?.status;

/** The period's end, and the hour that its invoice is a draft. */
async function passPeriod(customerId: string, time: { days?: number; seconds?: number } = { days: 32 }): Promise<void> {
  const { start } = await periodOf(customerId);
  await pass(time);
  await waitFor(async () => expect((await periodOf(customerId)).start.getTime()).toBeGreaterThan(start.getTime()), { timeout: 40_000 });
  await pass({ seconds: 2 * 3_600 });
  await waitFor(async () => expect(await invoiced(customerId)).toContain(start.toISOString()), { timeout: 40_000 });
}

const invoiced = async (customerId: string): Promise<string[]> => (await under.billing.published('period.invoiced')).filter((period) => period.customerId === customerId && period.isBilled !== false).map(({ periodStart }) => periodStart);

/** Long enough that nothing more of the same is expected. */
async function passQuiet(): Promise<void> {
  await pass({ seconds: 1_000 });
  await under.running.runScheduled();
}

async function linesOf(customerId: string, caller: Caller = ADMIN): Promise<Line[]> {
  const customer = await under.billing.entity<{ invoices: { edges: { node: { status: string; lines: Line[] } }[] } }>(caller, { __typename: 'Customer', id: customerId }, LINES);
  return (customer?.invoices.edges ?? []).flatMap(({ node }) => node.lines);
}

const trueUpsOf = (customerId: string): Promise<{ meter: string; from: number; to: number; amount: number; status: string }[]> => under.billing.rows('select meter, from_units::int as "from", to_units::int as "to", amount::int, status from true_ups where customer_id = $1 order by created_at, meter', [customerId]);

describe('usage that is known after its invoice', () => {
  it('is billed with the next one, named there, at the prices of its own period; the units of all lines are what was used', async () => {
    const customerId = await payingCustomer();
    const period = await periodOf(customerId);
    await measured(customerId, period, { DEVICES: 22, MQTT_MESSAGES: 900_000 });
    await waitFor(async () => expect(await statusOf(customerId, period.start)).toBe('SENT'), { timeout: 40_000 });
    await passPeriod(customerId);
    // 18 of 20 were free, the 900 thousand messages lay within a million.
    await measured(customerId, period, { DEVICES: 25, MQTT_MESSAGES: 1_050_000 });
    await under.running.runScheduled();
    expect(await trueUpsOf(customerId)).toEqual([]);
    await passQuiet();
    expect(await trueUpsOf(customerId)).toEqual([{ meter: 'DEVICES', from: 22, to: 25, amount: 1_200, status: 'SENT' }, { meter: 'MQTT_MESSAGES', from: 900, to: 1_050, amount: 500, status: 'SENT' }]);
    await passPeriod(customerId);
    const lines = (await linesOf(customerId)).filter(({ usage }) => usage?.periodStart === period.start.toISOString());
    const late = lines.filter(({ trueUp }) => trueUp !== null);
    expect(late.map(({ amount, meter, trueUp }) => [meter, amount.amount, trueUp?.fromUnits, trueUp?.toUnits])).toEqual(expect.arrayContaining([['DEVICES', 1_200, 22, 25], ['MQTT_MESSAGES', 500, 900, 1_050]]));
    expect(late.find(({ meter }) => meter === 'DEVICES')?.description).toMatch(/known after its invoice: 25 × device instead of 22/);
    for (const [meter, units] of [['DEVICES', 25], ['MQTT_MESSAGES', 1_050]] as const) {
      const counted = lines.filter((line) => line.meter === meter && line.trueUp === null).reduce((sum, { quantity }) => sum + quantity, 0);
      const added = late.filter((line) => line.meter === meter).reduce((sum, { trueUp }) => sum + (trueUp?.toUnits ?? 0) - (trueUp?.fromUnits ?? 0), 0);
      expect([meter, counted + added]).toEqual([meter, units]);
      expect(lines.find((line) => line.meter === meter)?.usage).toMatchObject({ billedUnits: counted, trueUps: [{ toUnits: units, invoiceId: expect.stringMatching(/^invc_/) as string }] });
    }
  }, 90_000);

  it('is credited where it became less, and costs nothing within what the plan includes', async () => {
    const customerId = await payingCustomer();
    const period = await periodOf(customerId);
    await measured(customerId, period, { DEVICES: 30, MQTT_MESSAGES: 100_000 });
    await waitFor(async () => expect(await statusOf(customerId, period.start)).toBe('SENT'), { timeout: 40_000 });
    await passPeriod(customerId);
    await measured(customerId, period, { DEVICES: 21, MQTT_MESSAGES: 300_000 });
    await passQuiet();
    expect(await trueUpsOf(customerId)).toEqual([{ meter: 'DEVICES', from: 30, to: 21, amount: -3_600, status: 'SENT' }, { meter: 'MQTT_MESSAGES', from: 100, to: 300, amount: 0, status: 'FREE' }]);
    await measured(customerId, period, { DEVICES: 24, MQTT_MESSAGES: 300_000 });
    await passQuiet();
    expect((await trueUpsOf(customerId)).filter(({ meter }) => meter === 'DEVICES').map(({ from, to, amount }) => [from, to, amount])).toEqual([[30, 21, -3_600], [21, 24, 1_200]]);
    const { upcomingInvoice } = (await under.billing.entity<{ upcomingInvoice: { total: { amount: number }; computedTotal: { amount: number } } }>(ADMIN, { __typename: 'Customer', id: customerId }, 'upcomingInvoice { total { amount } computedTotal { amount } }')) as { upcomingInvoice: { total: { amount: number }; computedTotal: { amount: number } } };
    expect(upcomingInvoice).toEqual({ total: { amount: 9_900 - 2_400 }, computedTotal: { amount: 9_900 - 2_400 } });
  }, 90_000);

  it('is all of it where Stripe was away from before the period’s end until after its invoice', async () => {
    const customerId = await payingCustomer();
    const period = await periodOf(customerId);
    await pass({ seconds: Math.floor((period.end.getTime() - under.clock.now().getTime()) / 1000) - 60 });
    await under.simulate('/_sim/faults', { status: 503, path: '/v1/billing/meter_events', count: 1_000_000 });
    await measured(customerId, period, { DEVICES: 27 });
    await passPeriod(customerId, { seconds: 120 });
    await under.simulate('/_sim/faults', { count: 0 });
    await passQuiet();
    await waitFor(async () => expect(await trueUpsOf(customerId)).toEqual([{ meter: 'DEVICES', from: 0, to: 27, amount: 2_800, status: 'SENT' }]), { timeout: 40_000 });
    expect(await statusOf(customerId, period.start)).toBe('SENT');
  }, 90_000);

  it('is told to Stripe once, though its answers are lost', async () => {
    const customerId = await payingCustomer();
    const period = await periodOf(customerId);
    await passPeriod(customerId);
    await measured(customerId, period, { DEVICES: 23 });
    await under.simulate('/_sim/faults', { cut: true, path: '/v1/invoiceitems', count: 3 });
    await passQuiet();
    // A day later Stripe does not know the key of the first try any more.
    await pass({ seconds: 26 * 3_600 });
    await under.simulate('/_sim/faults', { count: 0 });
    await passQuiet();
    await waitFor(async () => expect(await trueUpsOf(customerId)).toEqual([{ meter: 'DEVICES', from: 0, to: 23, amount: 1_200, status: 'SENT' }]), { timeout: 40_000 });
    const [row] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
    const items = (await under.stripe.invoiceItems.list({ customer: row?.stripe_customer_id ?? '', limit: 100 })).data;
    expect(items.map(({ amount }) => amount)).toEqual([1_200]);
  }, 90_000);

  it('of a canceled subscription comes on an invoice of its own', async () => {
    const customerId = await payingCustomer();
    const period = await periodOf(customerId);
    await measured(customerId, period, { DEVICES: 22 });
    await waitFor(async () => expect(await statusOf(customerId, period.start)).toBe('SENT'), { timeout: 40_000 });
    await pass({ days: 1 });
    expect((await under.mutate('cancelSubscription', { customerId, atPeriodEnd: false })).reason).toBeNull();
    await pass({ seconds: 2 * 3_600 });
    await waitFor(async () => expect(await invoiced(customerId)).toContain(period.start.toISOString()), { timeout: 40_000 });
    await measured(customerId, { ...period, end: under.clock.now() }, { DEVICES: 26 });
    await passQuiet();
    await waitFor(async () => expect(await trueUpsOf(customerId)).toEqual([{ meter: 'DEVICES', from: 22, to: 26, amount: 1_600, status: 'SENT' }]), { timeout: 40_000 });
    await pass({ seconds: 2 * 3_600 });
    await waitFor(async () => expect((await linesOf(customerId)).filter(({ trueUp }) => trueUp !== null).map(({ amount }) => amount.amount)).toEqual([1_600]), { timeout: 40_000 });
  }, 90_000);

  it('of a trial is billed by nobody', async () => {
    const customerId = newId('cust');
    const at = under.clock.now().toISOString();
    await under.billing.tell('customer.signed_up', { customerId, email: `${customerId}@example.com`, companyName: 'Acme', fullName: null, createdAt: at, updatedAt: at });
    await under.buy(customerId, 'PROFESSIONAL');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('TRIALING'), { timeout: 40_000 });
    const trial = await periodOf(customerId);
    await measured(customerId, trial, { DEVICES: 40 });
    await pass({ days: 16 });
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), { timeout: 40_000 });
    await measured(customerId, trial, { DEVICES: 45 });
    await passQuiet();
    await waitFor(async () => expect(await statusOf(customerId, trial.start)).toBe('UNBILLED'), { timeout: 40_000 });
    expect([await trueUpsOf(customerId), (await invoiced(customerId)).includes(trial.start.toISOString())]).toEqual([[], false]);
  }, 90_000);
});
