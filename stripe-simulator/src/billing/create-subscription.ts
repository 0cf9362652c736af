import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import type { PriceRecord } from '../catalogue/catalogue-records.ts';
import { needSoldPrice, productName } from '../catalogue/sold-price.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { withBilled } from './billed.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { createDiscount, type DiscountParam } from './discounting.ts';
import { INCOMPLETE_EXPIRES } from './end-subscription.ts';
import { updateEntitlements } from './entitlements.ts';
import { isMetered, licensedLines, makeLine } from './lines.ts';
import { createInvoice } from './make-invoice.ts';
import { periodEnd } from './periods.ts';
import { scheduleCycle } from './schedule-cycle.ts';
import { chargeError, finalizeInvoice, paymentMethodOf } from './settle-invoice.ts';

const DAY = 86_400;
const INCOMPLETE_SECONDS = 23 * 3_600;

export interface ItemParam {
  price: string;
  quantity?: number | undefined;
  metadata?: Record<string, string> | null | undefined;
}

export interface NewSubscription {
  customer: string;
  items: readonly ItemParam[];
  trialEnd: Seconds | null;
  metadata: Record<string, string>;
  discounts: readonly DiscountParam[];
  session: string | null;
  defaultPaymentMethod: string | null;
  paymentBehavior: 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';
  missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  description: string | null;
}

/** An item of a price, checked as the API does. @param index of the parameter that names it */
export function newItem(simulation: Simulation, subscription: string, param: ItemParam, index: number, period: { start: Seconds; anchor: Seconds; end?: Seconds }): SubscriptionItem {
  const price = needSoldPrice(simulation, param.price, `items[${index}][price]`);
  if (price.recurring === null) throw StripeError.invalid(`The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`, { param: `items[${index}][price]` });
  const metered = price.recurring.usage_type === 'metered';
  if (metered && param.quantity !== undefined) throw StripeError.invalid(`Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`items[${index}]\``, { param: `items[${index}][quantity]` });
  const end = period.end ?? periodEnd(period.anchor, period.start, price.recurring);
  return {
    id: simulation.newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: period.start,
    current_period_end: end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: param.metadata ?? {},
    plan: planOf(price),
    price,
    ...(metered ? {} : { quantity: param.quantity ?? 1 }),
    subscription,
    tax_rates: [],
    internal: { billed: 0 },
  };
}

/** A price as it was called before there were prices. */
export function planOf(price: PriceRecord): object {
  return { id: price.id, object: 'plan', active: price.active, amount: price.unit_amount, amount_decimal: price.unit_amount_decimal, billing_scheme: price.billing_scheme, created: price.created, currency: price.currency, interval: price.recurring?.interval, interval_count: price.recurring?.interval_count, livemode: false, metadata: price.metadata, meter: price.recurring?.meter ?? null, nickname: price.nickname, product: price.product, tiers_mode: price.tiers_mode, transform_usage: null, trial_period_days: null, usage_type: price.recurring?.usage_type };
}

export function trialEndOf(now: Seconds, given: { trial_end?: Seconds | 'now' | undefined; trial_period_days?: number | undefined }): Seconds | null {
  if (given.trial_end === 'now') return null;
  if (given.trial_end !== undefined) return given.trial_end;
  return given.trial_period_days === undefined || given.trial_period_days === 0 ? null : now + given.trial_period_days * DAY;
}

/** @throws StripeError for what Stripe refuses; with error_if_incomplete also where the first payment fails (402): the caller's transaction then stores nothing */
export function createSubscription(simulation: Simulation, given: NewSubscription): SubscriptionRecord {
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, given.customer);
  const now = simulation.now(customer.test_clock);
  if (given.items.length === 0) throw StripeError.invalid('Missing required param: items.', { code: 'parameter_missing', param: 'items' });
  const id = simulation.newId('sub');
  const { trialEnd } = given;
  const anchor = trialEnd ?? now;
  const items = given.items.map((param, index) => newItem(simulation, id, param, index, { start: now, anchor, ...(trialEnd === null ? {} : { end: trialEnd }) }));
  refuseMixture(items);
  const discounts = given.discounts.map((param) => createDiscount(simulation, param, { customer: customer.id, subscription: id, session: given.session, now, items }));
  const blank = blankSubscription(id, customer, items, now);
  const subscription = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, {
    ...blank,
    billing_cycle_anchor: anchor,
    default_payment_method: given.defaultPaymentMethod,
    description: given.description,
    discounts,
    metadata: given.metadata,
    status: trialEnd === null ? 'incomplete' : 'trialing',
    trial_end: trialEnd,
    trial_settings: { end_behavior: { missing_payment_method: given.missingPaymentMethod, billing_cycle_anchor: null } },
    trial_start: trialEnd === null ? null : now,
  });
  simulation.emit('customer.subscription.created', subscription);
  return trialEnd === null ? firstInvoice(simulation, subscription, given, now) : trialInvoice(simulation, subscription, now);
}

function refuseMixture(items: readonly SubscriptionItem[]): void {
  const currencies = new Set(items.map(({ price }) => price.currency));
  if (currencies.size > 1) throw StripeError.invalid('All prices on a subscription must have the same `currency`.', { param: 'items' });
  const prices = new Set(items.map(({ price }) => price.id));
  if (prices.size < items.length) throw StripeError.invalid('Cannot add multiple subscription items with the same plan.', { param: 'items' });
}

function blankSubscription(id: string, customer: CustomerRecord, items: SubscriptionItem[], now: Seconds): SubscriptionRecord {
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: now,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: now },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: items[0]?.price.currency ?? 'usd',
    customer: customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
    items: { object: 'list', data: items, has_more: false, total_count: items.length, url: `/v1/subscription_items?subscription=${id}` },
    latest_invoice: null,
    livemode: false,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: 'incomplete',
    test_clock: customer.test_clock,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { missing_payment_method: 'create_invoice', billing_cycle_anchor: null } },
    trial_start: null,
    internal: { pending: null },
  };
}

function firstInvoice(simulation: Simulation, subscription: SubscriptionRecord, { paymentBehavior }: NewSubscription, now: Seconds): SubscriptionRecord {
  const items = withBilled(simulation, subscription, subscription.items.data, now);
  const fixed = items.flatMap((item) => (isMetered(item) ? [] : licensedLines(simulation, subscription, item, { start: item.current_period_start, end: item.current_period_end })));
  const draft = createInvoice(simulation, { customer: subscription.customer, subscription, reason: 'subscription_create', fixed, metered: [], discounts: subscription.discounts, period: { start: now, end: now }, at: now });
  simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, items: { ...subscription.items, data: items }, latest_invoice: draft.id });
  const invoice = finalizeInvoice(simulation, draft.id, { collect: paymentBehavior !== 'default_incomplete' });
  const made = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription.id);
  if (made.status === 'active') return made;
  if (paymentBehavior === 'error_if_incomplete') throw chargeError(paymentMethodOf(simulation, invoice));
  simulation.schedule({ at: now + INCOMPLETE_SECONDS, kind: INCOMPLETE_EXPIRES, subject: made.id, clock: made.test_clock });
  return made;
}

function trialInvoice(simulation: Simulation, subscription: SubscriptionRecord, now: Seconds): SubscriptionRecord {
  const end = subscription.trial_end ?? now;
  const fixed = subscription.items.data.filter((item) => !isMetered(item)).map((item) => makeLine(simulation, { amount: 0, description: `Trial period for ${productName(simulation, item.price)}`, period: { start: now, end }, price: item.price, unitAmountDecimal: '0', quantity: String(item.quantity ?? 1), item: item.id, subscription: subscription.id, proration: false, currency: subscription.currency }));
  const draft = createInvoice(simulation, { customer: subscription.customer, subscription, reason: 'subscription_create', fixed, metered: [], discounts: [], period: { start: now, end: now }, at: now });
  const linked = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, latest_invoice: draft.id });
  finalizeInvoice(simulation, draft.id, { collect: true });
  scheduleCycle(simulation, linked);
  updateEntitlements(simulation, linked.customer);
  return getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription.id);
}

/** A first payment that never came. */
export function expireIncomplete(simulation: Simulation, subscription: SubscriptionRecord): void {
  if (subscription.status !== 'incomplete') return;
  const expired = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, status: 'incomplete_expired', ended_at: simulation.now(subscription.test_clock) });
  simulation.emit('customer.subscription.updated', expired, { status: 'incomplete' });
  const invoice = simulation.store.get<InvoiceRecord>(INVOICES, subscription.latest_invoice ?? '');
  if (invoice?.status !== 'open') return;
  const voided = simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, status: 'void', amount_remaining: 0, auto_advance: false, status_transitions: { ...invoice.status_transitions, voided_at: simulation.now(subscription.test_clock) } });
  simulation.emit('invoice.voided', voided);
}
