import { AppError } from '@iotistic/contracts/errors';
import type Stripe from 'stripe';
import { type CreditedInvoice, mayCredit } from '../domain/credit.ts';
import { isGivenBack } from './stripe-charges.ts';
import { isOurItem, LEFT_AT_KEY } from './stripe-subscriptions.ts';
import { callStripe, type StripeAccess, stripeCodeOf, unlessMissing } from './stripe.ts';

/**
 * Ends it with the period that is paid for, or at once. Where others put items on it, at once takes off ours alone.
 * @throws AppError EDITED_AT_STRIPE where nothing on it is ours, or where the end of a period would end what others put on it
 */
export async function cancelAtStripe(access: StripeAccess | null, subscriptionId: string, options: { atPeriodEnd: boolean; comment: string | null; now: Date }, idempotencyKey: string): Promise<void> {
  const details = options.comment === null ? {} : { cancellation_details: { comment: options.comment } };
  const current = await callStripe(access, (stripe) => stripe.subscriptions.retrieve(subscriptionId));
  const whose = whoseItems(current);
  if (whose === 'left') return;
  if (whose === 'theirs' || (whose === 'shared' && options.atPeriodEnd)) throw new AppError('CONFLICT', 'EDITED_AT_STRIPE');
  if (whose === 'shared') await takeOffOurs(access, current, options.now, idempotencyKey);
  else if (options.atPeriodEnd) await callStripe(access, (stripe) => stripe.subscriptions.update(subscriptionId, { cancel_at: paidUntil(current), ...details }, { idempotencyKey }));
  else await endNow(access, current, details);
}

/** Ends what is ours of one that should not be there; one that has ended meanwhile is no fault. */
export async function endAtStripe(access: StripeAccess | null, subscriptionId: string, now: Date): Promise<void> {
  const current = await unlessMissing(callStripe(access, (stripe) => stripe.subscriptions.retrieve(subscriptionId)));
  if (current === null) return;
  const whose = whoseItems(current);
  if (whose === 'shared') await unlessMissing(takeOffOurs(access, current, now, `surplus:${subscriptionId}`));
  else if (whose === 'ours') await unlessMissing(endNow(access, current, {}));
}

function whoseItems({ items: { data }, metadata }: Stripe.Subscription): 'ours' | 'shared' | 'theirs' | 'left' {
  const ours = data.filter((item) => isOurItem(item)).length;
  if (ours > 0) return ours === data.length ? 'ours' : 'shared';
  return metadata[LEFT_AT_KEY] === undefined ? 'theirs' : 'left';
}

/** The end of the base price's period: with meters by the month, a year that is paid for is used up. */
function paidUntil({ items: { data } }: Stripe.Subscription): number | 'min_period_end' {
  const base = data.find((item) => item.price.recurring?.usage_type !== 'metered');
  const ends = data.map(({ current_period_end: end }) => end);
  return base === undefined || base.current_period_end === Math.min(...ends) ? 'min_period_end' : base.current_period_end;
}

/** Bills what was used, credits what was paid ahead, and says on the subscription that it is ours no more. */
async function takeOffOurs(access: StripeAccess | null, subscription: Stripe.Subscription, now: Date, idempotencyKey: string): Promise<void> {
  const items = subscription.items.data.filter((item) => isOurItem(item)).map(({ id }) => ({ id, deleted: true }));
  const leftAt = String(Math.floor(now.getTime() / 1000));
  const proration = (await isPeriodPaid(access, subscription.id)) ? 'always_invoice' : 'none';
  await callStripe(access, (stripe) => stripe.subscriptions.update(subscription.id, { items, proration_behavior: proration, metadata: { [LEFT_AT_KEY]: leftAt } }, { idempotencyKey: `${idempotencyKey}:${leftAt}` }));
}

/**
 * Bills the usage so far, and credits the unused rest of what was paid ahead: of what was paid alone. One whose first payment never
 * came has nothing to bill: its invoice is taken back. (Stripe takes no idempotency key for this: what has ended already is refused
 * as missing.)
 */
async function endNow(access: StripeAccess | null, subscription: Stripe.Subscription, details: Pick<Stripe.SubscriptionCancelParams, 'cancellation_details'>): Promise<void> {
  if (subscription.status === 'incomplete') {
    await callStripe(access, (stripe) => stripe.subscriptions.cancel(subscription.id, { ...details }));
    return voidFirstInvoice(access, subscription);
  }
  const isTrial = subscription.status === 'trialing';
  const prorate = !isTrial && (await isPeriodPaid(access, subscription.id));
  await callStripe(access, (stripe) => stripe.subscriptions.cancel(subscription.id, { invoice_now: true, prorate, ...details }));
}

async function voidFirstInvoice(access: StripeAccess | null, { id }: Stripe.Subscription): Promise<void> {
  await callStripe(access, async (stripe) => {
    const { data: open } = await stripe.invoices.list({ subscription: id, status: 'open', limit: 100 });
    for (const invoice of open) if (invoice.billing_reason === 'subscription_create') await stripe.invoices.voidInvoice(invoice.id);
  });
}

/**
 * Whether the present period of the base price is paid, and may be credited when it is cut short. What Stripe would charge within the
 * hour, a renewal's draft, is charged first: the answer is then known.
 */
export async function isPeriodPaid(access: StripeAccess | null, subscriptionId: string): Promise<boolean> {
  const subscription = await callStripe(access, (stripe) => stripe.subscriptions.retrieve(subscriptionId));
  const drafts = await callStripe(access, (stripe) => stripe.invoices.list({ subscription: subscriptionId, status: 'draft', limit: 100 }));
  for (const draft of drafts.data) if (draft.auto_advance === true && isOfPeriod(subscription, draft)) await charge(access, draft.id);
  return callStripe(access, async (stripe) => {
    const { data } = await stripe.invoices.list({ subscription: subscriptionId, limit: 100 });
    const invoices: CreditedInvoice[] = [];
    for (const invoice of data) {
      const ofPeriod = isOfPeriod(subscription, invoice);
      invoices.push({ status: (invoice.status ?? 'draft') as CreditedInvoice['status'], isOfPeriod: ofPeriod, isGivenBack: ofPeriod && invoice.status === 'paid' && (await isGivenBack(stripe, invoice.id)) });
    }
    return mayCredit(invoices);
  });
}

/** Neither needs a key of ours: what is final, or paid, is refused the second time. */
async function charge(access: StripeAccess | null, invoiceId: string): Promise<void> {
  try {
    const final = await callStripe(access, (stripe) => stripe.invoices.finalizeInvoice(invoiceId, { auto_advance: false }));
    if (final.status === 'open') await callStripe(access, (stripe) => stripe.invoices.pay(invoiceId));
  } catch (error) {
    // What a card declines, or was final before, is read again: then it is not paid.
    if (stripeCodeOf(error) === null) throw error;
  }
}

/** Whether a line of it bills the present period of a base price; credits and what rests of a period after a change are no such line. */
function isOfPeriod(subscription: Stripe.Subscription, invoice: Stripe.Invoice): boolean {
  const base = subscription.items.data.filter((item) => isOurItem(item) && item.price.recurring?.usage_type !== 'metered');
  return invoice.lines.data.some((line) => {
    const details = line.parent?.subscription_item_details;
    const item = base.find(({ id }) => id === details?.subscription_item);
    return item !== undefined && details?.proration !== true && line.period.start === item.current_period_start;
  });
}
