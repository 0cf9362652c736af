import { z } from 'zod';
import { API_VERSION } from '../api-version.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject } from '../find-object.ts';
import { pageV2 } from '../lists-v2.ts';
import { array, hash, integer, metadata, oneOf, text, url, withMetadata } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type EndpointRecord, EVENT_DESTINATIONS } from './endpoint-records.ts';
import { eventNames } from './event-names.ts';
import { newSecret } from './roll-secret.ts';

const URL = '/v2/core/event_destinations';
const include = array(oneOf('webhook_endpoint.signing_secret', 'webhook_endpoint.url')).optional();
const target = hash({ url: url() });
const included = hash({ include });

const create = endpoint({
  method: 'POST',
  path: URL,
  params: hash({ name: text(250), type: oneOf('webhook_endpoint'), event_payload: oneOf('snapshot', 'thin'), enabled_events: array(text(), { max: 500 }), webhook_endpoint: target, description: z.string().optional(), events_from: array(oneOf('@self', 'self')).optional(), metadata: metadata().optional(), snapshot_api_version: text().optional(), include }),
  run({ simulation, params: wanted }) {
    if (wanted.event_payload === 'thin' && wanted.snapshot_api_version !== undefined) throw StripeError.invalid('snapshot_api_version is for snapshot events only.', { param: 'snapshot_api_version' });
    const now = new Date(simulation.now() * 1000).toISOString();
    const made = simulation.store.put<EndpointRecord>(EVENT_DESTINATIONS, {
      id: simulation.newId('ed_test'),
      object: 'v2.core.event_destination',
      created: now,
      description: wanted.description ?? '',
      enabled_events: eventNames(wanted.enabled_events),
      event_payload: wanted.event_payload,
      events_from: ['@self'],
      livemode: false,
      metadata: withMetadata({}, wanted.metadata),
      name: wanted.name,
      ...(wanted.event_payload === 'snapshot' ? { snapshot_api_version: wanted.snapshot_api_version ?? API_VERSION } : {}),
      status: 'enabled',
      type: 'webhook_endpoint',
      updated: now,
      internal: { url: wanted.webhook_endpoint.url, secret: newSecret(), rolled: null },
    });
    return view(made, wanted.include, true);
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: included, run: ({ simulation, path, params }) => view(find(simulation, path['id']), params.include) });

const listDestinations = endpoint({
  method: 'GET',
  path: URL,
  params: hash({ limit: integer({ min: 1, max: 100 }).optional(), page: text().optional(), include }),
  run: ({ simulation, params: { include: asked, ...page } }) => pageV2(simulation.store.all<EndpointRecord>(EVENT_DESTINATIONS).map((one) => view(one, asked)), page, URL),
});

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: hash({ name: text(250).optional(), description: z.string().optional(), enabled_events: array(text(), { max: 500 }).optional(), metadata: metadata().optional(), webhook_endpoint: target.optional(), include }),
  run({ simulation, path, params: { include: asked, enabled_events, metadata: change, webhook_endpoint, name, description } }) {
    const before = find(simulation, path['id']);
    return view(
      store(simulation, before, {
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(enabled_events === undefined ? {} : { enabled_events: eventNames(enabled_events) }),
        ...(webhook_endpoint === undefined ? {} : { internal: { ...before.internal, url: webhook_endpoint.url } }),
        metadata: withMetadata(before['metadata'] as Record<string, string>, change),
      }),
      asked,
    );
  },
});

const switchTo = (verb: 'disable' | 'enable'): Endpoint =>
  endpoint({
    method: 'POST',
    path: `${URL}/:id/${verb}`,
    params: included,
    run: ({ simulation, path, params }) => view(store(simulation, find(simulation, path['id']), { status: `${verb}d`, ...(verb === 'disable' ? { status_details: { disabled: { reason: 'user' } } } : { status_details: undefined }) }), params.include),
  });

const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: hash({}),
  run({ simulation, path }) {
    const { id, object } = find(simulation, path['id']);
    simulation.store.remove(EVENT_DESTINATIONS, id);
    return { id, object };
  },
});

export const eventDestinationEndpoints: Endpoint[] = [create, retrieve, listDestinations, update, switchTo('disable'), switchTo('enable'), remove];

function find(simulation: Simulation, id: string | undefined): EndpointRecord {
  return getObject<EndpointRecord>(simulation, EVENT_DESTINATIONS, id);
}

function store(simulation: Simulation, before: EndpointRecord, changes: Partial<EndpointRecord>): EndpointRecord {
  return simulation.store.put<EndpointRecord>(EVENT_DESTINATIONS, { ...before, ...changes, updated: new Date(simulation.now() * 1000).toISOString() });
}

/** The secret is shown once, when the destination is made, and only if asked for. */
function view(destination: EndpointRecord, asked: readonly string[] = [], isNew = false): { id: string } {
  const { url: address, secret } = destination.internal;
  const webhook = {
    ...(isNew && asked.includes('webhook_endpoint.signing_secret') ? { signing_secret: secret } : {}),
    ...(asked.includes('webhook_endpoint.url') ? { url: address } : {}),
  };
  return { ...destination, ...(Object.keys(webhook).length === 0 ? {} : { webhook_endpoint: webhook }) };
}
