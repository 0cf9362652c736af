import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { PlanKey } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { type CheckoutOrder, createCheckout, expireOpenCheckouts, findOpenCheckout, findPromotionCode, type OpenCheckout } from '../clients/stripe-checkout.ts';
import { isContractInForce } from '../domain/contract.ts';
import { isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { checkWebAddress, returnRuleOf } from '../domain/web-address.ts';
import { type BillingCustomer, ensureLinkedCustomer, oneAtATime, readBillingCustomer, refuseDeactivated } from './billing-customer.ts';
import { changeAtStripe } from './change-at-stripe.ts';
import { checkPlanFit } from './check-plan-fit.ts';

export interface CheckoutInput {
  customerId: string;
  plan: PlanKey;
  successUrl: string;
  cancelUrl: string;
  promotionCode?: string | null | undefined;
  /** Operator only: also for a plan that the customer does not fit. */
  force?: boolean | null | undefined;
}

const DAY_MS = 86_400_000;
/** Stripe takes an end of a trial only that far ahead. */
const NEAREST_TRIAL_END_MS = 2 * DAY_MS + 60_000;

/**
 * Opens Stripe's page for a plan. What is left of a local trial goes along. Other open checkouts of the customer end.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, PLAN_NOT_SOLD, ALREADY_ON_PLAN, SUBSCRIPTION_EXISTS, INVALID_URL, URL_NOT_ALLOWED,
 *   PLAN_DOES_NOT_FIT (unless the operator forces it), ADMIN_ONLY, PROMOTION_CODE_NOT_FOUND, PROMOTION_CODE_EXPIRED,
 *   PROMOTION_CODE_NOT_APPLICABLE, CATALOGUE_NOT_SYNCED, MISSING_AT_STRIPE, STRIPE_UNAVAILABLE (send it again)
 */
export async function createCheckoutSession(app: BillingApp, caller: Caller, input: CheckoutInput): Promise<OpenCheckout> {
  const rule = returnRuleOf(app.config);
  const successUrl = checkWebAddress(input.successUrl, 'successUrl', rule);
  const cancelUrl = checkWebAddress(input.cancelUrl, 'cancelUrl', rule);
  return oneAtATime(app, input.customerId, async () => {
    const customer = await readBillingCustomer(app, input.customerId);
    refuseDeactivated(customer);
    const prices = await app.catalogue.pricesOf(input.plan, app.clock.now());
    refuseSecond(customer.subscription, input.plan);
    const forced = await checkPlanFit(app, caller, customer.subscription, input);
    const stripeCustomerId = await ensureLinkedCustomer(app, customer);
    const promotionCodeId = await promotionCodeOf(app, input.promotionCode, stripeCustomerId);
    const order: CheckoutOrder = { ...input, successUrl, cancelUrl, stripeCustomerId, promotionCodeId, book: prices.book, basePriceId: prices.basePriceId, meteredPriceIds: [...prices.meteredPriceIds.values()], trial: restOfTrial(customer, app.clock.now()) };
    return openCheckout(app, caller, order, forced);
  });
}

async function openCheckout(app: BillingApp, caller: Caller, order: CheckoutOrder, forced: string | null): Promise<OpenCheckout> {
  let opened: OpenCheckout | null = null;
  await changeAtStripe(app, {
    customerId: order.customerId,
    kind: 'checkout',
    // The rest of the trial is another at each moment, the order is the same.
    input: { ...order, trial: null },
    actor: actorOf(caller),
    action: 'createCheckoutSession',
    detail: forced === null ? order.plan : `${order.plan}, ${forced}`,
    async call(key) {
      await expireOpenCheckouts(app.stripe, order.stripeCustomerId);
      opened = await createCheckout(app.stripe, order, `${key}:${order.trial === null ? 'none' : 'endsAt' in order.trial ? order.trial.endsAt.getTime() : order.trial.days}`);
      // Taken up again, Stripe repeats its first answer: a page that was closed meanwhile is of no use.
      if ((await findOpenCheckout(app.stripe, opened.id)) === null) opened = await createCheckout(app.stripe, order, `${key}:again:${opened.id}`);
    },
    isDone: () => opened !== null,
  });
  if (opened === null) throw new AppError('UNAVAILABLE', 'STRIPE_UNAVAILABLE');
  return opened;
}

function refuseSecond(subscription: Subscription, plan: PlanKey): void {
  if (!isLiveAtStripe(subscription) && !isContractInForce(subscription)) return;
  // A first payment that never came is no subscription: the next checkout takes its place.
  if (subscription.status === 'INCOMPLETE') return;
  throw new AppError('CONFLICT', subscription.plan === plan ? 'ALREADY_ON_PLAN' : 'SUBSCRIPTION_EXISTS');
}

async function promotionCodeOf(app: BillingApp, code: string | null | undefined, stripeCustomerId: string): Promise<string | null> {
  // Pasted with a line end behind, or with a blank in front.
  const typed = code?.trim() ?? '';
  if (typed === '') return null;
  const found = await findPromotionCode(app.stripe, typed, stripeCustomerId, app.clock.now());
  if (found === 'not_found') throw new AppError('INVALID_INPUT', 'PROMOTION_CODE_NOT_FOUND');
  if (found === 'expired') throw new AppError('INVALID_INPUT', 'PROMOTION_CODE_EXPIRED');
  return found.id;
}

/** Too near for Stripe, it is rounded up to whole days: to the customer's advantage. */
function restOfTrial({ subscription }: BillingCustomer, now: Date): CheckoutOrder['trial'] {
  const { status, trialEndsAt, stripeSubscriptionId } = subscription;
  if (status !== 'TRIALING' || stripeSubscriptionId !== null || trialEndsAt === null || trialEndsAt <= now) return null;
  const restMs = trialEndsAt.getTime() - now.getTime();
  return restMs >= NEAREST_TRIAL_END_MS ? { endsAt: trialEndsAt } : { days: Math.ceil(restMs / DAY_MS) };
}
