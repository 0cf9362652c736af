import type { Meter } from '@iotistic/contracts/events';
import { addCounts, METER_KINDS } from './meters.ts';

export const HOUR_MS = 3_600_000;

/** The hour that a report counts in: the one that its interval ends in; a whole hour's end still belongs to it. Milliseconds. */
export function hourOf(endMs: number): number {
  return Math.floor((endMs - 1) / HOUR_MS) * HOUR_MS;
}

/**
 * One hour of a customer or of one instance: what each meter stood at, as the sum over the instances. An instance gives a
 * counter its increments in that hour, and a gauge its highest value in that hour.
 */
export interface HourTotals {
  hourMs: number;
  reports: number;
  values: Readonly<Record<Meter, number>>;
}

export interface Quantity {
  quantity: number;
  /** The highest hour. */
  peak: number;
  reports: number;
}

/**
 * What a meter comes to over these hours (SPEC 7): counters add up, gauges take their highest hour. Series, summary and
 * bill all come from here.
 */
export function quantityOf(meter: Meter, hours: Iterable<HourTotals>): Quantity {
  let sum = 0;
  let peak = 0;
  let reports = 0;
  for (const hour of hours) {
    const value = hour.values[meter];
    sum = addCounts(sum, value);
    peak = Math.max(peak, value);
    reports += hour.reports;
  }
  return { quantity: METER_KINDS[meter] === 'gauge' ? peak : sum, peak, reports };
}
