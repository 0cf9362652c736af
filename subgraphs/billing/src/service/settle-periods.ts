import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { BILLED_METERS } from '../domain/stripe-meters.ts';
import { settlementOf } from '../domain/settlement.ts';
import { isLiveAtStripe } from '../domain/subscription.ts';
import { listBillingPeriods, saveSettlement } from '../repository/billing-periods.ts';
import { listSettlingInvoices, sumBilledUnits } from '../repository/invoices.ts';
import { saveBilledUnits } from '../repository/metered-quantities.ts';
import { settleReconciliation } from '../repository/reconciliations.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';

/**
 * Of each period that is over: which invoice billed its usage, and what that counted, once it is final, or that nobody bills
 * it. usage hears it, for what is reported from then on is late, and reports are kept for some time behind it; and what differs from what was measured is looked at anew (true-up-usage).
 * The customer is locked.
 * @returns whether anything was settled.
 */
export async function settlePeriods(tx: Tx<BillingTables>, customerId: string, now: Date): Promise<boolean> {
  const open = (await listBillingPeriods(tx, customerId)).filter(({ settledAt }) => settledAt === null);
  const invoices = await listSettlingInvoices(tx, customerId);
  const subscription = await findSubscription(tx, customerId);
  const isLive = subscription !== null && isLiveAtStripe(subscription);
  let isAnySettled = false;
  for (const period of open) {
    const settlement = settlementOf(period, invoices, { now, isLive });
    if (settlement.state === 'OPEN') continue;
    isAnySettled = true;
    const invoiceId = settlement.state === 'INVOICED' ? settlement.invoiceId : null;
    await saveSettlement(tx, period, { invoiceId, at: now });
    await settleReconciliation(tx, customerId, period.periodStart);
    const isBilled = settlement.state === 'INVOICED';
    if (isBilled) await saveBilledUnits(tx, period, await sumBilledUnits(tx, customerId, period.periodStart), BILLED_METERS);
    const closed = { customerId, periodStart: period.periodStart.toISOString(), periodEnd: (period.periodEnd as Date).toISOString(), invoiceId: invoiceId ?? '', at: now.toISOString() };
    await publish(tx, 'billing', 'period.invoiced', isBilled ? closed : { ...closed, isBilled }, now);
  }
  return isAnySettled;
}
