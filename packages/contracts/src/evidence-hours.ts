const HOUR_MS = 3_600_000;

/** Milliseconds since 1970. A report counts in an hour when its interval ends behind the start, or at the end at the latest. */
export interface HourSpan {
  startMs: number;
  endMs: number;
  problem: 'HOUR_OUTSIDE_PERIOD' | 'HOUR_OUT_OF_ORDER' | null;
}

/** The hours of an evidence file as they follow one another: each reaches to the next full hour, cut where the next one or the period's end is earlier. */
export function spansOf(period: { countsFrom: string; periodEnd: string }, hours: readonly { hour: string }[]): HourSpan[] {
  const [fromMs, untilMs] = [Date.parse(period.countsFrom), Date.parse(period.periodEnd)];
  return hours.map(({ hour }, index) => {
    const startMs = Date.parse(hour);
    const nextMs = Date.parse(hours[index + 1]?.hour ?? period.periodEnd);
    const isInside = startMs >= floorToHour(fromMs) && startMs < untilMs;
    const problem = isInside ? (nextMs > startMs ? null : 'HOUR_OUT_OF_ORDER') : 'HOUR_OUTSIDE_PERIOD';
    return { startMs, endMs: Math.min(floorToHour(startMs) + HOUR_MS, untilMs, Math.max(nextMs, startMs)), problem };
  });
}

/** Where in the file the hour stands that an interval with this end counts in; -1 where none does. */
export function findHour(spans: readonly HourSpan[], endMs: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.startMs ?? 0) < endMs) low = middle + 1;
    else high = middle;
  }
  return endMs <= (spans[low - 1]?.endMs ?? -Infinity) ? low - 1 : -1;
}

/** Where the first hour stands that a report of the file counts in; where none does, behind the last. */
export function firstHourShown(spans: readonly HourSpan[], reports: readonly { intervalEnd: string }[]): number {
  return reports.reduce((first, { intervalEnd }) => {
    const index = findHour(spans, Date.parse(intervalEnd));
    return index < 0 ? first : Math.min(first, index);
  }, spans.length);
}

function floorToHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
