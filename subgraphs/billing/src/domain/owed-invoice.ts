/** How Stripe means to be paid for an invoice. */
export interface InvoiceCollection {
  stripeCustomerId: string | null;
  /** Of its subscription, in Stripe's words; null on an invoice of none. */
  subscriptionStatus: string | null;
  /** Why Stripe made it: `subscription_create`, `subscription_cycle`, `manual`, … */
  billingReason: string | null;
  /** Whether it is paid by card; else it was sent, and is paid when its customer likes. */
  isCharged: boolean;
}

/** What is done for an invoice that is owed and that nobody tries to be paid for. */
export type OwedStep = 'charge' | 'watch' | 'leave';

const DAY_MS = 86_400_000;
/** Days after which we charge again what could not be charged: then the customer has its mail, and the operator the overview. */
const DAYS_BETWEEN_CHARGES = [3, 7] as const;
export const MAX_CHARGES = DAYS_BETWEEN_CHARGES.length + 1;
/** From then on Stripe is only asked whether it was paid: once a month, a year long. */
const MONTH_DAYS = 30;
export const MAX_COLLECTIONS = MAX_CHARGES + 12;

/** What was never begun is not owed: the first payment of a subscription, and a change that waits for its payment. */
const NOT_DELIVERED: ReadonlySet<string | null> = new Set(['subscription_create', 'subscription_update']);

/**
 * Charged is what a subscription that has ended still owes, and what was billed beside it: Stripe itself charges nothing of it any
 * more. What Stripe still charges, what was never delivered, and what somebody sent by hand is left; the overview counts it all.
 */
export function owedStepOf({ subscriptionStatus, billingReason, isCharged }: InvoiceCollection, collections: number): OwedStep {
  if (!isCharged || NOT_DELIVERED.has(billingReason)) return 'leave';
  if (subscriptionStatus !== null && subscriptionStatus !== 'canceled') return 'leave';
  return collections < MAX_CHARGES ? 'charge' : 'watch';
}

/** When an invoice that is still owed is looked after again. @param collections how often it was, this time included */
export function nextCollectionAt(collections: number, now: Date): Date {
  return new Date(now.getTime() + (DAYS_BETWEEN_CHARGES[collections - 1] ?? MONTH_DAYS) * DAY_MS);
}
