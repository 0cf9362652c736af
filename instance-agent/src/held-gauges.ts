import { createHash } from 'node:crypto';
import type { Collector, Found } from './collector.ts';
import type { Baselines, BaselineChanges } from './spool-record.ts';
import { GAUGES, type Gauge, type Gauges } from './usage.ts';

/**
 * The gauges of one source as it said them last. A source that says nothing of one has failed at it: the last value holds until
 * it says another, over restarts too, for it stands in the spool beside the baselines of counters.
 */
export class HeldGauges {
  gauges: Gauges = {};
  private readonly key: string;

  constructor(private readonly collector: Collector) {
    this.key = `held ${createHash('sha256').update(`${collector.kind} ${collector.name}`).digest('base64url').slice(0, 16)}`;
  }

  get isEmpty(): boolean {
    return Object.keys(this.gauges).length === 0;
  }

  /** What this process did not hear itself, the one before it may have. */
  remember(baselines: Baselines): void {
    const kept = baselines[this.key];
    if (!this.isEmpty || kept === undefined) return;
    for (const name of GAUGES) if (kept[name] !== undefined) this.gauges[name] = kept[name];
  }

  /** Takes what it says now; returns what it does not say and should, each in words. */
  take({ gauges, partial = {}, counters, unusable = {} }: Found): string[] {
    const gone = GAUGES.filter((name) => this.gauges[name] !== undefined && gauges[name] === undefined && unusable[name] === undefined);
    this.gauges = { ...partial, ...this.gauges, ...gauges };
    const words = [...Object.entries(unusable), ...gone.map((name): [Gauge, string] => [name, 'is gone'])].map(([name, reason]) => `${this.collector.nameOf(name as Gauge)} ${reason}`);
    return words.length === 0 && this.isEmpty && Object.keys(counters).length === 0 ? ['says nothing of what is collected'] : words;
  }

  /** For the spool, where it is not there yet. */
  changes(baselines: Baselines): BaselineChanges {
    const kept = baselines[this.key] ?? {};
    const isKept = Object.keys(kept).length === Object.keys(this.gauges).length && GAUGES.every((name) => kept[name] === this.gauges[name]);
    return this.isEmpty || isKept ? {} : { [this.key]: { replace: true, series: { ...this.gauges } } };
  }
}
