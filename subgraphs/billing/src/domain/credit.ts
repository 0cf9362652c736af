import type { InvoiceStatus } from './invoice.ts';

/** An invoice of a subscription, as far as it decides on a credit. */
export interface CreditedInvoice {
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  /** Whether it bills the present period of the base price. */
  isOfPeriod: boolean;
  /** Whether some of it was refunded, or a bank contests it. */
  isGivenBack: boolean;
}

/**
 * Whether the unused rest of a base price may be credited when its period is cut short. Stripe credits it whether its invoice was
 * paid or not; we credit only what was paid and is still ours: of a period whose invoice is open, void or written off, was refunded
 * or is contested, nothing is credited. Where no invoice of the period is found, none of the subscription may be unpaid.
 */
export function mayCredit(invoices: readonly CreditedInvoice[]): boolean {
  const ofPeriod = invoices.filter(({ isOfPeriod }) => isOfPeriod);
  const deciding = ofPeriod.length > 0 ? ofPeriod : invoices.filter(({ status }) => status !== 'void');
  return deciding.every(({ status, isGivenBack }) => status === 'paid' && !isGivenBack);
}

/**
 * What becomes of a credit for usage that was billed too high, by the invoice that billed it: it waits while that is owed, and falls
 * away with what will never be paid. null: no invoice billed it.
 */
export function usageCreditStepOf(status: InvoiceStatus | null): 'send' | 'wait' | 'drop' {
  if (status === null || status === 'PAID') return 'send';
  return status === 'DRAFT' || status === 'OPEN' ? 'wait' : 'drop';
}
