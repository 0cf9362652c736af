import { AppError } from '@iotistic/contracts/errors';
import type { Meter } from '@iotistic/contracts/events';
import type Stripe from 'stripe';
import type { Discount } from '../domain/discount.ts';
import { type PriceMarks, recognisePrice } from '../domain/stripe-items.ts';
import type { OtherItem, StandingInvoice, StandingItem, StripeStanding } from '../domain/stripe-standing.ts';
import { callStripe, type StripeAccess, unlessMissing } from './stripe.ts';

/** On a subscription that others go on with: when ours was taken off it, in Unix seconds. */
export const LEFT_AT_KEY = 'iotistic_left_at';

const toDate = (seconds: number): Date => new Date(seconds * 1000);
const toDateOrNull = (seconds: number | null | undefined): Date | null => (seconds === null || seconds === undefined ? null : toDate(seconds));

/** All that a customer has and had at Stripe, as it stands now; null where Stripe has no such customer. */
export async function listStandings(access: StripeAccess | null, stripeCustomerId: string): Promise<StripeStanding[] | null> {
  const reading = callStripe(access, async (stripe) => {
    const standings: StripeStanding[] = [];
    const unpaid = await listUnpaid(stripe, stripeCustomerId);
    for await (const subscription of stripe.subscriptions.list({ customer: stripeCustomerId, status: 'all', limit: 100, expand: ['data.latest_invoice', 'data.discounts.source.coupon'] })) standings.push(toStanding(subscription, unpaid, await itemsOf(stripe, subscription)));
    return standings;
  });
  return unlessMissing(reading);
}

/** All of them: what Stripe sends along may be the first of a longer list. */
async function itemsOf(stripe: Stripe, { id, items }: Stripe.Subscription): Promise<Stripe.SubscriptionItem[]> {
  if (!items.has_more) return items.data;
  const all: Stripe.SubscriptionItem[] = [];
  for await (const item of stripe.subscriptionItems.list({ subscription: id, limit: 100 })) all.push(item);
  return all;
}

async function listUnpaid(stripe: Stripe, customer: string): Promise<Stripe.Invoice[]> {
  const unpaid: Stripe.Invoice[] = [];
  for (const status of ['open', 'uncollectible'] as const) for await (const invoice of stripe.invoices.list({ customer, status, limit: 100 })) unpaid.push(invoice);
  return unpaid.toSorted((one, other) => (one.status_transitions.finalized_at ?? one.created) - (other.status_transitions.finalized_at ?? other.created));
}

function toStanding(subscription: Stripe.Subscription, unpaid: readonly Stripe.Invoice[], all: readonly Stripe.SubscriptionItem[]): StripeStanding {
  const latest = subscription.latest_invoice;
  // An invoice of a change that waits for its payment says nothing of what was had before.
  const pending = subscription.pending_update === null ? null : idOf(latest);
  const oldest = unpaid.find((invoice) => invoice.id !== pending && idOf(invoice.parent?.subscription_details?.subscription) === subscription.id);
  const items = all.flatMap((item) => toItem(item));
  const others = all.flatMap((item) => toOther(item));
  const leftAt = items.length === 0 ? Number(subscription.metadata[LEFT_AT_KEY] ?? Number.NaN) : Number.NaN;
  return {
    subscriptionId: subscription.id,
    createdAt: toDate(subscription.created),
    // What was ours of it ended then; what others put on it goes on without us.
    status: Number.isSafeInteger(leftAt) ? 'canceled' : (subscription.status as StripeStanding['status']),
    items,
    ...(others.length === 0 ? {} : { others }),
    trialEnd: toDateOrNull(subscription.trial_end),
    cancelAt: toDateOrNull(subscription.cancel_at),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    canceledAt: toDateOrNull(subscription.canceled_at),
    endedAt: Number.isSafeInteger(leftAt) ? toDate(leftAt) : toDateOrNull(subscription.ended_at),
    latestInvoice: typeof latest === 'object' && latest !== null ? toStandingInvoice(latest) : null,
    oldestUnpaidInvoice: oldest === undefined ? null : toStandingInvoice(oldest),
    discounts: subscription.discounts.flatMap((discount) => (typeof discount === 'string' ? [] : toDiscount(discount))),
    metadata: subscription.metadata,
  };
}

function idOf(value: string | { id?: string } | null | undefined): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null);
}

function recognise({ price }: Stripe.SubscriptionItem): ReturnType<typeof recognisePrice> {
  const marks: PriceMarks = { lookupKey: price.lookup_key, metadata: price.metadata };
  return recognisePrice(marks);
}

function toItem(item: Stripe.SubscriptionItem): StandingItem[] {
  const { sold, fault } = recognise(item);
  if (sold === null) return [];
  return [{ priceLookupKey: item.price.lookup_key, ...sold, ...(fault === null ? {} : { fault, priceId: item.price.id }), ...periodOf(item) }];
}

function toOther(item: Stripe.SubscriptionItem): OtherItem[] {
  const { sold, fault } = recognise(item);
  return sold === null ? [{ itemId: item.id, priceId: item.price.id, fault, isMetered: item.price.recurring?.usage_type === 'metered', ...periodOf(item) }] : [];
}

function periodOf(item: Stripe.SubscriptionItem): Pick<StandingItem, 'periodStart' | 'periodEnd'> {
  return { periodStart: toDate(item.current_period_start), periodEnd: toDate(item.current_period_end) };
}

function toStandingInvoice(invoice: Stripe.Invoice): StandingInvoice {
  return { id: invoice.id ?? '', status: invoice.status as StandingInvoice['status'], billingReason: invoice.billing_reason, finalizedAt: toDateOrNull(invoice.status_transitions.finalized_at), amountDue: { amount: invoice.amount_remaining, currency: invoice.currency }, hostedUrl: invoice.hosted_invoice_url ?? null };
}

export function toDiscount(discount: Stripe.Discount): Discount[] {
  const { coupon } = discount.source;
  if (coupon === null || typeof coupon === 'string') return [];
  // Stripe's list of words may grow: one that is not known ends when Stripe takes it off.
  const duration: Discount['duration'] = coupon.duration === 'once' ? 'ONCE' : coupon.duration === 'repeating' ? 'REPEATING' : 'FOREVER';
  return [{ couponId: coupon.id, name: coupon.name, percentOff: coupon.percent_off === null ? null : String(coupon.percent_off), amountOff: coupon.amount_off, currency: coupon.currency, duration, endsAt: toDateOrNull(discount.end) }];
}

export interface PlanPrices {
  basePriceId: string;
  meteredPriceIds: ReadonlyMap<Meter, string>;
}

export interface ChangedPlan {
  /** Where the payment that the change needs can be made; null when the change is done. */
  invoiceUrl: string | null;
}

/**
 * Puts a subscription on another plan, in one update: items that stay the same in kind get another price, others come and
 * go. The period begins anew, since the quantities of `last` meters do; in a trial nothing is billed and the trial goes on.
 */
export async function changeStripePlan(access: StripeAccess | null, subscriptionId: string, prices: PlanPrices, idempotencyKey: string): Promise<ChangedPlan> {
  const current = await callStripe(access, (stripe) => stripe.subscriptions.retrieve(subscriptionId));
  const items = itemChanges(current, prices);
  if (items === null) return { invoiceUrl: null };
  const terms: Stripe.SubscriptionUpdateParams =
    current.status === 'trialing'
      ? { items, proration_behavior: 'none' }
      : { items, proration_behavior: 'always_invoice', billing_cycle_anchor: { type: 'now' } as never, payment_behavior: 'pending_if_incomplete' };
  const changed = await callStripe(access, (stripe) => stripe.subscriptions.update(subscriptionId, { ...terms, expand: ['latest_invoice'] }, { idempotencyKey }));
  if (changed.pending_update === null) return { invoiceUrl: null };
  const invoice = changed.latest_invoice;
  return { invoiceUrl: typeof invoice === 'object' ? (invoice?.hosted_invoice_url ?? '') : '' };
}

/**
 * null when it has these prices already. Items whose prices are none of ours stay as they are.
 * @throws AppError EDITED_AT_STRIPE where nothing on it is ours: ours would come on top of what took its place
 */
function itemChanges(subscription: Stripe.Subscription, { basePriceId, meteredPriceIds }: PlanPrices): Stripe.SubscriptionUpdateParams.Item[] | null {
  const wanted = new Map<string, { price: string; isMetered: boolean }>([['base', { price: basePriceId, isMetered: false }], ...[...meteredPriceIds].map(([meter, price]) => [meter, { price, isMetered: true }] as [string, { price: string; isMetered: boolean }])]);
  const changes: Stripe.SubscriptionUpdateParams.Item[] = [];
  const ours = subscription.items.data.filter((item) => isOurItem(item));
  if (ours.length === 0) throw new AppError('CONFLICT', 'EDITED_AT_STRIPE');
  for (const item of ours) {
    const kind = item.price.recurring?.usage_type === 'metered' ? (recognise(item).sold?.meter ?? item.price.metadata['meter'] ?? '') : 'base';
    const next = wanted.get(kind);
    wanted.delete(kind);
    if (next === undefined) changes.push({ id: item.id, deleted: true });
    else if (next.price !== item.price.id) changes.push(next.isMetered ? { id: item.id, price: next.price } : { id: item.id, price: next.price, quantity: 1 });
  }
  for (const { price, isMetered } of wanted.values()) changes.push(isMetered ? { price } : { price, quantity: 1 });
  return changes.length === 0 ? null : changes;
}

/** Of ours, or by a price that says so: whoever made that one meant it to take the place of ours. */
export function isOurItem(item: Stripe.SubscriptionItem): boolean {
  const { sold, fault } = recognise(item);
  return sold !== null || fault !== null;
}

/** Takes back both ways of ending with the period. */
export async function resumeAtStripe(access: StripeAccess | null, subscriptionId: string, idempotencyKey: string): Promise<void> {
  const { cancel_at_period_end: atPeriodEnd } = await callStripe(access, (stripe) => stripe.subscriptions.retrieve(subscriptionId));
  await callStripe(access, (stripe) => stripe.subscriptions.update(subscriptionId, atPeriodEnd ? { cancel_at_period_end: false } : { cancel_at: '' }, { idempotencyKey }));
}
