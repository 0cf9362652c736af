/** The control plane refuses longer intervals; an agent that was away longer reports what it counted in the last part. */
const LONGEST_MS = 31 * 24 * 3_600_000;
/** A first report has no beginning: its counters say nothing yet, its gauges are as of its end. */
const FIRST_MS = 1000;

/**
 * The interval of the report that is made now: from where the last one ended. Null when no whole millisecond has passed
 * since. A last end in the future (a clock that ran ahead, corrected since) is not gone on from.
 */
export function nextInterval(lastEnd: Date | null, now: Date): { start: Date; end: Date } | null {
  const end = now.getTime();
  if (lastEnd === null || lastEnd.getTime() > end) return { start: new Date(end - FIRST_MS), end: now };
  if (lastEnd.getTime() === end) return null;
  return { start: new Date(Math.max(lastEnd.getTime(), end - LONGEST_MS)), end: now };
}
