import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { createdIn, list, searchPage } from '../lists.ts';
import { array, boolean, createdRange, hash, integer, listParams, metadata, oneOf, params, searchParams, text, timestamp, unsettable, withMetadata } from '../params.ts';
import { findPaymentMethod, PAYMENT_METHODS } from '../payment-methods/payment-method-records.ts';
import { searchTest } from '../search.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { cancelNow, changeItems } from './change-subscription.ts';
import { createSubscription, trialEndOf } from './create-subscription.ts';
import { createDiscount } from './discounting.ts';
import { setTrialEnd } from './end-trial.ts';
import { prorationAt } from './plan-change.ts';
import { resumePaused } from './resume-subscription.ts';
import { periodEndOf, scheduleCycle } from './schedule-cycle.ts';
import { anchor, cancelAt, cancellationDetails, discountParams, itemChanges, paymentBehavior, prorationBehavior, trialEnd, trialSettings } from './subscription-params.ts';

const URL_ = '/v1/subscriptions';
/** What may go along with a change that waits for its payment. */
const WITH_PENDING = new Set(['items', 'payment_behavior', 'proration_behavior', 'proration_date', 'billing_cycle_anchor', 'expand', 'trial_end', 'cancel_at']);

const create = endpoint({
  method: 'POST',
  path: URL_,
  params: params({
    customer: text(),
    items: array(hash({ price: text(), quantity: integer({ min: 0 }).optional(), metadata: metadata().optional() }), { max: 20 }),
    billing_mode: hash({ type: oneOf('flexible', 'classic'), flexible: hash({ proration_discounts: oneOf('included', 'itemized').optional() }).optional() }).optional(),
    cancel_at: cancelAt.optional(),
    cancel_at_period_end: boolean().optional(),
    default_payment_method: text().optional(),
    description: text(500).optional(),
    discounts: unsettable(discountParams).optional(),
    metadata: metadata().optional(),
    off_session: boolean().optional(),
    payment_behavior: paymentBehavior.optional(),
    proration_behavior: prorationBehavior.optional(),
    trial_end: trialEnd.optional(),
    trial_period_days: integer({ min: 0, max: 730 }).optional(),
    trial_settings: trialSettings.optional(),
  }),
  run({ simulation, params: given }) {
    const customer = needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    const now = simulation.now(customer.test_clock);
    const method = given.default_payment_method === undefined ? null : methodOf(simulation, given.default_payment_method);
    const made = createSubscription(simulation, {
      customer: customer.id,
      items: given.items,
      trialEnd: trialEndOf(now, given),
      metadata: withMetadata({}, given.metadata),
      discounts: given.discounts ?? [],
      session: null,
      defaultPaymentMethod: method,
      paymentBehavior: given.payment_behavior ?? 'allow_incomplete',
      missingPaymentMethod: given.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
      description: given.description ?? null,
    });
    return scheduleEnd(simulation, made, given);
  },
});

function methodOf(simulation: Simulation, id: string): string {
  const method = findPaymentMethod(simulation, id);
  if (method === undefined) throw StripeError.missing(PAYMENT_METHODS, id, 'default_payment_method');
  return method.id;
}

interface EndParams {
  cancel_at?: number | 'max_period_end' | 'min_period_end' | null | undefined;
  cancel_at_period_end?: boolean | undefined;
}

/** Both ways of saying when it ends, and of taking that back. */
function scheduleEnd(simulation: Simulation, subscription: SubscriptionRecord, { cancel_at: at, cancel_at_period_end: withPeriod }: EndParams): SubscriptionRecord {
  if (at === undefined && withPeriod === undefined) return subscription;
  const now = simulation.now(subscription.test_clock);
  const end = at === undefined ? subscription.cancel_at : at === null ? null : typeof at === 'number' ? at : at === 'min_period_end' ? periodEndOf(subscription) : Math.max(...subscription.items.data.map((item) => item.current_period_end));
  if (typeof at === 'number' && at <= now) throw StripeError.invalid('cancel_at must be in the future.', { param: 'cancel_at' });
  const isEnding = end !== null || (withPeriod ?? subscription.cancel_at_period_end);
  const changed = changeObject(simulation, SUBSCRIPTIONS, subscription, { cancel_at: withPeriod === true ? periodEndOf(subscription) : withPeriod === false && at === undefined ? null : end, cancel_at_period_end: withPeriod ?? (at === null ? false : subscription.cancel_at_period_end), canceled_at: withPeriod === false && at === undefined ? null : isEnding ? (subscription.canceled_at ?? now) : null }, 'customer.subscription.updated');
  scheduleCycle(simulation, changed);
  return changed;
}

const update = endpoint({
  method: 'POST',
  path: `${URL_}/:id`,
  params: params({
    billing_cycle_anchor: anchor.optional(),
    cancel_at: cancelAt.optional(),
    cancel_at_period_end: boolean().optional(),
    cancellation_details: cancellationDetails.optional(),
    default_payment_method: unsettable(text()).optional(),
    description: unsettable(text(500)).optional(),
    discounts: unsettable(discountParams).optional(),
    items: itemChanges.optional(),
    metadata: metadata().optional(),
    off_session: boolean().optional(),
    payment_behavior: paymentBehavior.optional(),
    proration_behavior: prorationBehavior.optional(),
    proration_date: timestamp().optional(),
    trial_end: trialEnd.optional(),
    trial_settings: trialSettings.optional(),
  }),
  run({ simulation, path, params: given }) {
    const subscription = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, path['id']);
    if (given.payment_behavior === 'pending_if_incomplete') {
      const other = Object.entries(given).find(([name, value]) => value !== undefined && !WITH_PENDING.has(name));
      if (other !== undefined) throw StripeError.invalid(`When \`payment_behavior\` is set to \`pending_if_incomplete\`, you cannot pass \`${other[0]}\`.`, { param: other[0] });
    }
    const plain = changePlainFields(simulation, subscription, given);
    const ended = scheduleEnd(simulation, plain, given);
    const anchorNow = given.billing_cycle_anchor?.type === 'now';
    const at = prorationAt(simulation, ended, given.proration_date, 'proration_date');
    const changed = given.items === undefined && !anchorNow ? ended : changeItems(simulation, ended, { items: given.items ?? [], prorationBehavior: given.proration_behavior ?? 'create_prorations', at, anchorNow }, given.payment_behavior ?? 'allow_incomplete');
    return given.trial_end === undefined ? changed : setTrialEnd(simulation, changed, given.trial_end);
  },
});

interface PlainParams {
  metadata?: Record<string, string> | null | undefined;
  default_payment_method?: string | null | undefined;
  description?: string | null | undefined;
  discounts?: { coupon?: string | undefined; promotion_code?: string | undefined; discount?: string | undefined }[] | null | undefined;
  cancellation_details?: { comment?: string | null | undefined; feedback?: string | null | undefined } | undefined;
  trial_settings?: { end_behavior: { missing_payment_method: 'cancel' | 'create_invoice' | 'pause' } } | undefined;
}

function changePlainFields(simulation: Simulation, subscription: SubscriptionRecord, given: PlainParams): SubscriptionRecord {
  const now = simulation.now(subscription.test_clock);
  const changes: Partial<SubscriptionRecord> = {};
  if (given.metadata !== undefined) changes.metadata = withMetadata(subscription.metadata, given.metadata);
  if (given.default_payment_method !== undefined) changes.default_payment_method = given.default_payment_method === null ? null : methodOf(simulation, given.default_payment_method);
  if (given.description !== undefined) changes['description'] = given.description;
  if (given.cancellation_details !== undefined) changes['cancellation_details'] = { ...(subscription['cancellation_details'] as object), ...given.cancellation_details };
  if (given.trial_settings !== undefined) changes.trial_settings = { end_behavior: { ...given.trial_settings.end_behavior, billing_cycle_anchor: null } };
  if (given.discounts !== undefined) changes.discounts = (given.discounts ?? []).map((param) => createDiscount(simulation, param, { customer: subscription.customer, subscription: subscription.id, session: null, now, items: subscription.items.data }));
  return Object.keys(changes).length === 0 ? subscription : changeObject(simulation, SUBSCRIPTIONS, subscription, changes, 'customer.subscription.updated');
}

const cancel = endpoint({
  method: 'DELETE',
  path: `${URL_}/:id`,
  params: params({ cancellation_details: cancellationDetails.optional(), invoice_now: boolean().optional(), prorate: boolean().optional() }),
  run({ simulation, path, params: { invoice_now: invoiceNow = false, prorate = false, cancellation_details: details } }) {
    const subscription = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, path['id']);
    if (subscription.status === 'canceled' || subscription.status === 'incomplete_expired') throw StripeError.notFound(SUBSCRIPTIONS, subscription.id);
    return cancelNow(simulation, subscription, { invoiceNow, prorate, ...(details?.comment === undefined ? {} : { comment: details.comment }) });
  },
});

const resume = endpoint({
  method: 'POST',
  path: `${URL_}/:id/resume`,
  params: params({ billing_cycle_anchor: anchor.optional(), proration_behavior: prorationBehavior.optional() }),
  run: ({ simulation, path }) => resumePaused(simulation, getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, path['id'])),
});

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, path['id']) });

const listSubscriptions = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text().optional(), price: text().optional(), status: oneOf('active', 'all', 'canceled', 'ended', 'incomplete', 'incomplete_expired', 'past_due', 'paused', 'trialing', 'unpaid').optional(), created: createdRange().optional(), test_clock: text().optional() }),
  run({ simulation, params: { customer, price, status, created, test_clock: clock, ...page } }) {
    const found = customer === undefined ? allObjects<SubscriptionRecord>(simulation, SUBSCRIPTIONS) : simulation.store.by<SubscriptionRecord>(SUBSCRIPTIONS, 'customer', customer);
    const matching = found.filter((subscription) => hasStatus(subscription, status) && (price === undefined || subscription.items.data.some((item) => item.price.id === price)) && (clock === undefined || subscription.test_clock === clock));
    return list(createdIn(matching, created), page, URL_);
  },
});

function hasStatus({ status }: SubscriptionRecord, wanted: string | undefined): boolean {
  if (wanted === 'all') return true;
  if (wanted === 'ended') return status === 'canceled' || status === 'incomplete_expired';
  return wanted === undefined ? status !== 'canceled' && status !== 'incomplete_expired' : status === wanted;
}

const search = endpoint({
  method: 'GET',
  path: `${URL_}/search`,
  params: searchParams(),
  run: ({ simulation, params: { query, ...page } }) => searchPage(allObjects<SubscriptionRecord>(simulation, SUBSCRIPTIONS).filter(searchTest(query)), page, `${URL_}/search`),
});

export const subscriptionEndpoints: Endpoint[] = [create, search, update, cancel, resume, retrieve, listSubscriptions];
