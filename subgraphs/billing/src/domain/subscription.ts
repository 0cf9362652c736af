import type { EntitlementValues, EventPayload, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import { derivedId } from '@iotistic/contracts/ids';
import { planOf } from './plan-catalogue.ts';

/** What a customer has: one subscription for life, whatever becomes of it. */
export interface Subscription {
  id: string;
  customerId: string;
  plan: PlanKey;
  status: SubscriptionStatus;
  trialEndsAt: Date | null;
  currentPeriodStart: Date | null;
  currentPeriodEndsAt: Date | null;
  cancelAtPeriodEnd: boolean;
  /** As granted: a later catalogue does not change what was sold. */
  entitlements: EntitlementValues;
  version: number;
  updatedAt: Date;
}

const DAY_MS = 86_400_000;

/**
 * The trial that a customer has from its first moment. A function of the customer alone: a query that comes before the
 * sign-up event was handled answers what the event's handler will store.
 */
export function trialFor(customer: { customerId: string; createdAt: Date }, trialDays: number): Subscription {
  const trialEndsAt = new Date(customer.createdAt.getTime() + trialDays * DAY_MS);
  return {
    id: derivedId('subn', customer.customerId),
    customerId: customer.customerId,
    plan: 'TRIAL',
    status: 'TRIALING',
    trialEndsAt,
    currentPeriodStart: customer.createdAt,
    currentPeriodEndsAt: trialEndsAt,
    cancelAtPeriodEnd: false,
    entitlements: planOf('TRIAL').entitlements,
    version: 1,
    updatedAt: customer.createdAt,
  };
}

/** Ends it then, or where its period ended before. What is canceled stays as it is. */
export function cancelSubscription(subscription: Subscription, at: Date): Subscription {
  if (subscription.status === 'CANCELED') return subscription;
  const { currentPeriodEndsAt } = subscription;
  return { ...changed(subscription, at), status: 'CANCELED', cancelAtPeriodEnd: false, currentPeriodEndsAt: currentPeriodEndsAt !== null && currentPeriodEndsAt < at ? currentPeriodEndsAt : at };
}

/** The same grant under a new version: what is written beside it (the customer's name) changed. */
export function changed(subscription: Subscription, at: Date): Subscription {
  return { ...subscription, version: subscription.version + 1, updatedAt: at > subscription.updatedAt ? at : subscription.updatedAt };
}

/** What the license calls the customer: company, else full name, else e-mail. */
export function licenseNameOf(customer: { companyName: string | null; fullName: string | null; email: string }): string {
  return customer.companyName ?? customer.fullName ?? customer.email;
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
    entitlements: subscription.entitlements,
    version: subscription.version,
    updatedAt: subscription.updatedAt.toISOString(),
    ...cause,
  };
}
