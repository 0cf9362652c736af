import type { DemoInstance } from './demo-fleet.ts';

const HOUR_MS = 3_600_000;
const BYTES_PER_GB = 1_000_000_000;
const BYTES_PER_MESSAGE = 180;
const MESSAGES_PER_HTTP_CALL = 12;
const BYTES_PER_HTTP_CALL = 640;
const BYTES_PER_ROW = 220;
/** So much of the devices stays on at night. */
const NIGHT = 0.7;
const WEEKEND = 0.9;

export interface DemoGauges {
  activeDevices: number;
  totalDevices: number;
  storageBytes: number;
  storageRows: number;
}

export interface DemoCounters {
  mqttMessagesPublished: number;
  mqttMessagesReceived: number;
  mqttBytesSent: number;
  mqttBytesReceived: number;
  httpRequests: number;
  httpBytesSent: number;
  httpBytesReceived: number;
}

/** What a cluster has at that time: the same each time it is asked, with days, nights and weekends. */
export function gaugesAt(instance: DemoInstance, at: Date): DemoGauges {
  const storageBytes = Math.round(instance.storageGb * BYTES_PER_GB * (0.9 + 0.1 * dayShare(at)));
  return { activeDevices: Math.max(1, Math.round(instance.activeDevices * activity(at))), totalDevices: instance.totalDevices, storageBytes, storageRows: Math.round(storageBytes / BYTES_PER_ROW) };
}

/** What it did in so long a time that ends then. */
export function countersOf(instance: DemoInstance, end: Date, lengthMs: number): DemoCounters {
  const messages = Math.round((gaugesAt(instance, end).activeDevices * instance.messagesPerDeviceHour * lengthMs) / HOUR_MS);
  const received = Math.round(messages / 4);
  const calls = Math.round(messages / MESSAGES_PER_HTTP_CALL);
  return {
    mqttMessagesPublished: messages - received,
    mqttMessagesReceived: received,
    mqttBytesSent: received * BYTES_PER_MESSAGE,
    mqttBytesReceived: (messages - received) * BYTES_PER_MESSAGE,
    httpRequests: calls,
    httpBytesSent: calls * BYTES_PER_HTTP_CALL * 3,
    httpBytesReceived: calls * BYTES_PER_HTTP_CALL,
  };
}

/** 1 at noon of a working day, less at night and at weekends. */
function activity(at: Date): number {
  const daylight = (1 + Math.cos(((at.getUTCHours() + at.getUTCMinutes() / 60 - 12) / 12) * Math.PI)) / 2;
  const isWeekend = at.getUTCDay() === 0 || at.getUTCDay() === 6;
  return (NIGHT + (1 - NIGHT) * daylight) * (isWeekend ? WEEKEND : 1);
}

/** How much of the month is over: data grows, and is cleared with the month. */
function dayShare(at: Date): number {
  return at.getUTCDate() / 31;
}
