import { API_VERSION } from '../api-version.ts';
import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { array, boolean, listParams, metadata, params, text, unsettable, url, withMetadata } from '../params.ts';
import { StripeError } from '../stripe-error.ts';
import { type EndpointRecord, WEBHOOK_ENDPOINTS } from './endpoint-records.ts';
import { eventNames } from './event-names.ts';
import { newSecret } from './roll-secret.ts';

const URL = '/v1/webhook_endpoints';

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ enabled_events: array(text(), { max: 500 }), url: url(), api_version: text().optional(), description: unsettable(text()).optional(), metadata: metadata().optional() }),
  run({ simulation, params: { enabled_events, url: address, api_version, description = null, metadata: pairs } }) {
    if (api_version !== undefined && api_version !== API_VERSION) throw StripeError.invalid(`Invalid api_version: this simulation speaks ${API_VERSION} only.`, { param: 'api_version' });
    const secret = newSecret();
    const made = simulation.store.put<EndpointRecord>(WEBHOOK_ENDPOINTS, {
      id: simulation.newId('we'),
      object: 'webhook_endpoint',
      api_version: api_version ?? null,
      application: null,
      created: simulation.now(),
      description,
      enabled_events: eventNames(enabled_events),
      livemode: false,
      metadata: withMetadata({}, pairs),
      status: 'enabled',
      url: address,
      internal: { url: address, secret, rolled: null },
    });
    return { ...made, secret };
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, WEBHOOK_ENDPOINTS, path['id']) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ enabled_events: array(text(), { max: 500 }).optional(), url: url().optional(), disabled: boolean().optional(), description: unsettable(text()).optional(), metadata: metadata().optional() }),
  run({ simulation, path, params: { enabled_events, url: address, disabled, description, metadata: change } }) {
    const before = getObject<EndpointRecord>(simulation, WEBHOOK_ENDPOINTS, path['id']);
    const changes: Partial<EndpointRecord> = {
      ...(enabled_events === undefined ? {} : { enabled_events: eventNames(enabled_events) }),
      ...(address === undefined ? {} : { url: address, internal: { ...before.internal, url: address } }),
      ...(disabled === undefined ? {} : { status: disabled ? 'disabled' : 'enabled' }),
      ...(description === undefined ? {} : { description }),
      metadata: withMetadata(before['metadata'] as Record<string, string>, change),
    };
    return changeObject(simulation, WEBHOOK_ENDPOINTS, before, changes, null);
  },
});

const listEndpoints = endpoint({ method: 'GET', path: URL, params: listParams({}), run: ({ simulation, params: page }) => list(simulation.store.all<EndpointRecord>(WEBHOOK_ENDPOINTS), page, URL) });

const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const { id } = getObject(simulation, WEBHOOK_ENDPOINTS, path['id']);
    simulation.store.remove(WEBHOOK_ENDPOINTS, id);
    return { id, object: 'webhook_endpoint', deleted: true };
  },
});

export const webhookEndpointEndpoints: Endpoint[] = [create, retrieve, update, listEndpoints, remove];
