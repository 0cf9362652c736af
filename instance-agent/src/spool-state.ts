import { linkReports } from './spool-chain.ts';
import { EMPTY_STATE, type BaselineChanges, type Baselines, type SpoolRecord, type SpoolState } from './spool-record.ts';
import { addUsage, COUNTERS, type UsageReport } from './usage.ts';

/** The state after a record: the same function builds it when a record is written and when the spool is read again. */
export function applyRecord(state: SpoolState, record: SpoolRecord): SpoolState {
  switch (record.kind) {
    case 'state':
      return record.state;
    case 'recorded':
      return {
        ...state,
        recorded: { gauges: { ...state.recorded.gauges, ...record.gauges }, counters: addUsage(COUNTERS, state.recorded.counters, record.counters) },
      };
    case 'report':
      return {
        ...state,
        sequence: record.report.sequence,
        intervalEnd: record.report.intervalEnd,
        baselines: applyChanges(state.baselines, record.baselines),
        recorded: { gauges: state.recorded.gauges, counters: {} },
      };
    case 'attempted':
      return { ...state, attemptedThrough: Math.max(state.attemptedThrough, record.through), chainHash: record.hash ?? state.chainHash };
    case 'settled':
      return {
        ...state,
        settledThrough: Math.max(state.settledThrough, record.through),
        attemptedThrough: Math.max(state.attemptedThrough, record.through),
        recorded: { gauges: state.recorded.gauges, counters: addUsage(COUNTERS, state.recorded.counters, record.returned) },
      };
    default:
      return state;
  }
}

function applyChanges(baselines: Baselines, changes: BaselineChanges): Baselines {
  const next = { ...baselines };
  for (const [endpoint, change] of Object.entries(changes)) {
    next[endpoint] = change.replace ? { ...change.series } : { ...next[endpoint], ...change.series };
  }
  return next;
}

/** What the records say when they are read one after another: the state, and the reports without a verdict. */
export class SpoolView {
  state: SpoolState = EMPTY_STATE;
  waiting: UsageReport[] = [];
  /** Reports of a rewrite that has not come to its end. */
  private rewritten: UsageReport[] | null = null;

  /** Whether the last record belongs to a rewrite: without one of another kind behind it, it never happened. */
  get isRewriting(): boolean {
    return this.rewritten !== null;
  }

  take(record: SpoolRecord): void {
    if (record.kind === 'rewriting') this.rewritten = record.part === 1 ? [] : (this.rewritten ?? []);
    else if (record.kind === 'rewritten') (this.rewritten ??= []).push(record.report);
    else this.takeOrdinary(record);
  }

  /** Forgets a rewrite that did not come to its end. */
  dropRewrite(): void {
    this.rewritten = null;
  }

  /** After a rewrite. */
  replace(state: SpoolState, waiting: UsageReport[]): void {
    this.state = state;
    this.waiting = waiting;
  }

  private takeOrdinary(record: SpoolRecord): void {
    if (this.rewritten !== null) {
      this.waiting = this.rewritten;
      this.rewritten = null;
    }
    if (record.kind === 'attempted') this.link(record);
    this.state = applyRecord(this.state, record);
    if (record.kind === 'report') this.waiting.push(record.report);
    const { settledThrough } = this.state;
    if ((this.waiting[0]?.sequence ?? Infinity) > settledThrough) return;
    const left = this.waiting.findIndex((report) => report.sequence > settledThrough);
    this.waiting.splice(0, left < 0 ? this.waiting.length : left);
  }

  /** Where another hash comes out than was written, one of the reports is gone from a damaged disk: what the others carried is not known then. */
  private link({ through, hash, anchors }: Extract<SpoolRecord, { kind: 'attempted' }>): void {
    const linked = linkReports(this.waiting, { after: this.state.attemptedThrough, through, hash: this.state.chainHash, anchors });
    const first = this.waiting.findIndex(({ sequence }) => sequence === linked.reports[0]?.sequence);
    if (linked.hash === hash && first >= 0) this.waiting.splice(first, linked.reports.length, ...linked.reports);
  }
}
