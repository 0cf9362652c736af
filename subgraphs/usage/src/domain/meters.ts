import { METERS, type Meter } from '@iotistic/contracts/events';
import { COUNTS, type CountName } from './report.ts';

/** Counters add up; gauges are a state, of which the highest counts. */
export const METER_KINDS: Record<Meter, 'counter' | 'gauge'> = {
  DEVICES: 'gauge',
  MQTT_MESSAGES: 'counter',
  MQTT_BYTES: 'counter',
  HTTP_BYTES: 'counter',
  API_CALLS: 'counter',
  STORAGE_BYTES: 'gauge',
};

/** The numbers of a report that make a meter's value. */
const METER_COUNTS: Record<Meter, readonly CountName[]> = {
  DEVICES: ['activeDevices'],
  MQTT_MESSAGES: ['mqttMessagesPublished', 'mqttMessagesReceived'],
  MQTT_BYTES: ['mqttBytesSent', 'mqttBytesReceived'],
  HTTP_BYTES: ['httpBytesSent', 'httpBytesReceived'],
  API_CALLS: ['httpRequests'],
  STORAGE_BYTES: ['storageBytes'],
};

/** For each meter, in the order of METERS, where in a report's counts its numbers stand. */
const POSITIONS: readonly (readonly number[])[] = METERS.map((meter) => METER_COUNTS[meter].map((name) => COUNTS.indexOf(name)));

/** What a report says of each meter, in the order of METERS. */
export function meterValues(counts: readonly number[]): number[] {
  return POSITIONS.map((positions) => positions.reduce((sum, position) => sum + (counts[position] ?? 0), 0));
}

/** Adds without leaving the whole numbers that the schema promises: what would be more stays at 2^53 - 1. */
export function addCounts(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Two values of one meter in the same hour and instance, made one. */
export function mergeValues(meter: Meter, a: number, b: number): number {
  return METER_KINDS[meter] === 'gauge' ? Math.max(a, b) : addCounts(a, b);
}
