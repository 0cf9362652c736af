import { AppError } from '@iotistic/contracts/errors';
import type Stripe from 'stripe';
import { callStripe, refusedParamOf, type StripeAccess } from './stripe.ts';

export interface CheckoutOrder {
  customerId: string;
  stripeCustomerId: string;
  plan: string;
  book: string;
  basePriceId: string;
  meteredPriceIds: readonly string[];
  successUrl: string;
  cancelUrl: string;
  promotionCodeId: string | null;
  /** The trial's rest: until then, or so many days where Stripe would not take so near an instant. */
  trial: { endsAt: Date } | { days: number } | null;
}

export interface OpenCheckout {
  id: string;
  url: string;
}

/** @throws AppError PROMOTION_CODE_NOT_APPLICABLE: in another currency, for a first purchase, for larger ones, … */
export async function createCheckout(access: StripeAccess | null, order: CheckoutOrder, idempotencyKey: string): Promise<OpenCheckout> {
  try {
    return await createSession(access, order, idempotencyKey);
  } catch (error) {
    if (order.promotionCodeId === null || refusedParamOf(error)?.startsWith('discounts') !== true) throw error;
    throw new AppError('INVALID_INPUT', 'PROMOTION_CODE_NOT_APPLICABLE', undefined, { cause: error });
  }
}

async function createSession(access: StripeAccess | null, order: CheckoutOrder, idempotencyKey: string): Promise<OpenCheckout> {
  const { customerId, trial } = order;
  const subscription: Stripe.Checkout.SessionCreateParams.SubscriptionData = { metadata: { customer_id: customerId, plan: order.plan, book: order.book } };
  if (trial !== null) Object.assign(subscription, 'endsAt' in trial ? { trial_end: Math.floor(trial.endsAt.getTime() / 1000) } : { trial_period_days: trial.days });
  const session = await callStripe(access, (stripe) =>
    stripe.checkout.sessions.create(
      {
        mode: 'subscription',
        customer: order.stripeCustomerId,
        client_reference_id: customerId,
        // A quantity on a metered price is refused.
        line_items: [{ price: order.basePriceId, quantity: 1 }, ...order.meteredPriceIds.map((price) => ({ price }))],
        success_url: order.successUrl,
        cancel_url: order.cancelUrl,
        subscription_data: subscription,
        metadata: { customer_id: customerId, plan: order.plan },
        ...(order.promotionCodeId === null ? { allow_promotion_codes: true } : { discounts: [{ promotion_code: order.promotionCodeId }] }),
      },
      { idempotencyKey },
    ),
  );
  if (session.url === null) throw new Error('Stripe opened a checkout without a page');
  return { id: session.id, url: session.url };
}

/** Ends what the customer has open, so that nothing is bought twice. One that was completed meanwhile stays completed. */
export async function expireOpenCheckouts(access: StripeAccess | null, stripeCustomerId: string): Promise<void> {
  const open = await callStripe(access, (stripe) => stripe.checkout.sessions.list({ customer: stripeCustomerId, status: 'open', limit: 100 }));
  for (const { id } of open.data) {
    try {
      await callStripe(access, (stripe) => stripe.checkout.sessions.expire(id));
    } catch (error) {
      const { status } = await callStripe(access, (stripe) => stripe.checkout.sessions.retrieve(id));
      if (status === 'open') throw error;
    }
  }
}

/** @returns null unless it is open still. */
export async function findOpenCheckout(access: StripeAccess | null, id: string): Promise<OpenCheckout | null> {
  const session = await callStripe(access, (stripe) => stripe.checkout.sessions.retrieve(id));
  return session.status === 'open' && session.url !== null ? { id: session.id, url: session.url } : null;
}

export type FoundPromotionCode = { id: string } | 'not_found' | 'expired';

/** A code as its buyer types it. */
export async function findPromotionCode(access: StripeAccess | null, code: string, stripeCustomerId: string, now: Date): Promise<FoundPromotionCode> {
  const { data } = await callStripe(access, (stripe) => stripe.promotionCodes.list({ code, limit: 100 }));
  const usable = data.filter((promotion) => promotion.customer === null || promotion.customer === stripeCustomerId);
  if (usable.length === 0) return 'not_found';
  const active = usable.find((promotion) => promotion.active && (promotion.expires_at === null || promotion.expires_at * 1000 > now.getTime()) && (promotion.max_redemptions === null || promotion.times_redeemed < promotion.max_redemptions));
  return active === undefined ? 'expired' : { id: active.id };
}

export async function createPortal(access: StripeAccess | null, order: { stripeCustomerId: string; configurationId: string; returnUrl: string }): Promise<string> {
  const session = await callStripe(access, (stripe) => stripe.billingPortal.sessions.create({ customer: order.stripeCustomerId, configuration: order.configurationId, return_url: order.returnUrl }));
  return session.url;
}
