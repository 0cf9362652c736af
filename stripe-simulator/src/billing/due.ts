import type { Due, DueHandler, Simulation } from '../simulation.ts';
import { CHECKOUT_SESSIONS, type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { cancelNow, expirePending } from './change-subscription.ts';
import { CHECKOUT_EXPIRES, type CheckoutRecord, expireCheckout } from './checkout-records.ts';
import { expireIncomplete } from './create-subscription.ts';
import { announceUpcoming, cycle } from './cycle.ts';
import { CANCEL, CYCLE, INCOMPLETE_EXPIRES, PENDING_EXPIRES, TRIAL_WILL_END, UPCOMING } from './end-subscription.ts';
import { collectInvoice, FINALIZE, finalizeInvoice, RETRY } from './settle-invoice.ts';

/** A due moment of a subscription that has not ended meanwhile. */
function ofSubscription(run: (simulation: Simulation, subscription: SubscriptionRecord) => unknown): DueHandler {
  return (simulation: Simulation, due: Due) => {
    const subscription = simulation.store.get<SubscriptionRecord>(SUBSCRIPTIONS, due.subject);
    if (subscription !== undefined && subscription.status !== 'canceled' && subscription.status !== 'incomplete_expired') run(simulation, subscription);
  };
}

function ofInvoice(status: InvoiceRecord['status'], run: (simulation: Simulation, invoice: InvoiceRecord) => unknown): DueHandler {
  return (simulation, due) => {
    const invoice = simulation.store.get<InvoiceRecord>(INVOICES, due.subject);
    if (invoice?.status === status) run(simulation, invoice);
  };
}

export const billingDueHandlers: Record<string, DueHandler> = {
  [CYCLE]: ofSubscription(cycle),
  [CANCEL]: ofSubscription((simulation, subscription) => cancelNow(simulation, subscription, { invoiceNow: true, prorate: false })),
  [TRIAL_WILL_END]: ofSubscription((simulation, subscription) => simulation.emit('customer.subscription.trial_will_end', subscription)),
  [UPCOMING]: ofSubscription(announceUpcoming),
  [INCOMPLETE_EXPIRES]: ofSubscription(expireIncomplete),
  [PENDING_EXPIRES]: ofSubscription(expirePending),
  [FINALIZE]: ofInvoice('draft', (simulation, invoice) => finalizeInvoice(simulation, invoice.id, { collect: true })),
  [RETRY]: ofInvoice('open', collectInvoice),
  [CHECKOUT_EXPIRES]: (simulation, due) => {
    const session = simulation.store.get<CheckoutRecord>(CHECKOUT_SESSIONS, due.subject);
    if (session?.status === 'open') expireCheckout(simulation, session);
  },
};
