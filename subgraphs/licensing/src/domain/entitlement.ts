import type { EventPayload, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';

/** What billing grants a customer, as licensing keeps it: all that a license says, so that nobody need be asked. */
export interface Entitlement {
  customerId: string;
  customerName: string;
  plan: PlanKey;
  status: SubscriptionStatus;
  trialEndsAt: Date | null;
  periodEndsAt: Date | null;
  /** Where one that is in force is known to end; null while it goes on. */
  endsAt: Date | null;
  features: Readonly<Record<string, boolean>>;
  /** null is unlimited. */
  limits: Readonly<Record<string, number | null>>;
  version: number;
  updatedAt: Date;
  /** How often a revocation was taken back. */
  reinstatements: number;
}

const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));

export function toEntitlement(change: EventPayload<'subscription.changed'>): Omit<Entitlement, 'reinstatements'> {
  return {
    customerId: change.customerId,
    customerName: change.customerName,
    plan: change.plan,
    status: change.status,
    trialEndsAt: toDate(change.trialEndsAt),
    periodEndsAt: toDate(change.currentPeriodEndsAt),
    endsAt: toDate(change.endsAt ?? null),
    features: change.entitlements.features,
    limits: change.entitlements.limits,
    version: change.version,
    updatedAt: new Date(change.updatedAt),
  };
}
