import type { LineProblem } from './exposition-page.ts';
import type { Baselines, BaselineChanges } from './spool-record.ts';
import type { TrafficSplit } from './traffic-split.ts';
import type { Counter, Counters, Gauge, Gauges } from './usage.ts';

/** What one source said. */
export interface Found {
  gauges: Gauges;
  /** Increments since it was asked last. */
  counters: Counters;
  /** The values that the next increments are computed from. */
  baselines: BaselineChanges;
  split: TrafficSplit;
  /** What it spoke of without saying anything that can be used, and how. */
  unusable?: Partial<Record<Gauge | Counter, string>>;
  /** Gauges of which a part alone is known: better than nothing, worse than the last whole value. */
  partial?: Gauges;
  /** Lines of a page that do not read, the first of them. */
  problems?: LineProblem[];
}

/** One source of usage. Each is asked by itself, within its own time, and its failure is its own. */
export interface Collector {
  readonly kind: 'prometheus' | 'devices' | 'postgres';
  /** As it is shown: an address without credentials. */
  readonly name: string;
  /** @throws Error whose message may be shown: without internals, credentials or what the source said. */
  collect(baselines: Baselines, signal: AbortSignal, now: Date): Promise<Found>;
  /** What the source calls it. */
  nameOf(quantity: Gauge | Counter): string;
}
