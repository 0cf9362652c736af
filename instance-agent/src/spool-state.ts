import type { BaselineChanges, Baselines, SpoolRecord, SpoolState } from './spool-record.ts';
import { addUsage, COUNTERS } from './usage.ts';

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
    default:
      return {
        ...state,
        settledThrough: Math.max(state.settledThrough, record.through),
        recorded: { gauges: state.recorded.gauges, counters: addUsage(COUNTERS, state.recorded.counters, record.returned) },
      };
  }
}

function applyChanges(baselines: Baselines, changes: BaselineChanges): Baselines {
  const next = { ...baselines };
  for (const [endpoint, change] of Object.entries(changes)) {
    next[endpoint] = change.replace ? { ...change.series } : { ...next[endpoint], ...change.series };
  }
  return next;
}
