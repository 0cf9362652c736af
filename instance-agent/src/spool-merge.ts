import { randomUUID } from 'node:crypto';
import { addUsage, COUNTERS, GAUGES, type UsageReport } from './usage.ts';

/**
 * Just below the 31 days that the control plane takes (INTERVAL_TOO_LONG): a merged report must not be refused for its
 * length, whatever either side rounds.
 */
const LONGEST_MS = 31 * 86_400_000 - 60_000;
/** The control plane refuses a larger number (TOO_LARGE): reports whose sum would be larger stay two. */
const LARGEST_COUNT = 1e15;

/** One after another: the finest that gives enough room wins, since a merged report tells less about when. */
const WINDOWS: readonly ((ms: number) => string)[] = [
  (ms) => new Date(ms).toISOString().slice(0, 13),
  (ms) => new Date(ms).toISOString().slice(0, 10),
  (ms) => new Date(ms).toISOString().slice(0, 7),
];

export interface Merged {
  reports: UsageReport[];
  /** How many reports went into others: so many fewer there are. */
  mergedReports: number;
}

interface Item {
  report: UsageReport;
  startMs: number;
  endMs: number;
  bytes: number;
}

/**
 * Merges neighbours, the oldest first, until the reports fit, or nothing more can be merged: within a UTC hour, then a
 * day, then a month. Reports up to `after` may be at the control plane already and stay as they are; those behind are
 * numbered on from there without a gap. Counters keep their sums, gauges their highest value.
 */
export function mergeOldest(reports: readonly UsageReport[], limits: { after: number; maxBytes: number; sizeOf: (report: UsageReport) => number }): Merged {
  const kept = reports.filter(({ sequence }) => sequence <= limits.after);
  let items = reports.slice(kept.length).map((report) => toItem(report, limits.sizeOf(report)));
  const countBefore = items.length;
  let excess = kept.reduce((sum, report) => sum + limits.sizeOf(report), 0) + items.reduce((sum, { bytes }) => sum + bytes, 0) - limits.maxBytes;
  for (const windowOf of WINDOWS) {
    if (excess <= 0) break;
    ({ items, excess } = mergeWithin(items, excess, windowOf, limits.sizeOf));
  }
  const renumbered = items.map(({ report }, index) => ({ ...report, sequence: limits.after + 1 + index }));
  return { reports: [...kept, ...renumbered], mergedReports: countBefore - items.length };
}

function mergeWithin(items: readonly Item[], excess: number, windowOf: (ms: number) => string, sizeOf: (report: UsageReport) => number): { items: Item[]; excess: number } {
  const result: Item[] = [];
  let left = excess;
  for (const item of items) {
    const last = result.at(-1);
    const union = left > 0 && last !== undefined ? unite(last, item, windowOf, sizeOf) : null;
    if (union === null || last === undefined) {
      result.push(item);
      continue;
    }
    result[result.length - 1] = union;
    left -= last.bytes + item.bytes - union.bytes;
  }
  return { items: result, excess: left };
}

/** Both as one report; null where they must stay two. */
function unite(first: Item, second: Item, windowOf: (ms: number) => string, sizeOf: (report: UsageReport) => number): Item | null {
  const startMs = Math.min(first.startMs, second.startMs);
  const endMs = Math.max(first.endMs, second.endMs);
  if (endMs - startMs > LONGEST_MS || windowOf(startMs) !== windowOf(endMs - 1)) return null;
  if (COUNTERS.some((name) => first.report[name] + second.report[name] > LARGEST_COUNT)) return null;
  const report: UsageReport = {
    ...first.report,
    reportId: randomUUID(),
    intervalStart: new Date(startMs).toISOString(),
    intervalEnd: new Date(endMs).toISOString(),
    ...addUsage(COUNTERS, first.report, second.report),
  };
  for (const name of GAUGES) report[name] = Math.max(first.report[name], second.report[name]);
  return { report, startMs, endMs, bytes: sizeOf(report) };
}

function toItem(report: UsageReport, bytes: number): Item {
  return { report, startMs: Date.parse(report.intervalStart), endMs: Date.parse(report.intervalEnd), bytes };
}
