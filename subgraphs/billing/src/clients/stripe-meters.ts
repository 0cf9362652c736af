import type { Meter } from '@iotistic/contracts/events';
import { METER_EVENT_NAMES } from '../domain/stripe-meters.ts';
import { callStripe, type StripeAccess, stripeCodeOf } from './stripe.ts';

/** A running quantity of a period, in the units that are billed. */
export interface MeteredUnits {
  stripeCustomerId: string;
  meter: Meter;
  units: number;
  identifier: string;
  at: Date;
}

/** How usage gets onto a bill. */
export interface UsageBiller {
  /** The same identifier again changes nothing. @throws AppError STRIPE_UNAVAILABLE; Stripe's refusal otherwise */
  send(units: MeteredUnits): Promise<void>;
  /** What is counted last within that time; null where nothing is. */
  lastCounted(of: { stripeCustomerId: string; meterId: string; from: Date; to: Date }): Promise<number | null>;
}

/** By Stripe's meters with the formula `last`: what is said again, or corrected, replaces and cannot add. */
export function meterBiller(access: StripeAccess | null): UsageBiller {
  return {
    async send({ stripeCustomerId, meter, units, identifier, at }) {
      const eventName = METER_EVENT_NAMES[meter];
      if (eventName === undefined) throw new Error(`${meter} is not billed`);
      try {
        // No idempotency key of ours: the identifier does that, and a key would repeat a failure of Stripe's for a day.
        await callStripe(access, (stripe) => stripe.billing.meterEvents.create({ event_name: eventName, payload: { stripe_customer_id: stripeCustomerId, value: String(units) }, identifier, timestamp: Math.floor(at.getTime() / 1000) }));
      } catch (error) {
        if (!isAlreadyThere(error)) throw error;
      }
    },
    async lastCounted({ stripeCustomerId, meterId, from, to }) {
      const minute = (date: Date, round: (value: number) => number): number => round(date.getTime() / 60_000) * 60;
      return callStripe(access, async (stripe) => {
        for await (const summary of stripe.billing.meters.listEventSummaries(meterId, { customer: stripeCustomerId, start_time: minute(from, Math.floor), end_time: minute(to, Math.ceil), limit: 100 })) return Number(String(summary.aggregated_value));
        return null;
      });
    },
  };
}

/** What was told before is told: Stripe calls it an error, and it is success. */
function isAlreadyThere(error: unknown): boolean {
  return stripeCodeOf(error) !== null && /already exists with identifier/i.test((error as Error).message);
}
