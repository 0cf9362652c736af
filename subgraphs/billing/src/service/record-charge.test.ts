import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';
import type { Stripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LONG = { timeout: 40_000 };
const OPERATOR = 'operator@example.com';
let under: BillingUnderTest;

beforeAll(async () => {
  under = await startUnderTest({ OPERATOR_EMAIL: OPERATOR });
});
afterAll(() => under.close());

interface Shown {
  disputes: { id: string; invoiceId: string; amount: { amount: number }; reason: string; status: string; respondBy: string | null }[];
  invoices: { edges: { node: { id: string; number: string; disputed: boolean; refunded: { amount: number } | null; amountDue: { amount: number }; subtotal: { amount: number }; attempts: number; customer: { id: string } } }[] };
}

async function bought(): Promise<{ customerId: string; charge: Stripe.Charge }> {
  const customerId = await under.customerAfterTrial();
  await under.buy(customerId, 'STARTER');
  await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'), LONG);
  const [row] = await under.billing.rows<{ stripe_customer_id: string }>('select stripe_customer_id from customers where id = $1', [customerId]);
  const { data: [charge] } = await under.stripe.charges.list({ customer: row?.stripe_customer_id ?? '' });
  return { customerId, charge: charge as Stripe.Charge };
}

async function shown(customerId: string): Promise<Shown> {
  const found = await under.billing.entity<Shown>(ADMIN, { __typename: 'Customer', id: customerId }, 'disputes { id invoiceId amount { amount } reason status respondBy } invoices(first: 5) { edges { node { id number disputed refunded { amount } amountDue { amount } subtotal { amount } attempts customer { id } } } }');
  if (found === null) throw new Error('no customer');
  return found;
}

const invoiceOf = async (customerId: string): Promise<Shown['invoices']['edges'][number]['node'] | undefined> => (await shown(customerId)).invoices.edges[0]?.node;
const openDisputes = async (): Promise<unknown> => ((await under.billing.ask(ADMIN, '{ billingOverview { disputes { open needResponse respondBy } } }')).data as { billingOverview: { disputes: unknown } }).billingOverview.disputes;
const operatorMails = (): Promise<{ subject: string; text_body: string }[]> => under.billing.rows("select subject, text_body from mails where recipient = $1 and key like 'dispute:%' order by created_at", [OPERATOR]);

describe('a payment that a bank takes back', () => {
  it('is seen on the invoice, the customer and in the overview, and the operator gets one mail, whatever becomes of it', async () => {
    const { customerId, charge } = await bought();
    const dispute = await under.simulate('/_sim/disputes', { charge: charge.id, reason: 'product_not_received' });
    await waitFor(async () => expect((await invoiceOf(customerId))?.disputed).toBe(true), LONG);
    const { disputes, invoices } = await shown(customerId);
    expect(disputes).toEqual([{ id: dispute['id'], invoiceId: invoices.edges[0]?.node.id, amount: { amount: 2_900 }, reason: 'product_not_received', status: 'NEEDS_RESPONSE', respondBy: expect.any(String) as string }]);
    expect(await openDisputes()).toEqual({ open: 1, needResponse: 1, respondBy: disputes[0]?.respondBy });
    await under.stripe.disputes.update(String(dispute['id']), { evidence: { product_description: 'licenses' }, submit: true });
    await waitFor(async () => expect((await shown(customerId)).disputes[0]?.status).toBe('UNDER_REVIEW'), LONG);
    expect(await openDisputes()).toEqual({ open: 1, needResponse: 0, respondBy: null });
    await under.simulate(`/_sim/disputes/${String(dispute['id'])}/close`, { outcome: 'lost' });
    await waitFor(async () => expect((await shown(customerId)).disputes[0]?.status).toBe('LOST'), LONG);
    expect([(await invoiceOf(customerId))?.disputed, await openDisputes()]).toEqual([true, { open: 0, needResponse: 0, respondBy: null }]);
    const mails = await operatorMails();
    expect(mails).toMatchObject([{ subject: 'Acme disputes $29.00 (product_not_received)' }]);
    expect(mails[0]?.text_body).toContain(String((await invoiceOf(customerId))?.number));
    expect((await under.subscription(customerId)).status).toBe('ACTIVE');
  }, 120_000);

  it('is none any more when the vendor won, or when it was a question that was settled', async () => {
    const won = await bought();
    const asked = await bought();
    const one = await under.simulate('/_sim/disputes', { charge: won.charge.id });
    const other = await under.simulate('/_sim/disputes', { charge: asked.charge.id, inquiry: true });
    for (const { customerId } of [won, asked]) await waitFor(async () => expect((await invoiceOf(customerId))?.disputed).toBe(true), LONG);
    await under.simulate(`/_sim/disputes/${String(one['id'])}/close`, { outcome: 'won' });
    await under.simulate(`/_sim/disputes/${String(other['id'])}/close`, { outcome: 'won' });
    for (const [{ customerId }, status] of [[won, 'WON'], [asked, 'CLOSED']] as const) {
      await waitFor(async () => expect((await shown(customerId)).disputes[0]?.status).toBe(status), LONG);
      expect((await invoiceOf(customerId))?.disputed).toBe(false);
    }
  }, 120_000);
});

describe('a refund', () => {
  it('is seen on its invoice, as the sum of all of it, when its webhook comes or when the sweep finds it', async () => {
    const { customerId, charge } = await bought();
    await waitFor(async () => expect(await invoiceOf(customerId)).toMatchObject({ refunded: null, disputed: false, amountDue: { amount: 0 }, subtotal: { amount: 2_900 }, attempts: 1, customer: { id: customerId } }), LONG);
    await under.stripe.refunds.create({ charge: charge.id, amount: 1_000 });
    await waitFor(async () => expect((await invoiceOf(customerId))?.refunded).toEqual({ amount: 1_000 }), LONG);
    await under.simulate('/_sim/chaos', { drop: 1 });
    await under.stripe.refunds.create({ payment_intent: charge.payment_intent as string });
    await under.simulate('/_sim/chaos', { drop: 0 });
    await under.simulate('/_sim/time', { seconds: 7_200 });
    await waitFor(async () => expect((await invoiceOf(customerId))?.refunded).toEqual({ amount: 2_900 }), LONG);
  }, 120_000);

  it('of a payment that nobody of ours made is ignored', async () => {
    const stranger = await under.stripe.customers.create({ email: 'stranger@example.com' });
    const card = await under.stripe.paymentMethods.attach('pm_card_visa', { customer: stranger.id });
    const price = await under.stripe.prices.list({ lookup_keys: ['starter_monthly'] });
    await under.stripe.subscriptions.create({ customer: stranger.id, items: [{ price: price.data[0]?.id ?? '' }], default_payment_method: card.id });
    const { data: [charge] } = await under.stripe.charges.list({ customer: stranger.id });
    await under.stripe.refunds.create({ charge: charge?.id ?? '' });
    await waitFor(async () => expect(await under.billing.rows("select status from webhook_events where object_id = $1 and type = 'charge.refunded'", [charge?.id])).toEqual([{ status: 'IGNORED' }]), LONG);
  }, 120_000);
});
