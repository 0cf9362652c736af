import { moneyText } from '../billing/money-text.ts';
import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { createdRange, integer, listParams, metadata, oneOf, params, text, withMetadata } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type ChargeRecord, CHARGES, type DisputeRecord, DISPUTES, type RefundRecord, REFUNDS } from './payment-records.ts';

const URL_ = '/v1/refunds';

function chargeOf(simulation: Simulation, { charge, payment_intent: intent }: { charge?: string | undefined; payment_intent?: string | undefined }): ChargeRecord {
  if (charge !== undefined) return needObject<ChargeRecord>(simulation, CHARGES, charge, 'charge');
  if (intent === undefined) throw StripeError.invalid('One of the following params should be provided for this request: payment_intent or charge.');
  const [found] = simulation.store.by<ChargeRecord>(CHARGES, 'payment_intent', intent);
  if (found === undefined) throw StripeError.missing('payment_intent', intent, 'payment_intent');
  return found;
}

/** What is left of a charge. @throws StripeError where nothing is, or a bank has it. */
function refundable(simulation: Simulation, charge: ChargeRecord, wanted: number | undefined): number {
  if (charge.refunded) throw StripeError.invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  const disputes = simulation.store.by<DisputeRecord>(DISPUTES, 'charge', charge.id);
  if (disputes.some(({ is_charge_refundable: mayBe }) => !mayBe)) throw StripeError.invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  const left = charge.amount - charge.amount_refunded;
  if (wanted !== undefined && wanted > left) throw StripeError.invalid(`Refund amount (${moneyText(wanted, charge.currency)}) is greater than unrefunded amount on charge (${moneyText(left, charge.currency)})`, { param: 'amount' });
  return wanted ?? left;
}

const create = endpoint({
  method: 'POST',
  path: URL_,
  params: params({ charge: text().optional(), payment_intent: text().optional(), amount: integer({ min: 1 }).optional(), reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer').optional(), metadata: metadata().optional() }),
  run({ simulation, params: given }) {
    const charge = chargeOf(simulation, given);
    const amount = refundable(simulation, charge, given.amount);
    const refund = simulation.store.put<RefundRecord>(REFUNDS, { id: simulation.newId('re'), object: 'refund', amount, balance_transaction: null, charge: charge.id, created: simulation.now(), currency: charge.currency, customer: charge.customer, customer_account: null, destination_details: { card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' }, type: 'card' }, metadata: withMetadata({}, given.metadata), payment_intent: charge.payment_intent, payment_method: charge['payment_method'], reason: given.reason ?? null, receipt_number: null, source_transfer_reversal: null, status: 'succeeded', transfer_reversal: null });
    simulation.emit('refund.created', refund);
    const total = charge.amount_refunded + amount;
    changeObject(simulation, CHARGES, charge, { amount_refunded: total, refunded: total === charge.amount }, 'charge.refunded');
    return refund;
  },
});

const update = endpoint({
  method: 'POST',
  path: `${URL_}/:id`,
  params: params({ metadata: metadata().optional() }),
  run({ simulation, path, params: given }) {
    const refund = getObject<RefundRecord>(simulation, REFUNDS, path['id']);
    return changeObject(simulation, REFUNDS, refund, { metadata: withMetadata(refund['metadata'] as Record<string, string>, given.metadata) }, 'refund.updated');
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<RefundRecord>(simulation, REFUNDS, path['id']) });

const listRefunds = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ charge: text().optional(), payment_intent: text().optional(), created: createdRange().optional() }),
  run({ simulation, params: { charge, payment_intent: intent, created, ...page } }) {
    const found = charge === undefined ? allObjects<RefundRecord>(simulation, REFUNDS) : simulation.store.by<RefundRecord>(REFUNDS, 'charge', charge);
    return list(createdIn(found, created).filter((refund) => intent === undefined || refund.payment_intent === intent), page, URL_);
  },
});

export const refundEndpoints: Endpoint[] = [create, update, retrieve, listRefunds];
