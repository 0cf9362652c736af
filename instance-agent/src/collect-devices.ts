import { z } from 'zod';
import { withoutCredentials } from './collect-prometheus.ts';
import type { Collector, Found } from './collector.ts';
import { readLimitedText } from './limited-body.ts';

const ANSWER_BYTES = 32 * 1024 * 1024;
const ACTIVE_STATUSES = new Set(['active', 'online', 'connected']);

const count = z.number().int().nonnegative();
const device = z.union([z.looseObject({ active: z.boolean() }), z.looseObject({ status: z.string() })]);
const devicesSchema = z.union([
  z.looseObject({ activeDevices: count, totalDevices: count }),
  z.looseObject({ active: count, total: count }).transform(({ active, total }) => ({ activeDevices: active, totalDevices: total })),
  z.array(device).transform(countDevices),
  z.looseObject({ devices: z.array(device) }).transform(({ devices }) => countDevices(devices)),
]);

/** How many devices there are, as the product's own API says (DEVICES_URL). */
export class DevicesCollector implements Collector {
  readonly kind = 'devices';
  readonly name: string;

  constructor(private readonly parts: { url: string; token: string | null; fetch: typeof fetch }) {
    this.name = withoutCredentials(parts.url);
  }

  nameOf(quantity: string): string {
    return quantity;
  }

  async collect(_baselines: unknown, signal: AbortSignal): Promise<Found> {
    const { url, token, fetch } = this.parts;
    // A redirect could lead the token to somebody else.
    const response = await fetch(url, { headers: { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) }, signal, redirect: 'error' });
    const text = await readLimitedText(response, ANSWER_BYTES);
    if (!response.ok) throw new Error(`answered with HTTP status ${response.status}`);
    const read = devicesSchema.safeParse(parseJson(text));
    if (!read.success) throw new Error('did not answer with {activeDevices, totalDevices}, {active, total}, or a list of devices that have active or status');
    const { activeDevices, totalDevices } = read.data;
    if (activeDevices > totalDevices) throw new Error('says that more devices are active than there are');
    return { gauges: { activeDevices, totalDevices }, counters: {}, baselines: {}, split: {} };
  }
}

function countDevices(devices: readonly z.infer<typeof device>[]): { activeDevices: number; totalDevices: number } {
  const isActive = (each: z.infer<typeof device>): boolean => ('active' in each ? each.active === true : ACTIVE_STATUSES.has(each.status.toLowerCase()));
  return { activeDevices: devices.filter(isActive).length, totalDevices: devices.length };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
