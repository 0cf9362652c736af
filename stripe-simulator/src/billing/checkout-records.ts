import { PRICES, type PriceRecord } from '../catalogue/catalogue-records.ts';
import { productName } from '../catalogue/sold-price.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { CHECKOUT_SESSIONS } from './billing-records.ts';
import type { DiscountParam } from './discounting.ts';
import { ratePrice } from './rating.ts';

export const CHECKOUT_EXPIRES = 'checkout.expires';

export interface CheckoutRecord extends StripeObject {
  object: 'checkout.session';
  allow_promotion_codes: boolean | null;
  cancel_url: string | null;
  client_reference_id: string | null;
  created: Seconds;
  customer: string | null;
  customer_email: string | null;
  expires_at: Seconds;
  metadata: Record<string, string>;
  payment_method_collection: 'always' | 'if_required';
  payment_status: 'no_payment_required' | 'paid' | 'unpaid';
  status: 'complete' | 'expired' | 'open';
  subscription: string | null;
  success_url: string | null;
  url: string | null;
  internal: {
    items: { id: string; price: string; quantity: number | null }[];
    discounts: DiscountParam[];
    trialEnd: Seconds | null;
    trialDays: number | null;
    subscriptionMetadata: Record<string, string>;
    description: string | null;
    missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  };
}

/** What is bought, as the API lists it. */
export function lineItemsOf(simulation: Simulation, { internal }: CheckoutRecord): StripeObject[] {
  return internal.items.map(({ id, price: priceId, quantity }) => {
    const price = simulation.store.get<PriceRecord>(PRICES, priceId) as PriceRecord;
    const amount = quantity === null ? 0 : ratePrice(price, String(quantity)).reduce((sum, part) => sum + part.amount, 0);
    return { id, object: 'item', amount_discount: 0, amount_subtotal: amount, amount_tax: 0, amount_total: amount, currency: price.currency, description: productName(simulation, price), metadata: {}, price, quantity };
  });
}

export function expireCheckout(simulation: Simulation, session: CheckoutRecord): CheckoutRecord {
  simulation.unschedule(CHECKOUT_EXPIRES, session.id);
  const expired = simulation.store.put<CheckoutRecord>(CHECKOUT_SESSIONS, { ...session, status: 'expired', url: null });
  simulation.emit('checkout.session.expired', expired);
  return expired;
}
