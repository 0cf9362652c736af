import { z } from 'zod';
import { METER_SESSIONS, type MeterSessionRecord } from '../authenticate.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { array, hash, oneOf, text } from '../params.ts';
import { randomText } from '../random-id.ts';
import { StripeError } from '../stripe-error.ts';
import { cancelMeterEvent } from './meter-events.ts';
import { payload } from './payload-param.ts';
import { type NewMeterEvent, recordMeterEvent, reportRefused } from './record-meter-event.ts';

const SESSION_SECONDS = 900;
const MAX_STREAMED = 100;

/** Version 2 writes times as ISO 8601. */
const time = z.iso.datetime({ offset: true }).transform((value) => Math.floor(new Date(value).getTime() / 1000));
const event = hash({ event_name: text(100), payload: payload(), identifier: text(100).optional(), timestamp: time.optional() });

const create = endpoint({
  method: 'POST',
  path: '/v2/billing/meter_events',
  params: event,
  run({ simulation, params: wanted }) {
    const { created, event_name, identifier, timestamp, ...recorded } = recordMeterEvent(simulation, wanted);
    return { object: 'v2.billing.meter_event', created: iso(created), event_name, identifier, livemode: false, payload: recorded.payload, timestamp: iso(timestamp) };
  },
});

const createSession = endpoint({
  method: 'POST',
  path: '/v2/billing/meter_event_session',
  params: hash({}),
  run({ simulation }) {
    const now = simulation.now();
    const session = { id: simulation.newId('mes_test'), token: `ss_test_${randomText(40)}`, expiresMs: (now + SESSION_SECONDS) * 1000 };
    simulation.store.put<MeterSessionRecord>(METER_SESSIONS, session);
    return { id: session.id, object: 'v2.billing.meter_event_session', authentication_token: session.token, created: iso(now), expires_at: iso(now + SESSION_SECONDS), livemode: false };
  },
});

/** Takes all events; those that are wrong are told of by thin events, one by one. */
const stream = endpoint({
  method: 'POST',
  path: '/v2/billing/meter_event_stream',
  params: hash({ events: array(event, { max: MAX_STREAMED }) }),
  run({ simulation, params: { events } }) {
    for (const wanted of events) {
      try {
        recordMeterEvent(simulation, wanted as NewMeterEvent);
      } catch (error) {
        if (!(error instanceof StripeError)) throw error;
        reportRefused(simulation, wanted, error);
      }
    }
    return {};
  },
});

const adjust = endpoint({
  method: 'POST',
  path: '/v2/billing/meter_event_adjustments',
  params: hash({ event_name: text(100), type: oneOf('cancel'), cancel: hash({ identifier: text(100) }) }),
  run({ simulation, params: { event_name, cancel } }) {
    cancelMeterEvent(simulation, event_name, cancel.identifier);
    return { id: simulation.newId('mea_test'), object: 'v2.billing.meter_event_adjustment', cancel, created: iso(simulation.now()), event_name, livemode: false, status: 'complete', type: 'cancel' };
  },
});

export const meterEventV2Endpoints: Endpoint[] = [create, createSession, stream, adjust];

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
