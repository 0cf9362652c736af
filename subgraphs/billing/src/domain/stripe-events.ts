/** What an event of Stripe makes us do: read the customer again, read a payment and what became of it, note that a meter refused something, or nothing. */
export type StripeEventEffect = 'sync' | 'charge' | 'meter_error' | 'ignore';

/** Every type that we ask Stripe for. Its payload is never applied: it says whose truth to read again. */
export const STRIPE_EVENT_EFFECTS = {
  'checkout.session.completed': 'sync',
  'checkout.session.expired': 'ignore',
  'customer.subscription.created': 'sync',
  'customer.subscription.updated': 'sync',
  'customer.subscription.deleted': 'sync',
  'customer.subscription.paused': 'sync',
  'customer.subscription.resumed': 'sync',
  'customer.subscription.trial_will_end': 'sync',
  'customer.subscription.pending_update_applied': 'sync',
  'customer.subscription.pending_update_expired': 'sync',
  'invoice.created': 'sync',
  'invoice.finalized': 'sync',
  'invoice.finalization_failed': 'sync',
  'invoice.paid': 'sync',
  'invoice.payment_failed': 'sync',
  'invoice.payment_action_required': 'sync',
  'invoice.upcoming': 'ignore',
  'invoice.voided': 'sync',
  'invoice.marked_uncollectible': 'sync',
  // Of an open invoice they change what is owed.
  'credit_note.created': 'sync',
  'credit_note.voided': 'sync',
  'charge.refunded': 'charge',
  'refund.created': 'charge',
  'refund.updated': 'charge',
  'refund.failed': 'charge',
  'charge.dispute.created': 'charge',
  'charge.dispute.updated': 'charge',
  'charge.dispute.closed': 'charge',
  'customer.updated': 'ignore',
  'customer.deleted': 'sync',
} as const satisfies Record<string, StripeEventEffect>;

/** Thin events: that a meter event which was accepted could not be counted. */
export const THIN_EVENT_EFFECTS = { 'v1.billing.meter.error_report_triggered': 'meter_error', 'v1.billing.meter.no_meter_found': 'meter_error' } as const satisfies Record<string, StripeEventEffect>;

export const HEARD_EVENT_TYPES = Object.keys(STRIPE_EVENT_EFFECTS);
export const THIN_EVENT_TYPES = Object.keys(THIN_EVENT_EFFECTS);

const EFFECTS = new Map<string, StripeEventEffect>([...Object.entries(STRIPE_EVENT_EFFECTS), ...Object.entries(THIN_EVENT_EFFECTS)]);

/** A type that nobody asked for does nothing. */
export function effectOf(type: string): StripeEventEffect {
  return EFFECTS.get(type) ?? 'ignore';
}
