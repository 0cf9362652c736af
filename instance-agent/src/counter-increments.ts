import type { Found } from './collector.ts';
import type { ExpositionPage, Sample } from './exposition-page.ts';
import type { Baselines, BaselineChanges } from './spool-record.ts';
import { splitOf, type TrafficSplit } from './traffic-split.ts';
import { unusableBecause, usableValue } from './usable-value.ts';
import { COUNTERS, type Counter, type Counters } from './usage.ts';

/** When the process began that a page is of, in seconds. */
export const PROCESS_START = 'process_start_time_seconds';
/** Beside the baselines of an endpoint's series: when it was looked at, in milliseconds by its own clock. */
const LOOKED_AT = 'at';

/** One look at an endpoint. */
export interface CounterLook {
  page: ExpositionPage;
  /** When it was, by the endpoint's clock. */
  at: Date;
  metricOf: (name: Counter) => string;
  /** What a series is remembered by. */
  keyOf: (name: Counter, series: string) => string;
  maxSeries: number;
}

export interface Increments {
  increments: Counters;
  changes: BaselineChanges[string];
  split: TrafficSplit;
  unusable: NonNullable<Found['unusable']>;
}

/** The metric that says when each series of a counter began, in seconds. */
export function createdName(metric: string): string {
  return metric.replace(/_total$/, '_created');
}

/**
 * Increments since the values collected last, series by series: a sum over series would take one that vanished for a reset
 * and count all others again. A value below its baseline began again at zero. A series that was never seen before counts
 * nothing, for nobody knows since when it counts; unless the page itself says that it began since the last look. One that says
 * nothing keeps its baseline, and so does one that is gone.
 */
export function countIncrements(look: CounterLook, known: Baselines[string] | undefined): Increments {
  const found: Increments = { increments: {}, changes: { replace: true, series: {} }, split: {}, unusable: {} };
  const current: Record<string, number> = { [LOOKED_AT]: Math.max(0, look.at.getTime()) };
  const hasRestarted = beganSince(processStarts(look.page), known?.[LOOKED_AT]);
  for (const name of COUNTERS) {
    const samples = look.page.samples.get(look.metricOf(name)) ?? [];
    const began = beginnings(look, name, known?.[LOOKED_AT], hasRestarted);
    for (const sample of samples) countSample({ look, name, sample, known, hasBegun: began(sample.series) }, found, current);
    const reason = look.page.damaged.get(look.metricOf(name));
    if (reason !== undefined) found.unusable[name] ??= reason;
    if (samples.length > 0) current[seenKey(name)] = 1;
    // Just after its start a process has no series of what has not happened yet.
    else if (known?.[seenKey(name)] === 1 && !hasRestarted && !look.page.declared.has(look.metricOf(name))) found.unusable[name] ??= 'is gone';
  }
  // Series that vanished stay known, lest they count anew when they return; only too many of them are forgotten.
  const replace = known === undefined || Object.keys({ ...known, ...current }).length > look.maxSeries;
  const changed = Object.entries(current).filter(([key, value]) => known?.[key] !== value);
  found.changes = { replace, series: replace ? current : Object.fromEntries(changed) };
  return found;
}

function countSample(seen: { look: CounterLook; name: Counter; sample: Sample; known: Baselines[string] | undefined; hasBegun: boolean }, found: Increments, current: Record<string, number>): void {
  const { look, name, sample, known, hasBegun } = seen;
  const value = usableValue(sample.value);
  if (value === null) {
    found.unusable[name] ??= unusableBecause(sample.value) ?? '';
    return;
  }
  const key = look.keyOf(name, sample.series);
  const before = known?.[key];
  current[key] = value;
  const increment = before === undefined ? (hasBegun ? value : 0) : value < before ? value : value - before;
  found.increments[name] = Math.min((found.increments[name] ?? 0) + increment, Number.MAX_SAFE_INTEGER);
  splitOf(found.split, name, sample.series, increment);
}

/** Whether a series began since the last look: as its own `_created` says, else as the process does. */
function beginnings({ page, metricOf }: CounterLook, name: Counter, lookedAt: number | undefined, hasRestarted: boolean): (series: string) => boolean {
  const created = new Map((page.samples.get(createdName(metricOf(name))) ?? []).map(({ series, value }) => [series, value]));
  return (series) => {
    const seconds = created.get(series);
    return seconds === undefined ? hasRestarted : beganSince([seconds], lookedAt);
  };
}

/** A page of several processes began when the first of them did. */
function processStarts(page: ExpositionPage): number[] {
  return (page.samples.get(PROCESS_START) ?? []).map(({ value }) => value);
}

function beganSince(seconds: readonly number[], lookedAt: number | undefined): boolean {
  return lookedAt !== undefined && seconds.length > 0 && seconds.every((second) => second * 1000 > lookedAt);
}

/** No series is remembered by such a key: theirs are hashes. */
function seenKey(name: Counter): string {
  return `seen ${name}`;
}
