const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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

/** How many of these reports count in each of the hours. */
export function countShown(spans: readonly HourSpan[], reports: readonly { intervalEnd: string }[]): number[] {
  const shown = spans.map(() => 0);
  for (const { intervalEnd } of reports) {
    const index = findHour(spans, Date.parse(intervalEnd));
    if (index >= 0) shown[index] = (shown[index] ?? 0) + 1;
  }
  return shown;
}

export interface ShownEvidence {
  header: { countsFrom: string; periodEnd: string };
  hours: readonly { hour: string; reports: number }[];
  digests?: readonly { from: string; through: string }[];
}

/**
 * Hours that have reports which the file does not show: of a day that it has a digest of, those before its first report, and
 * wherever a day or more is missing, for evidence is kept and lost by days. Of a shorter gap nothing is said: that one is no
 * lost evidence, but a line that was taken out.
 * @param shown how many reports of each hour are shown, or proven.
 */
export function hoursNotShown({ header, hours, digests = [] }: ShownEvidence, shown: readonly number[]): boolean[] {
  const spans = spansOf(header, hours);
  const lacks = (index: number): boolean => (shown[index] ?? 0) < (hours[index]?.reports ?? 0);
  const result = hours.map((_hour, index) => lacks(index) && digests.some(({ from, through }) => (spans[index]?.startMs ?? 0) >= Date.parse(from) && (spans[index]?.startMs ?? 0) < Date.parse(through)));
  const counted = hours.flatMap(({ reports }, index) => (reports > 0 ? [index] : []));
  const firstShown = counted.find((index) => (shown[index] ?? 0) > 0) ?? hours.length;
  for (let place = 0; place < counted.length; ) {
    const begin = place;
    while (place < counted.length && lacks(counted[place] as number)) place += 1;
    const run = counted.slice(begin, place);
    place += 1;
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) continue;
    const startMs = spans[begin === 0 ? first : (counted[begin - 1] as number)]?.[begin === 0 ? 'startMs' : 'endMs'] ?? 0;
    const next = counted[begin + run.length];
    const endMs = (next === undefined ? spans[last]?.endMs : spans[next]?.startMs) ?? 0;
    for (const index of run) if (endMs - startMs >= DAY_MS || (index < firstShown && shown[index] === 0)) result[index] = true;
  }
  return result;
}

function floorToHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}
