import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { array, boolean, createdRange, listParams, params, text } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { eventView } from '../webhooks/delivery-body.ts';
import { type DeliveryRecord, DELIVERIES, type EventRecord, EVENTS } from './event-records.ts';

const URL = '/v1/events';
const MAX_TYPES = 20;

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => eventView(simulation.store, getObject<EventRecord>(simulation, EVENTS, path['id'])) });

const listEvents = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ created: createdRange().optional(), delivery_success: boolean().optional(), type: text().optional(), types: array(text()).optional() }),
  run({ simulation, params: { created, delivery_success, type, types, ...page } }) {
    if (type !== undefined && types !== undefined) throw StripeError.invalid('You may pass either `type` or `types`, but not both.', { param: 'types' });
    if (types !== undefined && types.length > MAX_TYPES) throw StripeError.invalid(`You may only specify up to ${MAX_TYPES} event types.`, { param: 'types' });
    const isAsked = type === undefined ? null : typeTest(type);
    const records = createdIn(byDelivery(simulation, delivery_success), created).filter((event) => (isAsked === null || isAsked(event.type)) && (types === undefined || types.includes(event.type)));
    const answer = list(records, page, URL);
    return { ...answer, data: answer.data.map((event) => eventView(simulation.store, event)) };
  },
});

export const eventEndpoints: Endpoint[] = [retrieve, listEvents];

/** Not delivered is what has a delivery left: pending, failed or withheld. */
function byDelivery(simulation: Simulation, isDelivered: boolean | undefined): EventRecord[] {
  if (isDelivered === undefined) return simulation.store.all<EventRecord>(EVENTS);
  const undelivered = new Set(simulation.store.all<DeliveryRecord>(DELIVERIES).filter(({ thin }) => !thin).map(({ event }) => event));
  return simulation.store.all<EventRecord>(EVENTS).filter(({ id }) => undelivered.has(id) !== isDelivered);
}

/** An exact name, or all below one: `invoice.*`. */
function typeTest(type: string): (name: string) => boolean {
  return type.endsWith('*') ? (name) => name.startsWith(type.slice(0, -1)) : (name) => name === type;
}
