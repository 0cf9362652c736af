import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const CHARGES = 'charge';
export const REFUNDS = 'refund';
export const DISPUTES = 'dispute';

/** One payment by card. Money moves nowhere: it says what a real one would. */
export interface ChargeRecord extends StripeObject {
  object: 'charge';
  amount: number;
  amount_refunded: number;
  created: Seconds;
  currency: string;
  customer: string | null;
  disputed: boolean;
  payment_intent: string;
  refunded: boolean;
  /** Of the invoice that it paid; the API says it by the invoice's payments alone. */
  internal: { invoice: string };
}

export interface RefundRecord extends StripeObject {
  object: 'refund';
  amount: number;
  charge: string;
  created: Seconds;
  payment_intent: string;
  status: 'succeeded';
}

export type DisputeStatus = 'warning_needs_response' | 'warning_under_review' | 'warning_closed' | 'needs_response' | 'under_review' | 'won' | 'lost';

export interface DisputeRecord extends StripeObject {
  object: 'dispute';
  amount: number;
  charge: string;
  created: Seconds;
  currency: string;
  evidence: Record<string, unknown>;
  evidence_details: { due_by: Seconds | null; enhanced_eligibility: object; has_evidence: boolean; past_due: boolean; submission_count: number; submission_method: string };
  is_charge_refundable: boolean;
  metadata: Record<string, string>;
  payment_intent: string;
  reason: string;
  status: DisputeStatus;
}
