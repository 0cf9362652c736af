/** What Stripe's eleven states come to for who looks: CLOSED is an inquiry that ended, or a dispute that was prevented; no money moved. */
export type DisputeStatus = 'NEEDS_RESPONSE' | 'UNDER_REVIEW' | 'WON' | 'LOST' | 'CLOSED';

/** A payment that a customer's bank takes back, or asks about. */
export interface Dispute {
  /** Stripe's. */
  id: string;
  customerId: string;
  /** Of the invoice that the payment was for; null for a payment of none. */
  invoiceId: string | null;
  /** Minor units of `currency`. */
  amount: number;
  currency: string;
  /** In Stripe's words: `fraudulent`, `product_not_received`, … */
  reason: string;
  status: DisputeStatus;
  /** Until when the bank takes an answer; null where it takes none. */
  respondBy: Date | null;
  createdAt: Date;
}

const STATUSES: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: 'NEEDS_RESPONSE',
  needs_response: 'NEEDS_RESPONSE',
  appeal_needs_response: 'NEEDS_RESPONSE',
  warning_under_review: 'UNDER_REVIEW',
  under_review: 'UNDER_REVIEW',
  appeal_under_review: 'UNDER_REVIEW',
  warning_closed: 'CLOSED',
  prevented: 'CLOSED',
  won: 'WON',
  lost: 'LOST',
};

/** A state that Stripe adds one day counts as one that is not decided. */
export function disputeStatusOf(stripeStatus: string): DisputeStatus {
  return STATUSES[stripeStatus] ?? 'UNDER_REVIEW';
}

/** Whether the money is gone, or may go. */
export function isContested(status: DisputeStatus): boolean {
  return status === 'NEEDS_RESPONSE' || status === 'UNDER_REVIEW' || status === 'LOST';
}
