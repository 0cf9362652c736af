import { endpoint, type Endpoint } from '../endpoint.ts';
import { hash, oneOf, params, text, timestamp } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { METER_EVENTS, type MeterEventRecord } from './meter-records.ts';
import { payload } from './payload-param.ts';
import { recordMeterEvent } from './record-meter-event.ts';

const DAY_SECONDS = 86_400;

const create = endpoint({
  method: 'POST',
  path: '/v1/billing/meter_events',
  params: params({ event_name: text(100), payload: payload(), identifier: text(100).optional(), timestamp: timestamp().optional() }),
  run({ simulation, params: { expand: _expand, ...wanted } }) {
    const { id: _id, ...event } = recordMeterEvent(simulation, wanted);
    return event;
  },
});

const adjust = endpoint({
  method: 'POST',
  path: '/v1/billing/meter_event_adjustments',
  params: params({ event_name: text(100), type: oneOf('cancel'), cancel: hash({ identifier: text(100).optional() }).optional() }),
  run({ simulation, params: { event_name, cancel } }) {
    if (cancel?.identifier === undefined) throw StripeError.invalid('Missing required param: cancel[identifier].', { code: 'parameter_missing', param: 'cancel[identifier]' });
    cancelMeterEvent(simulation, event_name, cancel.identifier);
    return { object: 'billing.meter_event_adjustment', cancel: { identifier: cancel.identifier }, event_name, livemode: false, status: 'complete', type: 'cancel' };
  },
});

export const meterEventEndpoints: Endpoint[] = [create, adjust];

/** It counts no more from now on. @throws StripeError when there is none, or it was received more than 24 hours ago. */
export function cancelMeterEvent(simulation: Simulation, eventName: string, identifier: string): void {
  const event = simulation.store.by<MeterEventRecord>(METER_EVENTS, 'identifier', identifier).findLast(({ event_name }) => event_name === eventName);
  if (event === undefined) throw StripeError.invalid(`No meter event found with the identifier ${identifier}.`, { code: 'resource_missing', param: 'cancel[identifier]' });
  if (event.created <= simulation.now() - DAY_SECONDS) throw StripeError.invalid('A meter event can be cancelled only within 24 hours of its receipt.', { param: 'cancel[identifier]' });
  simulation.store.put<MeterEventRecord>(METER_EVENTS, { ...event, internal: { ...event.internal, bucket: null } });
}
