import { median } from './median.ts';

const MISSED_INTERVALS = 3;
const MIN_SILENCE_MS = 15 * 60_000;
/** Fewer gaps between arrivals say nothing of what is usual. */
const MIN_GAPS = 2;

export interface Arrival {
  startMs: number;
  endMs: number;
  receivedMs: number;
}

/**
 * How often an instance usually reports: the longer of what its reports cover and of the time between their arrivals, since
 * one may send many short reports now and then. Milliseconds; null without a report.
 * @param last its last reports, in any order.
 */
export function usualIntervalMs(last: readonly Arrival[]): number | null {
  const length = median(last.map(({ startMs, endMs }) => endMs - startMs));
  if (length === null) return null;
  const arrivals = [...new Set(last.map(({ receivedMs }) => receivedMs))].toSorted((a, b) => a - b);
  const gaps = arrivals.slice(1).map((arrival, index) => arrival - (arrivals[index] ?? arrival));
  return gaps.length < MIN_GAPS ? length : Math.max(length, median(gaps) ?? 0);
}

/** How long it may say nothing before it counts as silent. Milliseconds. */
export function allowedSilenceMs(usualMs: number): number {
  return Math.max(MISSED_INTERVALS * usualMs, MIN_SILENCE_MS);
}
