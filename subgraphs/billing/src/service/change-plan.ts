import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { PlanKey } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { isPeriodPaid } from '../clients/stripe-endings.ts';
import { unlessMissing } from '../clients/stripe.ts';
import { type ChangedPlan, changeStripePlan } from '../clients/stripe-subscriptions.ts';
import { contractSubscription } from '../domain/contract.ts';
import { isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { oneAtATime, readBillingCustomer, refuseDeactivated } from './billing-customer.ts';
import { changeAtStripe } from './change-at-stripe.ts';
import { checkPlanFit } from './check-plan-fit.ts';
import { changeLocally } from './change-locally.ts';
import { awaitUsage } from './await-usage.ts';

export interface ChangePlanInput {
  customerId: string;
  plan: PlanKey;
  /** Operator only: also to a plan that the customer does not fit. */
  force?: boolean | null | undefined;
}

/**
 * Changes the plan of a paid subscription at once: Stripe's period begins anew, with it the quantities, so that what was used
 * before is billed at the old prices and nothing twice.
 * @throws AppError CHECKOUT_REQUIRED, ALREADY_ON_PLAN, PLAN_NOT_SOLD, PAYMENT_OVERDUE, PERIOD_NOT_PAID, PAYMENT_REQUIRED (nothing
 *   changed; with invoiceUrl), PLAN_DOES_NOT_FIT (unless the operator forces it), ADMIN_ONLY, SUBSCRIPTION_ENDING, SUBSCRIPTION_EXISTS,
 *   CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, CATALOGUE_NOT_SYNCED, EDITED_AT_STRIPE, MISSING_AT_STRIPE, STRIPE_UNAVAILABLE (send it again)
 */
export async function changePlan(app: BillingApp, caller: Caller, input: ChangePlanInput): Promise<Subscription> {
  const { customerId, plan } = input;
  await awaitUsage(app, customerId);
  return oneAtATime(app, customerId, async () => {
    const customer = await readBillingCustomer(app, customerId);
    refuseDeactivated(customer);
    const { subscription } = customer;
    const isByContract = plan === 'ENTERPRISE' && caller.kind === 'admin';
    if (!isByContract) refuse(subscription, plan);
    const forced = await checkPlanFit(app, caller, subscription, input);
    const withForced = (detail: string): string => (forced === null ? detail : `${detail}, ${forced}`);
    if (isByContract) return changeLocally(app, customerId, { actor: actorOf(caller), action: 'changePlan', detail: withForced(plan) }, (current, now) => contractSubscription(current, now));
    const prices = await app.catalogue.pricesOf(plan, app.clock.now());
    const stripeId = subscription.stripeSubscriptionId ?? '';
    await refuseUnpaid(app, subscription);
    let changed: ChangedPlan = { invoiceUrl: null };
    const after = await changeAtStripe(app, {
      customerId,
      kind: 'change_plan',
      input: { plan, version: subscription.version },
      actor: actorOf(caller),
      action: 'changePlan',
      detail: withForced(`${subscription.plan} to ${plan}`),
      async call(key) {
        changed = await changeStripePlan(app.stripe, stripeId, prices, key);
        if (changed.invoiceUrl !== null) throw new AppError('CONFLICT', 'PAYMENT_REQUIRED', undefined, { details: { invoiceUrl: changed.invoiceUrl } });
      },
      isDone: (current) => current.plan === plan,
    });
    return after ?? subscription;
  });
}

/** Stripe credits the rest of a period whether it was paid or not: one that was not, or was given back, runs to its end. */
async function refuseUnpaid(app: BillingApp, { status, stripeSubscriptionId }: Subscription): Promise<void> {
  if (status === 'TRIALING') return;
  const isPaid = await unlessMissing(isPeriodPaid(app.stripe, stripeSubscriptionId ?? ''));
  if (isPaid === null) throw new AppError('CONFLICT', 'MISSING_AT_STRIPE');
  if (!isPaid) throw new AppError('CONFLICT', 'PERIOD_NOT_PAID');
}

function refuse(subscription: Subscription, plan: PlanKey): void {
  const { status, cancelAtPeriodEnd } = subscription;
  if (plan === 'TRIAL' || plan === 'ENTERPRISE') throw new AppError('CONFLICT', 'PLAN_NOT_SOLD');
  if (!isLiveAtStripe(subscription) || status === 'INCOMPLETE') throw new AppError('CONFLICT', 'CHECKOUT_REQUIRED');
  if (subscription.plan === plan) throw new AppError('CONFLICT', 'ALREADY_ON_PLAN');
  if (status === 'PAST_DUE' || status === 'UNPAID') throw new AppError('CONFLICT', 'PAYMENT_OVERDUE');
  if (status === 'PAUSED') throw new AppError('CONFLICT', 'CHECKOUT_REQUIRED');
  if (cancelAtPeriodEnd) throw new AppError('CONFLICT', 'SUBSCRIPTION_ENDING');
}
