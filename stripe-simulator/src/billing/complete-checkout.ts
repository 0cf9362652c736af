import type { Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { StripeError } from '../stripe-error.ts';

/** Pays the session with this card number, as its buyer would on the hosted page. @throws StripeError */
export function completeCheckout(_simulation: Simulation, sessionId: string, _payment: { card: string; promotionCode: string | null }): StripeObject {
  throw StripeError.notFound('checkout.session', sessionId);
}
