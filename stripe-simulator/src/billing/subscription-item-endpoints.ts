import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { boolean, integer, listParams, metadata, params, text, timestamp } from '../params.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { changeItems, type PaymentBehavior } from './change-subscription.ts';
import { type ChangeTerms, type ItemChange, prorationAt } from './plan-change.ts';
import { paymentBehavior, prorationBehavior } from './subscription-params.ts';

const URL_ = '/v1/subscription_items';
const terms = { payment_behavior: paymentBehavior.optional(), proration_behavior: prorationBehavior.optional(), proration_date: timestamp().optional() };
const fields = { metadata: metadata().optional(), price: text().optional(), quantity: integer({ min: 0 }).optional() };

interface Terms {
  payment_behavior?: PaymentBehavior | undefined;
  proration_behavior?: ChangeTerms['prorationBehavior'] | undefined;
  proration_date?: Seconds | undefined;
}

function change(simulation: Simulation, subscription: SubscriptionRecord, item: ItemChange, given: Terms): SubscriptionRecord {
  const at = prorationAt(simulation, subscription, given.proration_date, 'proration_date');
  return changeItems(simulation, subscription, { items: [item], prorationBehavior: given.proration_behavior ?? 'create_prorations', at, anchorNow: false }, given.payment_behavior ?? 'allow_incomplete');
}

function ownerOf(simulation: Simulation, id: string | undefined): { subscription: SubscriptionRecord; item: SubscriptionItem } {
  for (const subscription of allObjects<SubscriptionRecord>(simulation, SUBSCRIPTIONS)) {
    const item = subscription.items.data.find((each) => each.id === id);
    if (item !== undefined) return { subscription, item };
  }
  throw StripeError.notFound('subscription_item', id ?? '');
}

const create = endpoint({
  method: 'POST',
  path: URL_,
  params: params({ ...terms, ...fields, subscription: text(), price: text() }),
  run({ simulation, params: { subscription: id, metadata: pairs, price, quantity, ...given } }) {
    const subscription = needObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, id, 'subscription');
    const known = new Set(subscription.items.data.map((item) => item.id));
    const changed = change(simulation, subscription, { price, quantity, metadata: pairs as ItemChange['metadata'] }, given);
    const made = [...changed.items.data, ...(changed.pending_update?.subscription_items ?? [])].find((item) => !known.has(item.id));
    if (made === undefined) throw new Error('the item that was added is not there');
    return made;
  },
});

const update = endpoint({
  method: 'POST',
  path: `${URL_}/:id`,
  params: params({ ...terms, ...fields }),
  run({ simulation, path, params: { metadata: pairs, price, quantity, ...given } }) {
    const { subscription, item } = ownerOf(simulation, path['id']);
    const changed = change(simulation, subscription, { id: item.id, price, quantity, metadata: pairs as ItemChange['metadata'] }, given);
    return changed.items.data.find(({ id }) => id === item.id) ?? item;
  },
});

const remove = endpoint({
  method: 'DELETE',
  path: `${URL_}/:id`,
  params: params({ ...terms, clear_usage: boolean().optional() }),
  run({ simulation, path, params: { clear_usage: _clear, ...given } }) {
    const { subscription, item } = ownerOf(simulation, path['id']);
    change(simulation, subscription, { id: item.id, deleted: true }, given);
    return { id: item.id, object: 'subscription_item', deleted: true };
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => ownerOf(simulation, path['id']).item });

const listItems = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ subscription: text() }),
  run: ({ simulation, params: { subscription, ...page } }) => list(getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription).items.data.toReversed(), page, URL_),
});

export const subscriptionItemEndpoints: Endpoint[] = [create, update, remove, retrieve, listItems];
