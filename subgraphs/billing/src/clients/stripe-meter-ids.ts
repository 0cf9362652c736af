import type { Meter } from '@iotistic/contracts/events';
import { BILLED_METERS, METER_EVENT_NAMES } from '../domain/stripe-meters.ts';
import { callStripe, type StripeAccess } from './stripe.ts';

/** Stripe's ids of the meters that take our events now; one that was never made, or was archived, is missing. @throws AppError STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED */
export async function listMeterIds(access: StripeAccess | null): Promise<ReadonlyMap<Meter, string>> {
  return callStripe(access, async (stripe) => {
    const ids = new Map<Meter, string>();
    for await (const { event_name: name, id } of stripe.billing.meters.list({ status: 'active', limit: 100 })) {
      const meter = BILLED_METERS.find((each) => METER_EVENT_NAMES[each] === name);
      if (meter !== undefined) ids.set(meter, id);
    }
    return ids;
  });
}
