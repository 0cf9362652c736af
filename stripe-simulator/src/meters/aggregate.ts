import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { bucketsOf, METER_EVENTS, METERS, type MeterEventRecord, type MeterRecord } from './meter-records.ts';

export interface MeterRange {
  /** Its id. */
  meter: string;
  customer: string;
  /** From here on, and up to but without `end`. */
  start: Seconds;
  end: Seconds;
}

const WINDOW_SECONDS = { hour: 3_600, day: 86_400 } as const;
const SCALE = 12;

/** What a customer used in [start, end), exactly, as a decimal text: by the meter's formula over the times of its events. */
export function meterQuantity(simulation: Simulation, range: MeterRange): string {
  return meterReading(simulation, range) ?? '0';
}

/** As `meterQuantity`; null where there is no event at all. */
export function meterReading(simulation: Simulation, { meter: id, customer, start, end }: MeterRange): string | null {
  const meter = getObject<MeterRecord>(simulation, METERS, id);
  const received = bucketsOf(id, customer, start, end).flatMap((bucket) => simulation.store.by<MeterEventRecord>(METER_EVENTS, 'internal.bucket', bucket));
  const within = received.filter(({ timestamp }) => timestamp >= start && timestamp < end);
  const counted = meter.event_time_window === null ? within : lastOfWindows(within, WINDOW_SECONDS[meter.event_time_window]);
  if (counted.length === 0) return null;
  const { formula } = meter.default_aggregation;
  if (formula === 'count') return String(counted.length);
  if (formula === 'sum') return sumOf(counted.map(({ internal }) => internal.value));
  return counted.reduce((last, event) => (event.timestamp >= last.timestamp ? event : last)).internal.value;
}

/** Events that were added up beforehand: the one received last stands for its whole hour or day. */
function lastOfWindows(events: readonly MeterEventRecord[], windowSeconds: number): MeterEventRecord[] {
  return [...new Map(events.map((event) => [Math.floor(event.timestamp / windowSeconds), event])).values()];
}

/** Exact: no amount of usage goes through a floating number. */
export function sumOf(decimals: readonly string[]): string {
  return textOf(decimals.reduce((sum, decimal) => sum + scaled(decimal), 0n));
}

function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole + fraction.slice(0, SCALE).padEnd(SCALE, '0'));
  return decimal.startsWith('-') ? -value : value;
}

function textOf(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
}
