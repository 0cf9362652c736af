import { isDeepStrictEqual } from 'node:util';
import type { EntitlementValues, EventPayload, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import { derivedId } from '@iotistic/contracts/ids';
import type { Discount } from './discount.ts';
import { applyOverride, type EntitlementOverride } from './entitlement-override.ts';
import { bookAt, bookOf, PRICE_BOOKS, planIn, type PriceBook } from './price-book.ts';

/** What a customer has: one subscription for life, whatever becomes of it. At Stripe several may follow one another. */
export interface Subscription {
  id: string;
  customerId: string;
  plan: PlanKey;
  /** Key of the price book that it was bought under: a later one does not change what was sold. */
  book: string;
  status: SubscriptionStatus;
  trialEndsAt: Date | null;
  /** Of the period that usage counts in. */
  currentPeriodStart: Date | null;
  /** Where what was paid for ends; when it became past due for a past-due one; null has no end (a contract). */
  currentPeriodEndsAt: Date | null;
  /** Where the period that usage counts in, and that Stripe bills, ends: it goes on while the customer owes. */
  billingPeriodEndsAt: Date | null;
  cancelAtPeriodEnd: boolean;
  /** Those of the plan in its book, under the override. */
  entitlements: EntitlementValues;
  override: EntitlementOverride | null;
  discounts: readonly Discount[];
  /** The one at Stripe that this reads; null for a local trial and for a contract. */
  stripeSubscriptionId: string | null;
  /** Sold by contract, outside Stripe; stays so after the contract's end, until something is bought at Stripe. */
  isContract: boolean;
  version: number;
  updatedAt: Date;
}

/** What may change of one. */
export type SubscriptionFacts = Omit<Subscription, 'id' | 'customerId' | 'version' | 'updatedAt'>;

const DAY_MS = 86_400_000;

/**
 * The trial that a customer has from its first moment. A function of the customer alone: a query that comes before the
 * sign-up event was handled answers what the event's handler will store.
 */
export function trialFor(customer: { customerId: string; createdAt: Date }, trialDays: number): Subscription {
  const trialEndsAt = new Date(customer.createdAt.getTime() + trialDays * DAY_MS);
  const book = bookAt(PRICE_BOOKS, customer.createdAt);
  return {
    id: derivedId('subn', customer.customerId),
    customerId: customer.customerId,
    plan: 'TRIAL',
    book: book.key,
    status: 'TRIALING',
    trialEndsAt,
    currentPeriodStart: customer.createdAt,
    currentPeriodEndsAt: trialEndsAt,
    billingPeriodEndsAt: trialEndsAt,
    cancelAtPeriodEnd: false,
    entitlements: planIn(book, 'TRIAL').entitlements,
    override: null,
    discounts: [],
    stripeSubscriptionId: null,
    isContract: false,
    version: 1,
    updatedAt: customer.createdAt,
  };
}

/** Ends it then, or where its period ended before. What is canceled stays as it is. */
export function cancelSubscription(subscription: Subscription, at: Date): Subscription {
  if (subscription.status === 'CANCELED') return subscription;
  const { currentPeriodEndsAt, billingPeriodEndsAt } = subscription;
  const orThen = (end: Date | null): Date => (end !== null && end < at ? end : at);
  return { ...changed(subscription, at), status: 'CANCELED', cancelAtPeriodEnd: false, currentPeriodEndsAt: orThen(currentPeriodEndsAt), billingPeriodEndsAt: orThen(billingPeriodEndsAt) };
}

/** The same grant under a new version: what is written beside it (the customer's name) changed. */
export function changed(subscription: Subscription, at: Date): Subscription {
  return { ...subscription, version: subscription.version + 1, updatedAt: at > subscription.updatedAt ? at : subscription.updatedAt };
}

/** With these facts: a new version where one of them differs, else the same object. */
export function revised(subscription: Subscription, facts: Partial<SubscriptionFacts>, at: Date): Subscription {
  const next = { ...subscription, ...facts };
  return isDeepStrictEqual(next, subscription) ? subscription : { ...changed(subscription, at), ...facts };
}

/** What a plan of a book grants under an override. @throws Error for a book that is not known here */
export function entitlementsOf({ book, plan, override }: Pick<Subscription, 'book' | 'plan' | 'override'>, books: readonly PriceBook[] = PRICE_BOOKS): EntitlementValues {
  return applyOverride(planIn(bookOf(book, books), plan).entitlements, override);
}

/** With a contract's own terms, or without any. @throws AppError UNKNOWN_FEATURE, UNKNOWN_LIMIT, INVALID_LIMIT */
export function withOverride(subscription: Subscription, override: EntitlementOverride | null, at: Date): Subscription {
  return revised(subscription, { override, entitlements: entitlementsOf({ ...subscription, override }) }, at);
}

/** Whether Stripe has one for it that has not ended, paid or not. */
export function isLiveAtStripe({ stripeSubscriptionId, status }: Pick<Subscription, 'stripeSubscriptionId' | 'status'>): boolean {
  return stripeSubscriptionId !== null && status !== 'CANCELED' && status !== 'INCOMPLETE_EXPIRED';
}

/** What the license calls the customer: company, else full name, else e-mail. */
export function licenseNameOf(customer: { companyName: string | null; fullName: string | null; email: string }): string {
  return customer.companyName ?? customer.fullName ?? customer.email;
}

/** Where a subscription that is in force is known to end; null while it goes on. */
function knownEndOf({ status, cancelAtPeriodEnd, isContract, currentPeriodEndsAt }: Subscription): Date | null {
  return status === 'ACTIVE' && (cancelAtPeriodEnd || isContract) ? currentPeriodEndsAt : null;
}

export function toSubscriptionChanged(subscription: Subscription, customerName: string, cause: { actor: string; reason: string | null }): EventPayload<'subscription.changed'> {
  return {
    customerId: subscription.customerId,
    customerName,
    subscriptionId: subscription.id,
    plan: subscription.plan,
    status: subscription.status,
    trialEndsAt: subscription.trialEndsAt?.toISOString() ?? null,
    currentPeriodStart: subscription.currentPeriodStart?.toISOString() ?? null,
    currentPeriodEndsAt: subscription.currentPeriodEndsAt?.toISOString() ?? null,
    endsAt: knownEndOf(subscription)?.toISOString() ?? null,
    billingPeriodEndsAt: subscription.billingPeriodEndsAt?.toISOString() ?? null,
    entitlements: subscription.entitlements,
    version: subscription.version,
    updatedAt: subscription.updatedAt.toISOString(),
    ...cause,
  };
}
