import { Stripe } from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestShop, type TestShop } from '../billing/test-shop.ts';

let shop: TestShop<Stripe>;
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

/** Somebody bought for $10.00, and this is the charge. */
async function charged(): Promise<{ charge: Stripe.Charge; invoice: Stripe.Invoice }> {
  shop = await openTestShop(Stripe, { start: '2026-04-01T00:00:00.000Z' });
  const { id } = await shop.stripe.subscriptions.create({ customer: shop.customer.id, items: [{ price: (await shop.monthly(1_000)).id }] });
  const [charge] = (await shop.stripe.charges.list({ customer: shop.customer.id })).data;
  return { charge: charge as Stripe.Charge, invoice: (await shop.invoices(id))[0] as Stripe.Invoice };
}

const happenedTo = async (prefix: RegExp): Promise<string[]> => (await shop.happened()).filter((type) => prefix.test(type));
const refused = (call: Promise<unknown>): Promise<string> => call.then(() => 'done', (error: unknown) => (error as Stripe.errors.StripeError).code ?? (error as Error).message);

describe('a charge', () => {
  it('is what an invoice was paid by: found by its payment intent, and the invoice by it', async () => {
    const { charge, invoice } = await charged();
    expect(charge).toMatchObject({ object: 'charge', amount: 1_000, amount_refunded: 0, disputed: false, refunded: false, status: 'succeeded', customer: shop.customer.id });
    const payments = await shop.stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: charge.payment_intent as string } });
    expect(payments.data.map(({ invoice: of }) => of)).toEqual([invoice.id]);
    expect((await shop.stripe.charges.list({ payment_intent: charge.payment_intent as string })).data.map(({ id }) => id)).toEqual([charge.id]);
    expect(await shop.stripe.charges.retrieve(charge.id)).toMatchObject({ id: charge.id });
  });
});

describe('a refund', () => {
  it('gives back a part, and then the rest; more than that is refused', async () => {
    const { charge } = await charged();
    const refund = await shop.stripe.refunds.create({ charge: charge.id, amount: 400, reason: 'requested_by_customer' });
    expect(refund).toMatchObject({ object: 'refund', amount: 400, status: 'succeeded', customer: shop.customer.id, payment_intent: charge.payment_intent });
    expect(await refused(shop.stripe.refunds.create({ charge: charge.id, amount: 601 }))).toContain('greater than unrefunded amount');
    await shop.stripe.refunds.create({ payment_intent: charge.payment_intent as string });
    expect(await shop.stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 1_000, refunded: true });
    expect(await refused(shop.stripe.refunds.create({ charge: charge.id }))).toBe('charge_already_refunded');
    expect((await shop.stripe.refunds.list({ charge: charge.id })).data.map(({ amount }) => amount)).toEqual([600, 400]);
    expect(await happenedTo(/refund/)).toEqual(['refund.created', 'charge.refunded', 'refund.created', 'charge.refunded']);
  });
});

describe('a dispute', () => {
  it('takes the charge back until it is answered and decided, and keeps it from being refunded', async () => {
    const { charge, invoice } = await charged();
    const { id } = (await shop.account.simulate('/_sim/disputes', { invoice: invoice.id, reason: 'product_not_received' })) as { id: string };
    expect(await shop.stripe.charges.retrieve(charge.id)).toMatchObject({ disputed: true });
    expect(await shop.stripe.disputes.retrieve(id)).toMatchObject({ object: 'dispute', amount: 1_000, charge: charge.id, reason: 'product_not_received', status: 'needs_response', is_charge_refundable: false, evidence_details: { due_by: Date.parse('2026-04-15T23:59:59Z') / 1_000 } });
    expect(await refused(shop.stripe.refunds.create({ charge: charge.id }))).toBe('charge_disputed');
    expect(await shop.stripe.disputes.update(id, { evidence: { product_description: 'a plan' } })).toMatchObject({ status: 'under_review', evidence_details: { has_evidence: true, submission_count: 1 } });
    await shop.account.simulate(`/_sim/disputes/${id}/close`, { outcome: 'won' });
    expect(await shop.stripe.disputes.retrieve(id)).toMatchObject({ status: 'won' });
    expect(await refused(shop.stripe.disputes.close(id))).toContain('already closed');
    expect(await happenedTo(/^charge\.dispute/)).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.dispute.updated', 'charge.dispute.closed', 'charge.dispute.funds_reinstated']);
  });

  it('is lost when nobody contests it; a question alone moves nothing', async () => {
    const { charge } = await charged();
    const inquiry = (await shop.account.simulate('/_sim/disputes', { charge: charge.id, inquiry: true })) as { id: string; status: string; is_charge_refundable: boolean };
    expect([inquiry.status, inquiry.is_charge_refundable]).toEqual(['warning_needs_response', true]);
    expect(await shop.stripe.disputes.close(inquiry.id)).toMatchObject({ status: 'warning_closed' });
    const { id } = (await shop.account.simulate('/_sim/disputes', { charge: charge.id, amount: 300 })) as { id: string };
    expect(await shop.stripe.disputes.close(id)).toMatchObject({ status: 'lost', amount: 300 });
  });

  it('has the fields that the reference of the API names, all of them', async () => {
    const { charge } = await charged();
    const dispute = await shop.account.simulate('/_sim/disputes', { charge: charge.id });
    // The reference's own example of the object, and what later versions of the API added to it.
    const example = ['id', 'object', 'amount', 'balance_transactions', 'charge', 'created', 'currency', 'evidence', 'evidence_details', 'is_charge_refundable', 'livemode', 'metadata', 'payment_intent', 'reason', 'status'];
    const added = ['enhanced_eligibility_types', 'intended_submission_method', 'payment_method_details'];
    expect(Object.keys(dispute as object).toSorted()).toEqual([...example, ...added].toSorted());
    expect(Object.keys((dispute as { evidence: object }).evidence)).toEqual(expect.arrayContaining(['access_activity_log', 'cancellation_rebuttal', 'shipping_tracking_number', 'uncategorized_text']));
    expect(Object.keys((dispute as { evidence_details: object }).evidence_details)).toEqual(expect.arrayContaining(['due_by', 'has_evidence', 'past_due', 'submission_count']));
  });
});
