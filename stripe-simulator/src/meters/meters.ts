import { changeObject } from '../change-object.ts';
import { CUSTOMERS } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject, needObject } from '../find-object.ts';
import { list, listInOrder } from '../lists.ts';
import { hash, listParams, oneOf, params, text, timestamp } from '../params.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { meterReading } from './aggregate.ts';
import { METERS, type MeterRecord } from './meter-records.ts';

const URL = '/v1/billing/meters';

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({
    default_aggregation: hash({ formula: oneOf('count', 'last', 'sum') }),
    display_name: text(250),
    event_name: text(100),
    customer_mapping: hash({ event_payload_key: text(100), type: oneOf('by_id') }).optional(),
    event_time_window: oneOf('day', 'hour').optional(),
    value_settings: hash({ event_payload_key: text(100) }).optional(),
  }),
  run({ simulation, params: wanted }) {
    refuseTaken(simulation, wanted.event_name);
    const now = simulation.now();
    const meter = simulation.store.put<MeterRecord>(METERS, {
      id: simulation.newId('mtr_test'),
      object: 'billing.meter',
      created: now,
      customer_mapping: wanted.customer_mapping ?? { event_payload_key: 'stripe_customer_id', type: 'by_id' },
      default_aggregation: wanted.default_aggregation,
      display_name: wanted.display_name,
      event_name: wanted.event_name,
      event_time_window: wanted.event_time_window ?? null,
      livemode: false,
      status: 'active',
      status_transitions: { deactivated_at: null },
      updated: now,
      value_settings: wanted.value_settings ?? { event_payload_key: 'value' },
    });
    simulation.emit('billing.meter.created', meter);
    return meter;
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, METERS, path['id']) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ display_name: text(250).optional() }),
  run({ simulation, path, params: { display_name } }) {
    const meter = getObject<MeterRecord>(simulation, METERS, path['id']);
    if (display_name === undefined || display_name === meter.display_name) return meter;
    return changeObject(simulation, METERS, meter, { display_name, updated: simulation.now() }, 'billing.meter.updated');
  },
});

const deactivate = endpoint({
  method: 'POST',
  path: `${URL}/:id/deactivate`,
  params: params({}),
  run({ simulation, path }) {
    const meter = getObject<MeterRecord>(simulation, METERS, path['id']);
    if (meter.status === 'inactive') throw StripeError.invalid('This meter is already inactive.');
    const now = simulation.now();
    const inactive = changeObject(simulation, METERS, meter, { status: 'inactive', status_transitions: { deactivated_at: now }, updated: now }, null);
    simulation.emit('billing.meter.deactivated', inactive);
    return inactive;
  },
});

const reactivate = endpoint({
  method: 'POST',
  path: `${URL}/:id/reactivate`,
  params: params({}),
  run({ simulation, path }) {
    const meter = getObject<MeterRecord>(simulation, METERS, path['id']);
    if (meter.status === 'active') throw StripeError.invalid('This meter is already active.');
    refuseTaken(simulation, meter.event_name);
    const active = changeObject(simulation, METERS, meter, { status: 'active', status_transitions: { deactivated_at: null }, updated: simulation.now() }, null);
    simulation.emit('billing.meter.reactivated', active);
    return active;
  },
});

const listMeters = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ status: oneOf('active', 'inactive').optional() }),
  run: ({ simulation, params: { status, ...page } }) => list(simulation.store.all<MeterRecord>(METERS).filter((meter) => status === undefined || meter.status === status), page, URL),
});

const summaries = endpoint({
  method: 'GET',
  path: `${URL}/:id/event_summaries`,
  params: listParams({ customer: text(), start_time: timestamp(), end_time: timestamp(), value_grouping_window: oneOf('day', 'hour').optional() }),
  run({ simulation, path, params: { customer, start_time: start, end_time: end, value_grouping_window: window, ...page } }) {
    const meter = getObject<MeterRecord>(simulation, METERS, path['id']);
    needObject(simulation, CUSTOMERS, customer, 'customer');
    const alignment = { none: 60, hour: 3_600, day: 86_400 }[window ?? 'none'];
    for (const [param, time] of [['start_time', start], ['end_time', end]] as const) {
      if (time % alignment !== 0) throw StripeError.invalid(`${param} must be aligned with ${window === undefined ? 'minute' : window} boundaries.`, { param });
    }
    if (end <= start) throw StripeError.invalid('end_time must be after start_time.', { param: 'end_time' });
    if (window !== undefined && (end - start) / alignment > 2_500) throw StripeError.invalid('The time range holds too many windows.', { param: 'value_grouping_window' });
    const step = window === undefined ? end - start : alignment;
    const found = Array.from({ length: (end - start) / step }, (_, index) => summary(simulation, meter.id, customer, start + index * step, start + (index + 1) * step)).filter((one) => one !== null);
    return listInOrder(found.toReversed(), page, `${URL}/${meter.id}/event_summaries`);
  },
});

export const meterEndpoints: Endpoint[] = [create, retrieve, update, deactivate, reactivate, listMeters, summaries];

function refuseTaken(simulation: Simulation, eventName: string): void {
  const isTaken = simulation.store.by<MeterRecord>(METERS, 'event_name', eventName).some(({ status }) => status === 'active');
  if (isTaken) throw StripeError.invalid(`An active meter with event_name \`${eventName}\` already exists.`, { code: 'resource_already_exists', param: 'event_name' });
}

/** Null where nothing was reported. */
function summary(simulation: Simulation, meter: string, customer: string, start: Seconds, end: Seconds): { id: string; [field: string]: unknown } | null {
  const value = meterReading(simulation, { meter, customer, start, end });
  return value === null ? null : { id: `mtrusg_test_${meter.slice(-8)}${customer.slice(-8)}${start}`, object: 'billing.meter_event_summary', aggregated_value: Number(value), end_time: end, livemode: false, meter, start_time: start };
}
