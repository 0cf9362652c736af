import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { bucketOf, METER_EVENTS, METERS, type MeterEventRecord, type MeterRecord } from './meter-records.ts';

export interface NewMeterEvent {
  event_name: string;
  payload: Record<string, string>;
  identifier?: string | undefined;
  timestamp?: Seconds | undefined;
}

const DAY_SECONDS = 86_400;
const PAST_DAYS = 35;
const FUTURE_SECONDS = 300;
const MAX_DIGITS = 15;

/** Why an event that was taken does not count: told by a thin event, later. */
interface LateError {
  code: string;
  message: string;
}

/**
 * Takes an event. What is wrong with the event itself is refused at once; whether a meter and a customer take it turns
 * out afterwards, and is told by a thin event.
 * @throws StripeError
 */
export function recordMeterEvent(simulation: Simulation, wanted: NewMeterEvent): MeterEventRecord {
  const meters = simulation.store.by<MeterRecord>(METERS, 'event_name', wanted.event_name);
  const meter = meters.find(({ status }) => status === 'active') ?? meters.at(-1);
  const customer = meter === undefined ? undefined : simulation.store.get<CustomerRecord>(CUSTOMERS, wanted.payload[meter.customer_mapping.event_payload_key] ?? '');
  const now = simulation.now(customer?.test_clock ?? null);
  const { timestamp = now, identifier = simulation.newId('mtrevt') } = wanted;
  checkTimestamp(timestamp, now);
  const value = wanted.payload[meter?.value_settings.event_payload_key ?? 'value'];
  if (value !== undefined && meter?.default_aggregation.formula !== 'count') checkValue(value);
  refuseDuplicate(simulation, identifier);
  const late = lateError(wanted, meter, customer, value);
  if (late !== null) report(simulation, late, meter, identifier);
  const bucket = late === null && meter !== undefined && customer !== undefined ? bucketOf(meter.id, customer.id, timestamp) : null;
  return simulation.store.put<MeterEventRecord>(METER_EVENTS, {
    id: simulation.newId('mevt'),
    object: 'billing.meter_event',
    created: simulation.now(),
    event_name: wanted.event_name,
    identifier,
    livemode: false,
    payload: wanted.payload,
    timestamp,
    internal: { bucket, value: value ?? '1' },
  });
}

function checkTimestamp(timestamp: Seconds, now: Seconds): void {
  if (timestamp > now + FUTURE_SECONDS) throw StripeError.invalid('The timestamp must be no more than 5 minutes in the future.', { code: 'timestamp_in_future', param: 'timestamp' });
  if (timestamp < now - PAST_DAYS * DAY_SECONDS) throw StripeError.invalid(`The timestamp must be within the past ${PAST_DAYS} calendar days.`, { code: 'timestamp_too_far_in_past', param: 'timestamp' });
}

function checkValue(value: string): void {
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw StripeError.invalid(`The value '${value.slice(0, 100)}' is not a number.`, { code: 'meter_event_invalid_value', param: 'payload' });
  if (value.replaceAll(/[-.]/g, '').length > MAX_DIGITS) throw StripeError.invalid(`The value has more than ${MAX_DIGITS} digits.`, { code: 'meter_event_value_too_many_digits', param: 'payload' });
}

function refuseDuplicate(simulation: Simulation, identifier: string): void {
  const oldest = simulation.now() - DAY_SECONDS;
  const isKnown = simulation.store.by<MeterEventRecord>(METER_EVENTS, 'identifier', identifier).some(({ created }) => created > oldest);
  if (isKnown) throw StripeError.invalid(`An event already exists with identifier ${identifier}.`, { param: 'identifier' });
}

function lateError({ event_name, payload }: NewMeterEvent, meter: MeterRecord | undefined, customer: CustomerRecord | undefined, value: string | undefined): LateError | null {
  if (meter === undefined) return { code: 'no_meter', message: `No meter found for the event name ${event_name}.` };
  if (meter.status === 'inactive') return { code: 'archived_meter', message: `The meter ${meter.id} is inactive.` };
  const key = meter.customer_mapping.event_payload_key;
  if (payload[key] === undefined) return { code: 'meter_event_no_customer_defined', message: `The payload has no ${key}.` };
  if (customer === undefined || customer['deleted'] === true) return { code: 'meter_event_customer_not_found', message: `No such customer: ${payload[key]}.` };
  if (value === undefined && meter.default_aggregation.formula !== 'count') return { code: 'meter_event_value_not_found', message: `The payload has no ${meter.value_settings.event_payload_key}.` };
  return null;
}

function report(simulation: Simulation, { code, message }: LateError, meter: MeterRecord | undefined, identifier: string): void {
  const at = new Date(simulation.now() * 1000).toISOString();
  const sample = { error_message: message, request: { identifier } };
  const data = {
    developer_message_summary: 'There is 1 invalid event',
    reason: { error_count: 1, error_types: [{ code, error_count: 1, sample_errors: [sample] }] },
    validation_end: at,
    validation_start: at,
  };
  if (meter === undefined) simulation.emitThin('v1.billing.meter.no_meter_found', { relatedObject: null, data });
  else simulation.emitThin('v1.billing.meter.error_report_triggered', { relatedObject: { id: meter.id, type: 'billing.meter', url: `/v1/billing/meters/${meter.id}` }, data });
}

/** Reports an event of the stream that was not even taken. */
export function reportRefused(simulation: Simulation, wanted: NewMeterEvent, refusal: StripeError): void {
  const meter = simulation.store.by<MeterRecord>(METERS, 'event_name', wanted.event_name).at(-1);
  report(simulation, { code: refusal.details.code ?? 'duplicate_meter_event', message: refusal.message }, meter, wanted.identifier ?? '');
}
