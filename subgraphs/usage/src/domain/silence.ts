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

/**
 * A time of which the plane's clock says that it passed, and in which nobody was heard: the plane was down (an outage), or its clock was set
 * forward, and no time passed at all.
 */
export interface ListeningGap {
  fromMs: number;
  untilMs: number;
  isOutage: boolean;
}

/** Looks come each minute: after such a pause something was amiss. */
export const NOTICEABLE_GAP_MS = 10 * 60_000;

/**
 * The gaps between two looks.
 * @param passedMs how much time passed in truth, whatever the plane's clock says; null where nobody knows, which counts as an outage.
 * @param wasHeard whether a report was received meanwhile: then it was the look that did not run, and not the plane.
 */
export function gapsBetween(look: { lastMs: number; nowMs: number; passedMs: number | null; wasHeard: boolean }): ListeningGap[] {
  const { lastMs, nowMs, wasHeard } = look;
  const shownMs = nowMs - lastMs;
  const passedMs = Math.min(look.passedMs ?? shownMs, shownMs);
  const gaps: ListeningGap[] = [];
  if (passedMs > NOTICEABLE_GAP_MS && !wasHeard) gaps.push({ fromMs: lastMs, untilMs: lastMs + passedMs, isOutage: true });
  if (shownMs - passedMs > NOTICEABLE_GAP_MS) gaps.push({ fromMs: lastMs + passedMs, untilMs: nowMs, isOutage: false });
  return gaps;
}

/**
 * When an instance counts as silent that reported last at `lastMs`, by the plane's clock. What the plane was down since then is
 * forgiven, and one interval more, in which it comes back. A jump of the clock takes nobody's turn to report: after the first one since then it has an
 * interval, or a quarter of an hour where that is shorter.
 */
export function silentFromMs({ lastMs, usualMs }: { lastMs: number; usualMs: number }, gaps: readonly ListeningGap[]): number {
  const since = gaps.filter(({ untilMs }) => untilMs > lastMs);
  const downMs = since.reduce((sum, gap) => sum + (gap.isOutage ? gap.untilMs - Math.max(gap.fromMs, lastMs) : 0), 0);
  const dueMs = lastMs + allowedSilenceMs(usualMs) + (downMs > 0 ? downMs + usualMs : 0);
  const jump = since.find(({ isOutage }) => !isOutage);
  return jump === undefined ? dueMs : Math.max(dueMs, jump.untilMs + Math.min(usualMs, MIN_SILENCE_MS));
}

/** How long it may say nothing before it counts as silent. Milliseconds. */
export function allowedSilenceMs(usualMs: number): number {
  return Math.max(MISSED_INTERVALS * usualMs, MIN_SILENCE_MS);
}
