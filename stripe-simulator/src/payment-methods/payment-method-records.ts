import type { Seconds, Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { cardByToken, type ChargeOutcome, type Decline, type TestCard } from './cards.ts';

export const PAYMENT_METHODS = 'payment_method';

export interface PaymentMethodRecord extends StripeObject {
  object: 'payment_method';
  created: Seconds;
  customer: string | null;
  type: 'card';
  card: { brand: string; last4: string; exp_month: number; exp_year: number; [field: string]: unknown };
  metadata: Record<string, string>;
  /** What the card does, which only its issuer knows. */
  internal: { onAttach: Decline | null; charge: ChargeOutcome; onCharge: Decline | null };
}

/** By its id; a token (`pm_card_visa`) makes a new one each time, as the real one's do. */
export function findPaymentMethod(simulation: Simulation, id: string): PaymentMethodRecord | undefined {
  const stored = simulation.store.get<PaymentMethodRecord>(PAYMENT_METHODS, id);
  const card = stored === undefined ? cardByToken(id) : undefined;
  return card === undefined ? stored : createPaymentMethod(simulation, card);
}

/** A payment method of this card, of nobody yet. */
export function createPaymentMethod(simulation: Simulation, card: TestCard): PaymentMethodRecord {
  const now = simulation.now();
  return simulation.store.put<PaymentMethodRecord>(PAYMENT_METHODS, {
    id: simulation.newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(now * 1000).getUTCFullYear() + 3,
      fingerprint: `fp${card.number.slice(-8)}`,
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
    internal: { onAttach: card.onAttach, charge: card.charge, onCharge: card.onCharge },
  });
}
