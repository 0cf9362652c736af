import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { createCustomer } from '../customers/create-customer.ts';
import { findPromotionCode } from '../discounts/redeem.ts';
import { getObject } from '../find-object.ts';
import { attachPaymentMethod } from '../payment-methods/attach.ts';
import { cardByNumber, declineError } from '../payment-methods/cards.ts';
import { createPaymentMethod } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { StripeError } from '../stripe-error.ts';
import { CHECKOUT_SESSIONS, type InvoiceRecord, INVOICES, type SubscriptionRecord } from './billing-records.ts';
import { CHECKOUT_EXPIRES, type CheckoutRecord } from './checkout-records.ts';
import { createSubscription, trialEndOf } from './create-subscription.ts';

/** Pays the session with this card number, as its buyer would on the hosted page; one that was paid stays as it is. An empty number is no card, where none is required. @throws StripeError: it stays open, and nothing was bought */
export function completeCheckout(simulation: Simulation, sessionId: string, { card: number, promotionCode }: { card: string; promotionCode: string | null }): StripeObject {
  const session = getObject<CheckoutRecord>(simulation, CHECKOUT_SESSIONS, sessionId);
  if (session.status === 'complete') return session;
  if (session.status !== 'open') throw StripeError.invalid('This Checkout Session is expired: it cannot be paid.', { code: 'checkout_session_not_open' });
  const customer = session.customer === null ? createCustomer(simulation, { email: session.customer_email }) : getObject<CustomerRecord>(simulation, CUSTOMERS, session.customer);
  const discounts = promotionCode === null || promotionCode === '' ? session.internal.discounts : [{ promotion_code: codeOf(simulation, session, promotionCode) }];
  const now = simulation.now(customer.test_clock);
  const isCardless = session.payment_method_collection === 'if_required' && number.trim() === '';
  const card = isCardless ? null : cardByNumber(number);
  const method = card === null ? null : attachPaymentMethod(simulation, createPaymentMethod(simulation, card).id, customer);
  const { internal } = session;
  const trialEnd = internal.trialEnd !== null && internal.trialEnd <= now ? null : trialEndOf(now, { ...(internal.trialEnd === null ? {} : { trial_end: internal.trialEnd }), ...(internal.trialDays === null ? {} : { trial_period_days: internal.trialDays }) });
  if (trialEnd === null && card !== null && card.charge !== 'succeeds' && card.onCharge !== null) throw declineError(card.onCharge);
  const subscription = createSubscription(simulation, {
    customer: customer.id,
    items: internal.items.map(({ price, quantity }) => ({ price, ...(quantity === null ? {} : { quantity }) })),
    trialEnd,
    metadata: internal.subscriptionMetadata,
    discounts,
    session: session.id,
    defaultPaymentMethod: method?.id ?? null,
    paymentBehavior: 'error_if_incomplete',
    missingPaymentMethod: internal.missingPaymentMethod,
    description: internal.description,
  });
  return complete(simulation, session, customer, subscription);
}

function codeOf(simulation: Simulation, session: CheckoutRecord, typed: string): string {
  if (session.allow_promotion_codes !== true) throw StripeError.invalid('This Checkout Session does not take promotion codes.', { param: 'promotionCode' });
  const code = findPromotionCode(simulation, typed, session.customer);
  if (code === undefined) throw StripeError.invalid('This code is invalid.', { code: 'promotion_code_invalid', param: 'promotionCode' });
  return code.id;
}

function complete(simulation: Simulation, session: CheckoutRecord, customer: CustomerRecord, subscription: SubscriptionRecord): CheckoutRecord {
  simulation.unschedule(CHECKOUT_EXPIRES, session.id);
  const invoice = simulation.store.get<InvoiceRecord>(INVOICES, subscription.latest_invoice ?? '');
  const total = invoice?.total ?? 0;
  const done = changeObject(
    simulation,
    CHECKOUT_SESSIONS,
    session,
    {
      amount_subtotal: invoice?.subtotal ?? 0,
      amount_total: total,
      customer: customer.id,
      customer_details: { address: null, email: customer.email, name: customer.name, phone: null, tax_exempt: 'none', tax_ids: [] },
      invoice: invoice?.id ?? null,
      payment_status: total === 0 ? 'no_payment_required' : 'paid',
      status: 'complete',
      subscription: subscription.id,
      url: null,
    },
    null,
  );
  simulation.emit('checkout.session.completed', done);
  return done;
}
