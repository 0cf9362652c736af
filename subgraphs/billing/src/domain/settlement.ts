import type { PlanKey } from '@iotistic/contracts/events';
import type { InvoiceStatus } from './invoice.ts';

/** A period that a customer had, on one plan. */
export interface BillingPeriod {
  customerId: string;
  periodStart: Date;
  /** As far as it goes, or went where a plan change cut it; null has no end (a contract). */
  periodEnd: Date | null;
  plan: PlanKey;
  book: string;
  isTrial: boolean;
  /** null for a period that Stripe has no part in. */
  stripeSubscriptionId: string | null;
  invoiceId: string | null;
  /** When its invoice was found to be final, or that it has none. */
  settledAt: Date | null;
}

export interface SettlingInvoice {
  id: string;
  status: InvoiceStatus;
  /** null on one of no subscription: what we bill late of a canceled one. */
  stripeSubscriptionId: string | null;
  createdAt: Date;
}

/** OPEN: it may still change. UNBILLED: over, and nobody bills its usage. */
export type Settlement = { state: 'OPEN' } | { state: 'UNBILLED' } | { state: 'INVOICED'; invoiceId: string | null };

/** Stripe keeps an invoice a draft for so long: until then its period's meters may still be told. */
export const DRAFT_MS = 3_600_000;

/** After that, what was not invoiced of a subscription that has ended will not be: Stripe keeps a draft for up to three days where webhooks fail. */
const LAST_INVOICE_MS = 73 * 3_600_000;

/**
 * What became of a period's bill. Stripe bills a period's usage with the first invoice that it makes at its end: the next
 * period's, that of the plan change which cut it, or the last one of a canceled subscription.
 * @param invoices of the customer, in any order. @param isLive whether anything is left of the subscription at Stripe.
 */
export function settlementOf(period: BillingPeriod, invoices: readonly SettlingInvoice[], { now, isLive }: { now: Date; isLive: boolean }): Settlement {
  const { periodEnd } = period;
  if (periodEnd === null || periodEnd > now) return { state: 'OPEN' };
  if (period.isTrial || period.stripeSubscriptionId === null) return { state: 'UNBILLED' };
  // Stripe knows seconds; ours may be later within one.
  const endsAt = Math.floor(periodEnd.getTime() / 1000) * 1000;
  const [first] = invoices.filter(({ stripeSubscriptionId, createdAt }) => stripeSubscriptionId === period.stripeSubscriptionId && createdAt.getTime() >= endsAt).toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  if (first !== undefined) return first.status === 'DRAFT' ? { state: 'OPEN' } : { state: 'INVOICED', invoiceId: first.id };
  return !isLive && now.getTime() > periodEnd.getTime() + LAST_INVOICE_MS ? { state: 'INVOICED', invoiceId: null } : { state: 'OPEN' };
}
