import type { Caller } from '@iotistic/contracts/caller';
import { currentPeriod } from '@iotistic/contracts/usage-period';

import { ADMIN, type BillingUnderTest, startUnderTest } from './billing.ts';
import { waitFor } from './wait.ts';

const FIELDS = 'customerId balanced differsSince meters { meter reported sent pending stripe cause explanation }';
const EVENTS = { DEVICES: 'device_usage', MQTT_MESSAGES: 'mqtt_messages', STORAGE_BYTES: 'storage_gb' } as const;

export type BilledMeter = keyof typeof EVENTS;

export interface ReconciledUsage {
  balanced: boolean;
  differsSince: string | null;
  meters: { meter: BilledMeter; reported: number; sent: number; pending: number; stripe: number; cause: string | null; explanation: string | null }[];
}

/** Billing with customers who pay and use, and with what can go wrong between it and Stripe's meters. */
export interface MeteringUnderTest extends BillingUnderTest {
  /** On the professional plan, which bills all meters. */
  payingCustomer(): Promise<string>;
  /** What its meters stand at in its present period. */
  use(customerId: string, quantities: { DEVICES: number; MQTT_MESSAGES?: number; STORAGE_BYTES?: number }): Promise<void>;
  /** Until its pushes are done, however they ended. */
  settled(customerId: string): Promise<void>;
  /** `DEVICES SENT`, … by meter and period. */
  statuses(customerId: string): Promise<string[]>;
  untilStatus(customerId: string, status: string): Promise<void>;
  periodStart(customerId: string): Promise<Date>;
  stripeIdOf(customerId: string): Promise<string>;
  meterId(meter: BilledMeter): Promise<string>;
  reconcile(customerId: string, caller?: Caller): Promise<ReconciledUsage>;
  repair(customerId: string): Promise<{ reconciliation: ReconciledUsage; repaired: string[] }>;
  /** As somebody else: by hand, or another program. */
  sendForeign(customerId: string, meter: BilledMeter, value: number, offsetSeconds?: number): Promise<void>;
  /** Stripe forgets the event that it took last. */
  lose(customerId: string, meter: BilledMeter): Promise<void>;
  fault(body: Record<string, unknown>): Promise<unknown>;
}

export async function startMetering(environment: Record<string, string> = {}): Promise<MeteringUnderTest> {
  const under = await startUnderTest(environment);
  return { ...under, ...usageOf(under), ...accountOf(under), ...answersOf(under) };
}

/** The cause of each meter. */
export function causesOf({ meters }: ReconciledUsage): Record<string, string | null> {
  return Object.fromEntries(meters.map(({ meter, cause }) => [meter, cause]));
}

function usageOf(under: BillingUnderTest): Pick<MeteringUnderTest, 'payingCustomer' | 'use' | 'settled' | 'statuses' | 'untilStatus' | 'periodStart'> {
  const { billing, clock } = under;
  let revision = 0;
  const period = async (customerId: string): Promise<{ start: Date; end: Date }> => {
    const [row] = await billing.rows<{ start: Date; end: Date; stripe_id: string | null }>('select current_period_start as start, billing_period_ends_at as end, stripe_subscription_id as stripe_id from subscriptions where customer_id = $1', [customerId]);
    if (row === undefined) throw new Error('no subscription');
    if (row.stripe_id !== null) return row;
    // As usage has it: a trial that is over, and a contract, are measured by other periods than their own.
    const { startMs, endMs } = currentPeriod({ periodStart: row.start, periodEnd: row.end, firstPeriodStart: row.start }, clock.now());
    return { start: new Date(startMs), end: new Date(endMs) };
  };
  const statuses = async (customerId: string): Promise<string[]> => (await billing.rows<{ status: string }>("select meter || ' ' || status as status from metered_quantities where customer_id = $1 order by meter, period_start", [customerId])).map(({ status }) => status);
  const untilStatuses = (customerId: string, isSo: (found: string[]) => boolean): Promise<void> =>
    waitFor(async () => {
      const found = await statuses(customerId);
      if (!isSo(found)) throw new Error(`it stands at ${found.join(', ')}`);
    });
  return {
    statuses,
    async payingCustomer() {
      const customerId = await under.customerAfterTrial();
      await under.buy(customerId, 'PROFESSIONAL');
      await waitFor(async () => {
        if ((await under.subscription(customerId)).status !== 'ACTIVE') throw new Error('it is not active yet');
      });
      return customerId;
    },
    async use(customerId, quantities) {
      revision += 1;
      const { start, end } = await period(customerId);
      await billing.tell('usage.recorded', { customerId, periodStart: start.toISOString(), periodEnd: end.toISOString(), quantities: { MQTT_MESSAGES: 0, STORAGE_BYTES: 0, MQTT_BYTES: 0, HTTP_BYTES: 0, API_CALLS: 0, ...quantities }, revision, at: clock.now().toISOString() });
    },
    settled: (customerId) => untilStatuses(customerId, (found) => found.every((status) => !/PENDING|SENDING/.test(status))),
    untilStatus: (customerId, status) => untilStatuses(customerId, (found) => found.includes(status)),
    periodStart: async (customerId) => (await period(customerId)).start,
  };
}

function accountOf(under: BillingUnderTest): Pick<MeteringUnderTest, 'stripeIdOf' | 'meterId' | 'sendForeign' | 'lose' | 'fault'> {
  const { billing, clock, stripe } = under;
  const stripeIdOf = async (customerId: string): Promise<string> => (await billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]))[0]?.stripe_customer_id ?? '';
  return {
    stripeIdOf,
    meterId: async (meter) => (await stripe.billing.meters.list({ limit: 100 })).data.find((each) => each.event_name === EVENTS[meter])?.id ?? '',
    async sendForeign(customerId, meter, value, offsetSeconds = 0) {
      await stripe.billing.meterEvents.create({ event_name: EVENTS[meter], payload: { stripe_customer_id: await stripeIdOf(customerId), value: String(value) }, timestamp: Math.floor(clock.now().getTime() / 1000) + offsetSeconds });
    },
    async lose(customerId, meter) {
      const [row] = await billing.rows<{ identifier: string | null }>('select identifier from metered_quantities where customer_id = $1 and meter = $2 order by period_start desc limit 1', [customerId, meter]);
      if (row?.identifier === undefined || row.identifier === null) throw new Error('Stripe was told nothing');
      await stripe.billing.meterEventAdjustments.create({ event_name: EVENTS[meter], type: 'cancel', cancel: { identifier: row.identifier } });
    },
    fault: (body) => under.simulate('/_sim/faults', body),
  };
}

function answersOf({ billing }: BillingUnderTest): Pick<MeteringUnderTest, 'reconcile' | 'repair'> {
  return {
    reconcile: async (id, caller = ADMIN) => (await billing.read<{ reconciliation: ReconciledUsage }>(caller, `query ($id: ID!) { reconciliation(customerId: $id) { ${FIELDS} } }`, { id })).reconciliation,
    repair: async (id) => (await billing.read<{ repairMetering: { reconciliation: ReconciledUsage; repaired: string[] } }>(ADMIN, `mutation ($id: ID!) { repairMetering(input: { customerId: $id }) { repaired reconciliation { ${FIELDS} } } }`, { id })).repairMetering,
  };
}
