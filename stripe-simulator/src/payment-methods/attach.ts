import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { declineError } from './cards.ts';
import { findPaymentMethod, PAYMENT_METHODS, type PaymentMethodRecord } from './payment-method-records.ts';

/** Gives the payment method (its id or a token) to the customer. @throws StripeError when its card is refused (402), or it is somebody else's. */
export function attachPaymentMethod(simulation: Simulation, id: string, customer: CustomerRecord): PaymentMethodRecord {
  const method = findPaymentMethod(simulation, id);
  if (method === undefined) throw StripeError.missing(PAYMENT_METHODS, id, 'payment_method');
  if (method.customer === customer.id) return method;
  if (method.customer !== null) throw StripeError.invalid('The payment method you provided has already been attached to a customer.', { code: 'payment_method_already_attached' });
  if (method.internal.onAttach !== null) throw declineError(method.internal.onAttach);
  const attached = changeObject(simulation, PAYMENT_METHODS, method, { customer: customer.id }, null);
  simulation.emit('payment_method.attached', attached);
  return attached;
}

/** Takes it away from its customer, for good: nothing is charged to it any more. */
export function detachPaymentMethod(simulation: Simulation, method: PaymentMethodRecord): PaymentMethodRecord {
  const customer = simulation.store.get<CustomerRecord>(CUSTOMERS, method.customer ?? '');
  const detached = changeObject(simulation, PAYMENT_METHODS, method, { customer: null }, null);
  simulation.emit('payment_method.detached', detached, { customer: method.customer });
  if (customer?.invoice_settings?.default_payment_method === method.id) {
    changeObject(simulation, CUSTOMERS, customer, { invoice_settings: { ...customer.invoice_settings, default_payment_method: null } }, 'customer.updated');
  }
  return detached;
}
