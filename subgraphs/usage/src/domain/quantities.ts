import type { Meter } from '@iotistic/contracts/events';
import { addCounts, METER_KINDS } from './meters.ts';

export const HOUR_MS = 3_600_000;

/** The hour that a report counts in: the one that its interval ends in; a whole hour's end still belongs to it. Milliseconds. */
export function hourOf(endMs: number): number {
  return Math.floor((endMs - 1) / HOUR_MS) * HOUR_MS;
}

/**
 * The part of an hour that a report counts in, by its start: the hour, cut where a billing period began within it. So a
 * report counts in the period that its interval ends in, and nothing counts in two. Milliseconds.
 * @param boundaries starts of the customer's periods.
 */
export function bucketOf(endMs: number, boundaries: readonly number[]): number {
  const hourMs = hourOf(endMs);
  return boundaries.reduce((start, boundary) => (boundary > start && boundary < endMs ? boundary : start), hourMs);
}

/**
 * A meter over some hours, of a customer or of one instance. An hour's value is the sum over the instances, of which each
 * gives a counter its increments in that hour, and a gauge its highest value in that hour.
 */
export interface Totals {
  /** Of the hours' values. */
  sum: number;
  /** The highest hour's value. */
  peak: number;
  reports: number;
}

export const NO_TOTALS: Totals = { sum: 0, peak: 0, reports: 0 };

export interface Quantity {
  quantity: number;
  /** The highest hour. */
  peak: number;
  reports: number;
}

/**
 * What a meter comes to over these parts of time, none of which share an hour (SPEC 7): counters add up, gauges take their
 * highest hour. Series, summary and bill all come from here.
 */
export function quantityOf(meter: Meter, parts: Iterable<Totals>): Quantity {
  let sum = 0;
  let peak = 0;
  let reports = 0;
  for (const part of parts) {
    sum = addCounts(sum, part.sum);
    peak = Math.max(peak, part.peak);
    reports += part.reports;
  }
  return { quantity: METER_KINDS[meter] === 'gauge' ? peak : sum, peak, reports };
}
