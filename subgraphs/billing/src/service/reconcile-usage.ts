import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { Tx } from '@iotistic/chassis/database';
import type { BillingApp } from '../app.ts';
import { meteringDifferenceMail } from '../domain/mails.ts';
import { gravestCause, needsLook, type Period, placeAtStripe, type Reconciliation, type ReconciliationCause } from '../domain/reconciliation.ts';
import { DRAFT_MS } from '../domain/settlement.ts';
import { comparedPeriodOf } from '../domain/usage-period.ts';
import { isPeriodSettled } from '../repository/billing-periods.ts';
import { lockCustomer } from '../repository/customers.ts';
import { lockReconciliation, saveReconciliation } from '../repository/reconciliations.ts';
import type { BillingTables } from '../repository/tables.ts';
import { markAccepted, markLookedAt } from '../repository/told-meters.ts';
import { type BillingCustomer, getBillingCustomer } from './billing-customer.ts';
import { type Reading, type ReadMeter, readMetering } from './read-metering.ts';

export type Reconciling = Reading & Pick<BillingApp, 'config' | 'exclusive' | 'log'>;

const DAY_MS = 86_400_000;
/** What differs is read again after so long; once an operator knows, less often. */
const AGAIN_MS = 5 * 60_000;
const AGAIN_KNOWN_MS = 60 * 60_000;

/**
 * What was reported of the present period, what Stripe was told and what it says it has, meter by meter. What it is seen
 * to count becomes ACCEPTED.
 * @throws AppError CUSTOMER_NOT_FOUND, STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function reconcileUsage(app: Reconciling, customerId: string): Promise<Reconciliation> {
  const customer = await getBillingCustomer(app, customerId);
  return reconcilePeriod(app, customer, comparedPeriodOf(customer.subscription, app.clock.now()));
}

/** The same of any period. */
export async function reconcilePeriod(app: Reconciling, customer: BillingCustomer, period: Period): Promise<Reconciliation> {
  return meterTurn(app, customer.id, async () => keepReading(app, customer, period, await readMetering(app, customer, period)));
}

/** Nobody tells Stripe of the customer's meters meanwhile. */
export function meterTurn<T>(app: Pick<BillingApp, 'exclusive'>, customerId: string, work: () => Promise<T>): Promise<T> {
  return app.exclusive.run(`meter:${customerId}`, work);
}

/** Keeps what was found; an operator is told of a difference once for each cause in a period. Whom Stripe does not bill has nothing to compare. */
export async function keepReading(app: Reconciling, customer: BillingCustomer, period: Period, read: readonly ReadMeter[]): Promise<Reconciliation> {
  const now = app.clock.now();
  const meters = read.map(({ reconciled }) => reconciled);
  const cause = gravestCause(meters);
  const found = { customerId: customer.id, periodStart: period.start, periodEnd: period.end, checkedAt: now, balanced: cause === null, meters };
  if (placeAtStripe(customer.subscription, customer.stripeCustomerId) !== 'billed') return { ...found, differsSince: null };
  const { kept, tellOf } = await app.db.transaction().execute(async (tx) => {
    // Who settles the period holds the customer: what was read while its invoice became final is billed by a true-up.
    await lockCustomer(tx, customer.id);
    await acceptCounted(tx, read);
    await markLookedAt(tx, customer.id, period.start, now);
    if (await isPeriodSettled(tx, customer.id, period.start)) return { kept: { ...found, differsSince: null }, tellOf: null };
    const before = await lockReconciliation(tx, customer.id, period.start);
    const reading: Reconciliation = { ...found, differsSince: cause === null ? null : (before?.differsSince ?? now) };
    const known = before?.alerted ?? [];
    const alerted = cause !== null && !known.includes(cause) && needsLook(reading, before) ? cause : null;
    await saveReconciliation(tx, { ...reading, alerted: alerted === null ? known : [...known, alerted] }, nextCheckAt(reading, cause, alerted !== null || (cause !== null && known.includes(cause))));
    if (alerted !== null) await mailOperator(app, tx, customer, reading, alerted);
    return { kept: reading, tellOf: alerted };
  });
  if (tellOf !== null) app.log.error({ customerId: customer.id, periodStart: period.start, cause: tellOf, meters: meters.filter((meter) => meter.cause !== null) }, 'Stripe does not have what was reported of a customer');
  return kept;
}

async function acceptCounted(tx: Tx<BillingTables>, read: readonly ReadMeter[]): Promise<void> {
  for (const { told, counted, reconciled } of read) if (told !== null && told.status === 'SENT' && counted === reconciled.sent) await markAccepted(tx, told);
}

/** A period that is over, invoiced and in order is read no more. */
function nextCheckAt({ checkedAt, periodEnd }: Reconciliation, cause: ReconciliationCause | null, isKnown: boolean): Date | null {
  if (cause !== null) return new Date(checkedAt.getTime() + (isKnown ? AGAIN_KNOWN_MS : AGAIN_MS));
  return checkedAt.getTime() > periodEnd.getTime() + DRAFT_MS ? null : new Date(checkedAt.getTime() + DAY_MS);
}

async function mailOperator(app: Reconciling, tx: Tx<BillingTables>, customer: BillingCustomer, reading: Reconciliation, cause: ReconciliationCause): Promise<void> {
  const { OPERATOR_EMAIL: to, CONSOLE_URL: consoleUrl } = app.config;
  if (to === undefined) return;
  const differing = reading.meters.filter((meter) => meter.cause !== null);
  await enqueueMail(tx, { ...meteringDifferenceMail({ customerId: customer.id, name: customer.licenseName ?? customer.id, periodStart: reading.periodStart, cause, meters: differing, consoleUrl }), to, at: reading.checkedAt });
}
