import { setTimeout as pause } from 'node:timers/promises';
import type Stripe from 'stripe';
import { BILLED } from './brute-force.ts';
import { type ChaosCustomer, simulate, stripeOf } from './customers.ts';
import type { Difference, MeterRow } from './invariants.ts';
import { isTimeMovable, setTime } from './movable-time.ts';
import type { ChaosPlane } from './plane.ts';

const DAY_SECONDS = 86_400;
/** Longer than any month. */
const PERIOD_DAYS = 32;
/** Stripe finalises an invoice an hour after it has made it. */
const FINAL_SECONDS = 2 * 3_600;
const LOOK_EVERY_MS = 500;

/**
 * Moves the plane and Stripe beyond the period's end and the hour in which its invoices are drafts.
 * @returns how the invoices differ from what was told of each meter.
 */
export async function endPeriod(plane: ChaosPlane, run: { folder: string; customers: readonly ChaosCustomer[]; rows: readonly MeterRow[]; settleSeconds: number }): Promise<Difference[]> {
  if (!isTimeMovable) return [];
  let seconds = PERIOD_DAYS * DAY_SECONDS;
  setTime(run.folder, seconds);
  await simulate(plane, '/_sim/time', { days: PERIOD_DAYS });
  seconds += FINAL_SECONDS;
  setTime(run.folder, seconds);
  await simulate(plane, '/_sim/time', { seconds: FINAL_SECONDS });
  const endsMs = performance.now() + run.settleSeconds * 1000;
  let found: string[] = [];
  do {
    await pause(LOOK_EVERY_MS);
    found = (await Promise.all(run.customers.map((customer) => compareInvoices(plane, customer, run.rows)))).flat();
  } while (found.length > 0 && performance.now() < endsMs);
  return found.map((what) => ({ invariant: 'invoiced', what }));
}

async function compareInvoices(plane: ChaosPlane, customer: ChaosCustomer, rows: readonly MeterRow[]): Promise<string[]> {
  const stripe = stripeOf(plane);
  const invoices = await stripe.invoices.list({ customer: customer.stripeCustomerId, limit: 100 });
  const billed = unitsOf(invoices.data, await metersByPrice(stripe), customer.periodStart);
  const found = rows.flatMap((row): string[] => {
    const event = BILLED[row.meter]?.eventName;
    if (event === undefined || !customer.email.startsWith(`${row.customer}@`)) return [];
    const units = billed.get(event) ?? 0;
    return units === (row.units ?? 0) ? [] : [`${row.customer} ${row.meter}: ${row.units ?? 0} units were told, and ${units} are on final invoices`];
  });
  const { rows: copies } = await plane.database.query<{ number: string }>("select number from billing.invoices where customer_id = $1 and status <> 'DRAFT'", [customer.id]);
  const known = new Set(copies.map(({ number }) => number));
  return [...found, ...invoices.data.filter(({ status, number }) => status !== 'draft' && !known.has(number ?? '')).map(({ number }) => `${customer.id}: billing has no copy of ${String(number)}`)];
}

/** By the name of the meter's events, from final invoices alone. */
function unitsOf(invoices: readonly Stripe.Invoice[], meters: ReadonlyMap<string, string>, periodStart: Date): Map<string, number> {
  const units = new Map<string, number>();
  for (const line of invoices.filter(({ status }) => status === 'paid' || status === 'open').flatMap(({ lines }) => lines.data)) {
    const price = line.pricing?.price_details?.price;
    const event = meters.get(typeof price === 'string' ? price : (price?.id ?? ''));
    if (event === undefined || Math.abs(line.period.start * 1000 - periodStart.getTime()) > 1_000) continue;
    units.set(event, (units.get(event) ?? 0) + (line.quantity ?? 0));
  }
  return units;
}

async function metersByPrice(stripe: Stripe): Promise<Map<string, string>> {
  const meters = new Map((await stripe.billing.meters.list({ limit: 100 })).data.map(({ id, event_name: name }) => [id, name]));
  const prices = await stripe.prices.list({ limit: 100 });
  return new Map(prices.data.flatMap(({ id, recurring }) => (recurring?.meter === null || recurring?.meter === undefined ? [] : [[id, meters.get(recurring.meter) ?? ''] as const])));
}
