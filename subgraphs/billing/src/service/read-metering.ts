import type { Meter } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { listMeterIds } from '../clients/stripe-meter-ids.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { PRICE_BOOKS } from '../domain/price-book.ts';
import { type Period, placeAtStripe, readableWindows, type ReconciledMeter, reconcileMeter } from '../domain/reconciliation.ts';
import { BILLED_METERS, stripeUnits } from '../domain/stripe-meters.ts';
import { listToldMeters, type ToldMeter } from '../repository/told-meters.ts';
import type { BillingCustomer } from './billing-customer.ts';

export type Reading = Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'usageBiller'> & {
  /** Stripe's ids of the meters, where somebody has just listed them. */
  meterIds?: ReadonlyMap<Meter, string>;
};

/** One meter of a period: what we know of it, and what comes of comparing that with Stripe's. */
export interface ReadMeter {
  /** null where nothing was measured. */
  told: ToldMeter | null;
  /** Exactly what Stripe counts, in billed units; null where it has nothing. */
  counted: number | null;
  reconciled: ReconciledMeter;
}

/**
 * Reads a period's meters here and at Stripe, one after the other. In the turn of `meter:<customerId>`: who told Stripe
 * something between both readings would look like a difference.
 * @throws AppError STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function readMetering(app: Reading, customer: BillingCustomer, period: Period): Promise<ReadMeter[]> {
  const place = placeAtStripe(customer.subscription, customer.stripeCustomerId);
  const rows = await listToldMeters(app.db, customer.id, period.start);
  const ids = customer.stripeCustomerId === null ? new Map<Meter, string>() : (app.meterIds ?? (await listMeterIds(app.stripe)));
  const read: ReadMeter[] = [];
  for (const meter of BILLED_METERS) {
    const told = rows.find((row) => row.meter === meter) ?? null;
    const reported = stripeUnits(meter, told?.quantity ?? 0, PRICE_BOOKS);
    const sent = stripeUnits(meter, told?.sentQuantity ?? 0, PRICE_BOOKS);
    const meterId = ids.get(meter);
    const counted = meterId === undefined || customer.stripeCustomerId === null ? null : await readCounted(app, { stripeCustomerId: customer.stripeCustomerId, meterId, period, expected: [reported, sent] });
    const reconciled = reconcileMeter({ meter, reported, sent, stripe: counted, status: told?.status ?? null, sentAt: told?.sentAt ?? null, error: told?.error ?? null }, place, app.clock.now());
    read.push({ told, counted, reconciled });
  }
  return read;
}

/** What Stripe counts; of the windows that may stand for the period, the first that shows what is expected. */
async function readCounted(app: Reading, of: { stripeCustomerId: string; meterId: string; period: Period; expected: readonly number[] }): Promise<number | null> {
  const { stripeCustomerId, meterId, period, expected } = of;
  let widest: number | null | undefined;
  for (const { start: from, end: to } of readableWindows(period)) {
    const counted = await lastCounted(app, { stripeCustomerId, meterId, from, to });
    if (expected.includes(counted ?? 0)) return counted;
    if (widest === undefined) widest = counted;
  }
  return widest ?? null;
}

/** Stripe counts nothing for a customer that was deleted there. */
async function lastCounted(app: Reading, of: Parameters<BillingApp['usageBiller']['lastCounted']>[0]): Promise<number | null> {
  try {
    return await app.usageBiller.lastCounted(of);
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_missing') return null;
    throw error;
  }
}
