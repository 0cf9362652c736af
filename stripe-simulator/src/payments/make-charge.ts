import type { InvoiceRecord } from '../billing/billing-records.ts';
import type { PaymentMethodRecord } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import { type ChargeRecord, CHARGES } from './payment-records.ts';

/** What a charge of this simulation has always. */
const UNUSED = {
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: null,
  calculated_statement_descriptor: 'SIMULATED ACCOUNT',
  captured: true,
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  fraud_details: {},
  livemode: false,
  metadata: {},
  on_behalf_of: null,
  outcome: { advice_code: null, network_advice_code: null, network_decline_code: null, network_status: 'approved_by_network', reason: null, risk_level: 'normal', seller_message: 'Payment complete.', type: 'authorized' },
  paid: true,
  receipt_email: null,
  receipt_number: null,
  receipt_url: null,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: 'succeeded',
  transfer_data: null,
  transfer_group: null,
};

/** The charge by which a card pays an invoice: all that is still owed of it. */
export function makeCharge(simulation: Simulation, invoice: InvoiceRecord, method: PaymentMethodRecord): ChargeRecord {
  const { brand, country, exp_month, exp_year, funding, last4 } = method.card;
  return simulation.store.put<ChargeRecord>(CHARGES, {
    ...UNUSED,
    id: simulation.newId('ch'),
    object: 'charge',
    amount: invoice.amount_due,
    amount_captured: invoice.amount_due,
    amount_refunded: 0,
    billing_details: method['billing_details'],
    created: simulation.now(invoice.test_clock),
    currency: invoice.currency,
    customer: invoice.customer,
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    disputed: false,
    payment_intent: simulation.newId('pi'),
    payment_method: method.id,
    payment_method_details: { card: { brand, country, exp_month, exp_year, funding, last4 }, type: 'card' },
    refunded: false,
    internal: { invoice: invoice.id },
  });
}
