import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { ensureTerms, holdInstances, markClosed, renewTerms } from '../repository/billing-periods.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';

/**
 * The period's invoice is final: what comes for it from now on is late. What came until now is measured once more, so that
 * billing can compare it with what the invoice says. A period that nobody bills is over, and nothing that comes for it is late.
 */
export async function closePeriod(app: Pick<UsageApp, 'db' | 'measuring'>, invoiced: EventPayload<'period.invoiced'>): Promise<void> {
  const { customerId } = invoiced;
  const invoiceId = invoiced.isBilled === false ? null : invoiced.invoiceId;
  const periodEnd = new Date(invoiced.periodEnd);
  // Canceled in its first second, it has no length: nothing was reported for it.
  if (invoiced.isBilled === false && invoiced.periodStart >= invoiced.periodEnd) return;
  await app.db.transaction().execute(async (tx) => {
    await holdInstances(tx, customerId);
    await ensureTerms(tx, customerId);
    await markClosed(tx, { customerId, periodStart: new Date(invoiced.periodStart), periodEnd, invoiceId, at: new Date(invoiced.at) });
    await renewTerms(tx, customerId);
    await addChangedCustomer(tx, customerId, new Date(periodEnd.getTime() - 1));
  });
  app.measuring.wake();
}
