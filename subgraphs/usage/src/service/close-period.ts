import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { ensureTerms, holdInstances, markInvoiced, renewTerms } from '../repository/billing-periods.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';

/** The period's invoice is final: what comes for it from now on is late. What came until now is measured once more, so that billing can compare it with what the invoice says. */
export async function closePeriod(app: Pick<UsageApp, 'db' | 'measuring'>, invoiced: EventPayload<'period.invoiced'>): Promise<void> {
  const { customerId, invoiceId } = invoiced;
  const periodEnd = new Date(invoiced.periodEnd);
  await app.db.transaction().execute(async (tx) => {
    await holdInstances(tx, customerId);
    await ensureTerms(tx, customerId);
    await markInvoiced(tx, { customerId, periodStart: new Date(invoiced.periodStart), periodEnd, invoiceId, at: new Date(invoiced.at) });
    await renewTerms(tx, customerId);
    await addChangedCustomer(tx, customerId, new Date(periodEnd.getTime() - 1));
  });
  app.measuring.wake();
}
