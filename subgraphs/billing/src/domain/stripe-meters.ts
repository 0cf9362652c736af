import { createHash } from 'node:crypto';
import type { Meter } from '@iotistic/contracts/events';
import type { MeteredPrice } from './plan-catalogue.ts';
import type { PriceBook } from './price-book.ts';
import { billedUnits } from './rating.ts';

/** The meters that some plan bills, by the names of their events at Stripe. */
export const METER_EVENT_NAMES: Readonly<Partial<Record<Meter, string>>> = { DEVICES: 'device_usage', MQTT_MESSAGES: 'mqtt_messages', STORAGE_BYTES: 'storage_gb' };

/** What stands on an invoice for a meter: Stripe names a line by the price's product, and shows its customers nothing else of it. */
export interface MeterProduct {
  /** An id of ours: made twice at once, it is one. */
  id: string;
  name: string;
  /** What one billed unit is, of at most 12 characters. */
  unitLabel: string;
}

export const METER_PRODUCTS: Readonly<Partial<Record<Meter, MeterProduct>>> = {
  DEVICES: { id: 'iotistic_devices', name: 'Devices', unitLabel: 'device' },
  MQTT_MESSAGES: { id: 'iotistic_mqtt_messages', name: 'MQTT messages (thousands)', unitLabel: 'thousand' },
  STORAGE_BYTES: { id: 'iotistic_storage', name: 'Storage (GB)', unitLabel: 'GB' },
};

export const BILLED_METERS = Object.keys(METER_EVENT_NAMES) as Meter[];

/** What is billed of a meter, and in which unit: all its prices agree on that. null for one that no plan bills. */
export function anyPriceOf(meter: Meter, books: readonly PriceBook[]): MeteredPrice | null {
  return books.flatMap(({ plans }) => plans.flatMap(({ meteredPrices }) => meteredPrices)).find((price) => price.meter === meter) ?? null;
}

/** What a meter's quantity is in the units that Stripe bills: started ones count. */
export function stripeUnits(meter: Meter, quantity: number, books: readonly PriceBook[]): number {
  const price = anyPriceOf(meter, books);
  if (price === null) throw new Error(`no plan bills ${meter}`);
  return billedUnits(quantity, price.quantityPerUnit);
}

/**
 * Names what is told of a meter (SPEC 7): the same revision of the same period is the same event, however often it is sent.
 * @param of.repair how often it was told anew since Stripe had something else: that is another event.
 */
export function meterEventIdentifier(of: { customerId: string; meter: Meter; periodStart: Date; revision: number; repair?: number }): string {
  const { repair = 0 } = of;
  const names = [of.customerId, of.meter, of.periodStart.toISOString(), of.revision, ...(repair === 0 ? [] : [repair])];
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  return `${METER_EVENT_NAMES[of.meter] ?? of.meter}-r${of.revision}${repair === 0 ? '' : `.${repair}`}-${hash.slice(0, 40)}`;
}

/**
 * When a period's quantity is said to have been so: within the period, also where it was measured after its end. Where it
 * ends within a minute, before that minute: Stripe reads back whole ones, and the rest of it is the next period's.
 */
export function meterEventTime(of: { measuredAt: Date; periodStart: Date; periodEnd: Date }): Date {
  const first = Math.ceil(of.periodStart.getTime() / 1000) * 1000;
  const wholeMinutesEnd = Math.floor(of.periodEnd.getTime() / 60_000) * 60_000;
  const last = (wholeMinutesEnd > first ? wholeMinutesEnd : of.periodEnd.getTime()) - 1_000;
  return new Date(Math.max(first, Math.min(of.measuredAt.getTime(), last)));
}
