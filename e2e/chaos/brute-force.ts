import { METERS, type Meter } from '@iotistic/contracts/events';
import type { UsageReport } from '../../instance-agent/src/usage.ts';

/** What one report says of each meter, wherever it was found: in an agent's tally, or in the plane's table. */
export interface MeterReading {
  instance: string;
  sequence: number;
  endMs: number;
  values: Record<Meter, number>;
}

/** One instance's hour. */
export interface HourOfInstance {
  instance: string;
  startMs: number;
  reports: number;
  values: Record<Meter, number>;
}

export const GAUGE_METERS: ReadonlySet<Meter> = new Set(['DEVICES', 'STORAGE_BYTES']);
/** The meters that Stripe bills: its name for each, and how much is one unit; a started one counts. */
export const BILLED: Readonly<Partial<Record<Meter, { eventName: string; perUnit: number }>>> = {
  DEVICES: { eventName: 'device_usage', perUnit: 1 },
  MQTT_MESSAGES: { eventName: 'mqtt_messages', perUnit: 1_000 },
  STORAGE_BYTES: { eventName: 'storage_gb', perUnit: 1_000_000_000 },
};
const HOUR_MS = 3_600_000;

type Counted = Pick<UsageReport, 'activeDevices' | 'mqttMessagesPublished' | 'mqttMessagesReceived' | 'mqttBytesSent' | 'mqttBytesReceived' | 'httpBytesSent' | 'httpBytesReceived' | 'httpRequests' | 'storageBytes'>;

export function valuesOf(report: Counted): Record<Meter, number> {
  return {
    DEVICES: report.activeDevices,
    MQTT_MESSAGES: report.mqttMessagesPublished + report.mqttMessagesReceived,
    MQTT_BYTES: report.mqttBytesSent + report.mqttBytesReceived,
    HTTP_BYTES: report.httpBytesSent + report.httpBytesReceived,
    API_CALLS: report.httpRequests,
    STORAGE_BYTES: report.storageBytes,
  };
}

/** The hour that a report counts in: the one that it ends in, a whole hour's end included, cut where the period began. */
function hourOf(endMs: number, periodStartMs: number): number {
  const hourMs = Math.floor((endMs - 1) / HOUR_MS) * HOUR_MS;
  return periodStartMs > hourMs && periodStartMs < endMs ? periodStartMs : hourMs;
}

/** All reports by instance and hour: counters added up, gauges at their highest. */
export function hoursOf(readings: readonly MeterReading[], periodStartMs: number): Map<string, HourOfInstance> {
  const hours = new Map<string, HourOfInstance>();
  for (const { instance, endMs, values } of readings) {
    const startMs = hourOf(endMs, periodStartMs);
    const key = `${instance} ${new Date(startMs).toISOString()}`;
    const known = hours.get(key);
    if (known === undefined) {
      hours.set(key, { instance, startMs, reports: 1, values: { ...values } });
      continue;
    }
    known.reports += 1;
    for (const meter of METERS) known.values[meter] = GAUGE_METERS.has(meter) ? Math.max(known.values[meter], values[meter]) : known.values[meter] + values[meter];
  }
  return hours;
}

/** SPEC 7, in the plainest words: counters add up; a gauge is the highest hour of the sum over instances of each one's highest in it. */
export function quantitiesOf(hours: Iterable<HourOfInstance>): Record<Meter, number> {
  const byHour = new Map<number, HourOfInstance[]>();
  for (const hour of hours) byHour.set(hour.startMs, [...(byHour.get(hour.startMs) ?? []), hour]);
  const sums = [...byHour.values()].map((together) => (meter: Meter) => together.reduce((sum, { values }) => sum + values[meter], 0));
  const quantity = (meter: Meter): number => {
    const hourly = sums.map((sumOf) => sumOf(meter));
    return GAUGE_METERS.has(meter) ? Math.max(0, ...hourly) : hourly.reduce((sum, value) => sum + value, 0);
  };
  return Object.fromEntries(METERS.map((meter) => [meter, quantity(meter)])) as Record<Meter, number>;
}
