import { changeObject } from '../change-object.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type ChargeRecord, CHARGES, type DisputeRecord, DISPUTES, type DisputeStatus } from './payment-records.ts';

const DAY_SECONDS = 86_400;
/** Banks give between 7 and 21 days to answer. */
const DAYS_TO_ANSWER = 14;
export const EVIDENCE_FIELDS = ['access_activity_log', 'billing_address', 'cancellation_policy', 'cancellation_policy_disclosure', 'cancellation_rebuttal', 'customer_communication', 'customer_email_address', 'customer_name', 'customer_purchase_ip', 'customer_signature', 'duplicate_charge_documentation', 'duplicate_charge_explanation', 'duplicate_charge_id', 'product_description', 'receipt', 'refund_policy', 'refund_policy_disclosure', 'refund_refusal_explanation', 'service_date', 'service_documentation', 'shipping_address', 'shipping_carrier', 'shipping_date', 'shipping_documentation', 'shipping_tracking_number', 'uncategorized_file', 'uncategorized_text'] as const;

const FINAL: ReadonlySet<DisputeStatus> = new Set(['won', 'lost', 'warning_closed']);

/** A bank takes a charge back, or asks about it (an inquiry: no money moves). @throws StripeError */
export function openDispute(simulation: Simulation, charge: ChargeRecord, { amount = charge.amount - charge.amount_refunded, reason, isInquiry }: { amount?: number | undefined; reason: string; isInquiry: boolean }): DisputeRecord {
  if (amount < 1 || amount > charge.amount - charge.amount_refunded) throw StripeError.invalid('A dispute is of what is left of its charge.', { param: 'amount' });
  const created = simulation.now();
  const { card } = charge['payment_method_details'] as { card: { brand: string } };
  changeObject(simulation, CHARGES, charge, { disputed: true }, 'charge.updated');
  const dispute = simulation.store.put<DisputeRecord>(DISPUTES, {
    id: simulation.newId('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { ...Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, null])), enhanced_evidence: {} },
    evidence_details: { due_by: lastSecondOfDay(created + DAYS_TO_ANSWER * DAY_SECONDS), enhanced_eligibility: {}, has_evidence: false, past_due: false, submission_count: 0, submission_method: 'not_submitted' },
    intended_submission_method: null,
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: { card: { brand: card.brand, case_type: isInquiry ? 'inquiry' : 'chargeback', network_reason_code: '10.4' }, type: 'card' },
    reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  });
  simulation.emit('charge.dispute.created', dispute);
  if (!isInquiry) simulation.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

function lastSecondOfDay(at: Seconds): Seconds {
  return (Math.floor(at / DAY_SECONDS) + 1) * DAY_SECONDS - 1;
}

/** What the bank decides; an inquiry closes without a winner. @throws StripeError where it is decided. */
export function closeDispute(simulation: Simulation, id: string, outcome: 'won' | 'lost'): DisputeRecord {
  const dispute = getObject<DisputeRecord>(simulation, DISPUTES, id);
  if (FINAL.has(dispute.status)) throw StripeError.invalid('This dispute is already closed.');
  const isInquiry = dispute.status.startsWith('warning_');
  const closed = changeObject(simulation, DISPUTES, dispute, { status: isInquiry ? 'warning_closed' : outcome }, 'charge.dispute.closed');
  if (!isInquiry && outcome === 'won') simulation.emit('charge.dispute.funds_reinstated', closed);
  return closed;
}

/** Evidence, kept or handed in: handed in, the bank has its turn. @throws StripeError where it is decided. */
export function answerDispute(simulation: Simulation, id: string, given: { evidence: Record<string, string | null>; metadata: Record<string, string> | undefined; submit: boolean }): DisputeRecord {
  const dispute = getObject<DisputeRecord>(simulation, DISPUTES, id);
  const hasEvidence = Object.keys(given.evidence).length > 0;
  if (hasEvidence && FINAL.has(dispute.status)) throw StripeError.invalid('This dispute is already closed.');
  const isHandedIn = given.submit && hasEvidence;
  const status: DisputeStatus = !isHandedIn ? dispute.status : dispute.status.startsWith('warning_') ? 'warning_under_review' : 'under_review';
  const details = { ...dispute.evidence_details, has_evidence: dispute.evidence_details.has_evidence || hasEvidence, submission_count: dispute.evidence_details.submission_count + (isHandedIn ? 1 : 0), submission_method: isHandedIn ? 'manual' : dispute.evidence_details.submission_method };
  return changeObject(simulation, DISPUTES, dispute, { evidence: { ...dispute.evidence, ...given.evidence }, evidence_details: details, metadata: given.metadata ?? dispute.metadata, status }, 'charge.dispute.updated');
}
