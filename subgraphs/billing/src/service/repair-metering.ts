import { actorOf, type Caller } from '@iotistic/contracts/caller';
import type { Meter } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { isRepairable, type Period, placeAtStripe, type Reconciliation } from '../domain/reconciliation.ts';
import { meterEventIdentifier, meterEventTime } from '../domain/stripe-meters.ts';
import { DRAFT_MS } from '../domain/settlement.ts';
import { comparedPeriodOf } from '../domain/usage-period.ts';
import { markRejected, markSent } from '../repository/metered-quantities.ts';
import { beginRepair, findPeriodBefore, insertUnmeasured, type ToldMeter } from '../repository/told-meters.ts';
import { type BillingCustomer, getBillingCustomer } from './billing-customer.ts';
import { flushMeterEvents } from './push-meter-events.ts';
import { type ReadMeter, readMetering } from './read-metering.ts';
import { keepReading, meterTurn, type Reconciling } from './reconcile-usage.ts';
import { writeAudit } from './write-audit.ts';

type Repairing = Reconciling & Pick<BillingApp, 'billingMetrics' | 'restores'>;

/**
 * Tells Stripe anew what it provably lacks: where its last figure differs from what was reported, nothing is on its way, and
 * the invoice of the period is still open. Under a new identifier, since Stripe would take the old one for done; with the
 * formula `last` what is said once more replaces, and cannot add. A second call finds nothing to do.
 * @throws AppError CUSTOMER_NOT_FOUND, STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function repairMetering(app: Repairing, caller: Caller, customerId: string): Promise<{ reconciliation: Reconciliation; repaired: Meter[] }> {
  const customer = await getBillingCustomer(app, customerId);
  const current = comparedPeriodOf(customer.subscription, app.clock.now());
  // What is on its way goes first, and by its own way.
  await flushMeterEvents(app, customerId);
  const repaired = new Set<Meter>();
  for (const period of await listOpenPeriods(app, customer, current)) for (const meter of await repairPeriod(app, caller, customer, period)) repaired.add(meter);
  const reconciliation = await meterTurn(app, customerId, async () => keepReading(app, customer, current, await readMetering(app, customer, current)));
  return { reconciliation, repaired: [...repaired] };
}

/** The present one, and the one before it while its invoice is a draft. */
async function listOpenPeriods(app: Repairing, customer: BillingCustomer, current: Period): Promise<Period[]> {
  if (placeAtStripe(customer.subscription, customer.stripeCustomerId) !== 'billed') return [];
  const nowMs = app.clock.now().getTime();
  const before = await findPeriodBefore(app.db, customer.id, current.start);
  return [before, current].filter((period) => period !== null).filter(({ end }) => end.getTime() + DRAFT_MS > nowMs);
}

async function repairPeriod(app: Repairing, caller: Caller, customer: BillingCustomer, period: Period): Promise<Meter[]> {
  return meterTurn(app, customer.id, async () => {
    const broken = (await readMetering(app, customer, period)).filter(({ reconciled }) => isRepairable(reconciled.cause));
    const repaired: Meter[] = [];
    for (const meter of broken) if (await sendAnew(app, caller, customer, period, meter)) repaired.push(meter.reconciled.meter);
    if (broken.length > 0) await keepReading(app, customer, period, await readMetering(app, customer, period));
    return repaired;
  });
}

/** @returns whether Stripe took it. */
async function sendAnew(app: Repairing, caller: Caller, customer: BillingCustomer, period: Period, { told, counted, reconciled }: ReadMeter): Promise<boolean> {
  const { meter, reported: units, cause } = reconciled;
  const now = app.clock.now();
  const { row, identifier } = await app.db.transaction().execute(async (tx) => {
    const begun: ToldMeter = told ?? (await insertUnmeasured(tx, { customerId: customer.id, meter, periodStart: period.start, periodEnd: period.end }, now));
    const name = meterEventIdentifier({ customerId: customer.id, meter, periodStart: begun.periodStart, revision: begun.revision, repair: begun.repairs + 1 });
    await beginRepair(tx, begun, name, now);
    await writeAudit(tx, { customerId: customer.id, actor: actorOf(caller), action: 'repairMetering', target: customer.id, detail: `${meter} of ${period.start.toISOString()}: ${String(cause)}, Stripe had ${counted ?? 'nothing'}, is told ${units}` }, now);
    return { row: begun, identifier: name };
  });
  try {
    await app.usageBiller.send({ stripeCustomerId: customer.stripeCustomerId ?? '', meter, units, identifier, at: meterEventTime({ measuredAt: now, periodStart: period.start, periodEnd: period.end }) });
  } catch (error) {
    const code = stripeCodeOf(error);
    if (code === null) throw error;
    app.log.error({ err: error, customerId: customer.id, meter }, 'Stripe refuses what it is told anew of a meter');
    await app.db.transaction().execute((tx) => markRejected(tx, row, code));
    return false;
  }
  await app.db.transaction().execute((tx) => markSent(tx, row, row.revision));
  app.billingMetrics.meterRepaired(cause);
  return true;
}
