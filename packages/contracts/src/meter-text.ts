import type { Meter } from './events.ts';

/** What people call each meter, in the middle of a sentence. */
export const METER_NAMES: Readonly<Record<Meter, string>> = {
  DEVICES: 'devices',
  MQTT_MESSAGES: 'MQTT messages',
  MQTT_BYTES: 'MQTT traffic',
  HTTP_BYTES: 'HTTP traffic',
  API_CALLS: 'API calls',
  STORAGE_BYTES: 'storage',
};

const BYTE_METERS: ReadonlySet<Meter> = new Set(['MQTT_BYTES', 'HTTP_BYTES', 'STORAGE_BYTES']);
/** As prices have it: a gigabyte is 10^9 bytes. The largest that fits is used. */
const BYTE_UNITS = [
  ['GB', 1_000_000_000],
  ['MB', 1_000_000],
  ['kB', 1_000],
] as const;

/** @param amount in the meter's own unit. @returns "1,006,620", "42.82 GB", "120.5 MB" */
export function quantityText(meter: Meter, amount: number): string {
  if (!BYTE_METERS.has(meter)) return numberText(amount);
  const unit = BYTE_UNITS.find(([, bytes]) => amount >= bytes);
  return unit === undefined ? `${numberText(amount)} bytes` : `${numberText(amount / unit[1])} ${unit[0]}`;
}

function numberText(value: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(value);
}

/** @returns "December 20, 2026 at 11:00 UTC" */
export function instantText(at: Date): string {
  const time = new Intl.DateTimeFormat('en-US', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' }).format(at);
  return `${dayText(at)} at ${time} UTC`;
}

/** @returns "December 20, 2026", the day of UTC */
export function dayText(at: Date): string {
  return new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}
