import { actorOf, type Caller } from '@iotistic/contracts/caller';
import type { PlanKey } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import type { Subscription } from '../domain/subscription.ts';
import { grantTrial } from '../domain/trial.ts';
import { getBillingCustomer, oneAtATime, refuseDeactivated } from './billing-customer.ts';
import { changeLocally } from './change-locally.ts';

const DEFAULT_DAYS = 14;

/** An operator's trial of any plan. @throws AppError INVALID_DAYS, SUBSCRIPTION_EXISTS, TRIAL_ALREADY_USED, CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED */
export async function startTrial(app: BillingApp, caller: Caller, input: { customerId: string; plan?: PlanKey | null | undefined; days?: number | null | undefined }): Promise<Subscription> {
  const { customerId } = input;
  const plan = input.plan ?? 'PROFESSIONAL';
  const days = input.days ?? DEFAULT_DAYS;
  return oneAtATime(app, customerId, async () => {
    refuseDeactivated(await getBillingCustomer(app, customerId));
    return changeLocally(app, customerId, { actor: actorOf(caller), action: 'startTrial', detail: `${plan}, ${days} days` }, (current, now) => grantTrial(current, { plan, days }, now));
  });
}
