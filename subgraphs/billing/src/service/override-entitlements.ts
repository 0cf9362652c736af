import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { changeOverride } from '../domain/entitlement-override.ts';
import { type Subscription, withOverride } from '../domain/subscription.ts';
import { getBillingCustomer, oneAtATime, refuseDeactivated } from './billing-customer.ts';
import { changeLocally } from './change-locally.ts';

const MAX_REASON = 500;

export interface OverrideInput {
  customerId: string;
  features?: readonly { key: string; enabled: boolean }[] | null | undefined;
  limits?: readonly { key: string; value?: number | null | undefined }[] | null | undefined;
  reason: string;
}

/** @throws AppError UNKNOWN_FEATURE, UNKNOWN_LIMIT, INVALID_LIMIT, INVALID_TEXT, CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED */
export async function overrideEntitlements(app: BillingApp, caller: Caller, { customerId, features, limits, reason }: OverrideInput): Promise<Subscription> {
  if (reason.trim() === '' || reason.length > MAX_REASON) throw new AppError('INVALID_INPUT', 'INVALID_TEXT');
  const change = {
    reason,
    features: features === null || features === undefined ? null : Object.fromEntries(features.map(({ key, enabled }) => [key, enabled])),
    limits: limits === null || limits === undefined ? null : Object.fromEntries(limits.map(({ key, value }) => [key, value ?? null])),
  };
  return oneAtATime(app, customerId, async () => {
    refuseDeactivated(await getBillingCustomer(app, customerId));
    return changeLocally(app, customerId, { actor: actorOf(caller), action: 'overrideEntitlements', detail: reason }, (current, now) => withOverride(current, changeOverride(current.override, change), now));
  });
}
