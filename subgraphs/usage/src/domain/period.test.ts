import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsOf } from './buckets.ts';
import { currentPeriod, type NamedPeriod, touchedPeriods } from './period.ts';
import { bucketOf, HOUR_MS, type Totals } from './quantities.ts';
import { summarizeUsage } from './summary.ts';

const at = (text: string): Date => new Date(text);
const known = (start: string | null, end: string | null, first: string | null = start) => ({ periodStart: start === null ? null : at(start), periodEnd: end === null ? null : at(end), firstPeriodStart: first === null ? null : at(first) });
const show = ({ startMs, endMs, countsFromMs }: ReturnType<typeof currentPeriod>): string[] => [startMs, endMs, countsFromMs].map((ms) => new Date(ms).toISOString().slice(0, 16));

describe('the current period', () => {
  it.each([
    ['the calendar month for a customer that billing has not named any for', null, '2026-11-20T12:00Z', ['2026-11-01T00:00', '2026-12-01T00:00', '2026-11-01T00:00']],
    ['the calendar month while billing names none', known(null, null), '2026-12-31T23:59Z', ['2026-12-01T00:00', '2027-01-01T00:00', '2026-12-01T00:00']],
    ['the calendar month where billing’s ends before it starts', known('2026-11-10T00:00Z', '2026-11-10T00:00Z'), '2026-11-20T12:00Z', ['2026-11-01T00:00', '2026-12-01T00:00', '2026-11-01T00:00']],
    ['the calendar month from the start of one without an end, which is where the one before ended', known('2026-11-10T08:30Z', null, '2026-11-03T08:30Z'), '2026-11-20T12:00Z', ['2026-11-10T08:30', '2026-12-01T00:00', '2026-11-10T08:30']],
    ['the calendar month in which one without an end began, with what lies before it, when it is the first', known('2026-11-10T08:30Z', null), '2026-11-20T12:00Z', ['2026-11-10T08:30', '2026-12-01T00:00', '2026-11-01T00:00']],
    ['the whole calendar month of one without an end that began earlier', known('2026-11-10T08:30Z', null), '2026-12-20T12:00Z', ['2026-12-01T00:00', '2027-01-01T00:00', '2026-12-01T00:00']],
    ['billing’s, and all before it, when it is the first', known('2026-11-10T08:30Z', '2026-11-24T08:30Z'), '2026-11-20T12:00Z', ['2026-11-10T08:30', '2026-11-24T08:30', '1970-01-01T00:00']],
    ['billing’s alone when there was one before', known('2026-11-10T00:00Z', '2026-12-10T00:00Z', '2026-10-10T00:00Z'), '2026-11-20T12:00Z', ['2026-11-10T00:00', '2026-12-10T00:00', '2026-11-10T00:00']],
    ['the month after billing’s from its very end', known('2026-10-10T06:00Z', '2026-11-10T06:00Z'), '2026-11-10T06:00Z', ['2026-11-10T06:00', '2026-12-10T06:00', '2026-11-10T06:00']],
    ['the next but one, to the minute', known('2026-09-10T06:00Z', '2026-10-10T06:00Z'), '2026-12-10T05:59Z', ['2026-11-10T06:00', '2026-12-10T06:00', '2026-11-10T06:00']],
    ['one that ends on a month’s last day where there is no 31st', known('2026-07-31T00:00Z', '2026-08-31T00:00Z'), '2026-10-05T00:00Z', ['2026-09-30T00:00', '2026-10-31T00:00', '2026-09-30T00:00']],
  ] as const)('is %s', (_name, period, now, expected) => {
    expect(show(currentPeriod(period, at(now)))).toEqual(expected);
  });
});

describe('the periods that what changed counts in', () => {
  const period = (start: string, end: string): NamedPeriod => ({ customerId: 'cust_1', startMs: at(start).getTime(), endMs: at(end).getTime(), invoicedAt: null });
  const named = [period('2026-09-10T08:30Z', '2026-10-10T08:30Z'), period('2026-10-10T08:30Z', '2026-11-10T08:30Z'), period('2026-11-10T08:30Z', '2026-12-10T08:30Z')];
  const current = { startMs: at('2026-11-10T08:30Z').getTime(), endMs: at('2026-12-10T08:30Z').getTime(), countsFromMs: at('2026-11-10T08:30Z').getTime() };
  const starts = (since: string | null): string[] => touchedPeriods(named, current, since === null ? Infinity : at(since).getTime()).map(({ startMs, countsFromMs }) => `${new Date(startMs).toISOString().slice(5, 10)}${countsFromMs === 0 ? ' and before' : ''}`);

  it('are the present one, and all that end after it, however long they are over', () => {
    expect(starts(null)).toEqual(['11-10']);
    expect(starts('2026-11-10T08:30Z')).toEqual(['11-10']);
    expect(starts('2026-11-10T08:00Z')).toEqual(['10-10', '11-10']);
    expect(starts('2026-10-09T00:00Z')).toEqual(['09-10 and before', '10-10', '11-10']);
    expect(starts('2025-01-01T00:00Z')).toEqual(['09-10 and before', '10-10', '11-10']);
  });

  it('end with the month after the last one that billing named, where billing is slow to name the next', () => {
    const next = { startMs: at('2026-12-10T08:30Z').getTime(), endMs: at('2027-01-10T08:30Z').getTime(), countsFromMs: at('2026-12-10T08:30Z').getTime() };
    expect(touchedPeriods(named, next, at('2026-12-10T08:00Z').getTime()).map(({ startMs }) => startMs)).toEqual([current.startMs, next.startMs]);
  });
});

describe('the bucket of a report', () => {
  const hour = Date.parse('2026-11-10T08:00Z');
  const boundary = Date.parse('2026-11-10T08:37Z');

  it('is its hour, cut where a period began within it', () => {
    expect(bucketOf(hour + HOUR_MS, [])).toBe(hour);
    expect(bucketOf(boundary, [boundary])).toBe(hour);
    expect(bucketOf(boundary + 1, [boundary])).toBe(boundary);
    expect(bucketOf(hour + HOUR_MS, [0, boundary, hour + 2 * HOUR_MS])).toBe(boundary);
    expect(bucketOf(hour + HOUR_MS + 1, [boundary])).toBe(hour + HOUR_MS);
  });

  it('lies in the period that the report ends in, whatever the periods: none counts twice and none is lost', () => {
    const instants = fc.integer({ min: hour - 50 * HOUR_MS, max: hour + 50 * HOUR_MS });
    fc.assert(
      fc.property(fc.array(instants, { maxLength: 2 }), instants, (starts, end) => {
        const bucket = bucketOf(end, starts);
        const periodOf = (ms: number, isEnd: boolean): number => Math.max(Number.NEGATIVE_INFINITY, ...starts.filter((start) => (isEnd ? start < ms : start <= ms)));
        expect(periodOf(bucket, false)).toBe(periodOf(end, true));
      }),
    );
  });
});

describe('the buckets of a range', () => {
  const starts = (from: string, to: string, granularity: 'HOUR' | 'DAY' | 'MONTH'): string[] => bucketsOf(at(from), at(to), granularity).map(({ startMs }) => new Date(startMs).toISOString().slice(0, 13));

  it('are whole, without a hole, and all that it touches', () => {
    expect(starts('2026-11-19T10:30Z', '2026-11-19T12:00Z', 'HOUR')).toEqual(['2026-11-19T10', '2026-11-19T11']);
    expect(starts('2024-02-28T23:59Z', '2024-03-01T00:00:00.001Z', 'DAY')).toEqual(['2024-02-28T00', '2024-02-29T00', '2024-03-01T00']);
    expect(starts('2026-11-30T00:00Z', '2027-02-01T00:00Z', 'MONTH')).toEqual(['2026-11-01T00', '2026-12-01T00', '2027-01-01T00']);
    const months = bucketsOf(at('2024-01-15T00:00Z'), at('2026-01-15T00:00Z'), 'MONTH');
    expect(months.slice(1).every((bucket, index) => bucket.startMs === months[index]?.endMs)).toBe(true);
  });

  it.each([
    ['2026-11-19T10:00Z', '2026-11-19T10:00Z', 'HOUR'],
    ['2026-11-19T10:00Z', '2026-11-19T09:00Z', 'HOUR'],
    ['1969-12-31T23:00Z', '2026-11-19T09:00Z', 'MONTH'],
    ['1970-01-01T00:00Z', '9999-12-31T00:00Z', 'HOUR'],
    ['1970-01-01T00:00Z', '9999-12-31T00:00Z', 'MONTH'],
  ] as const)('are refused from %s to %s by %s', (from, to, granularity) => {
    expect(() => bucketsOf(at(from), at(to), granularity)).toThrow(expect.objectContaining({ reason: 'INVALID_RANGE' }) as Error);
  });

  it('may be ten thousand, and not one more', () => {
    const to = new Date(Date.UTC(2026, 0) + 10_000 * HOUR_MS);
    expect(bucketsOf(at('2026-01-01T00:00Z'), to, 'HOUR')).toHaveLength(10_000);
    expect(() => bucketsOf(at('2026-01-01T00:00Z'), new Date(to.getTime() + 1), 'HOUR')).toThrow('10000 points');
  });
});

describe('the summary of a meter', () => {
  const period = { startMs: 0, endMs: 100 * HOUR_MS, countsFromMs: 0 };
  const totals = (sum: number, peak = sum): Totals => ({ sum, peak, reports: 1 });
  const of = (included: object, value: Totals, nowHours: number, before = totals(0)) => {
    const meters = summarizeUsage(period, included, { before: { DEVICES: before, MQTT_MESSAGES: before }, inside: { DEVICES: value, MQTT_MESSAGES: value } }, new Date(nowHours * HOUR_MS));
    return (name: string) => meters.find(({ meter }) => meter === name);
  };

  it('projects counters at the pace so far, and gauges not at all', () => {
    const meter = of({ MQTT_MESSAGES: 30, DEVICES: 5 }, totals(30, 20), 10);
    expect(meter('MQTT_MESSAGES')).toEqual({ meter: 'MQTT_MESSAGES', used: 30, adjusted: 0, included: 30, overage: 0, utilization: 1, projected: 300 });
    expect(meter('DEVICES')).toEqual({ meter: 'DEVICES', used: 20, adjusted: 0, included: 5, overage: 15, utilization: 4, projected: 20 });
  });

  it('counts what lies before the period and counts into it, without taking it for the pace', () => {
    const meter = of({}, totals(30, 20), 10, totals(1_000, 25));
    expect(meter('MQTT_MESSAGES')).toMatchObject({ used: 1_030, projected: 1_300 });
    expect(meter('DEVICES')).toMatchObject({ used: 25, projected: 25 });
    expect(meter('API_CALLS')).toMatchObject({ used: 0, projected: 0 });
  });

  it('does not blow up minutes after the period began, nor after its end', () => {
    expect(of({}, totals(10), 0.001)('MQTT_MESSAGES')?.projected).toBe(1_010);
    expect(of({}, totals(10), 200)('MQTT_MESSAGES')?.projected).toBe(10);
  });

  it('with nothing included bills from the first one on; unlimited and unbilled have no ratio', () => {
    expect(of({ MQTT_MESSAGES: 0 }, totals(3), 10)('MQTT_MESSAGES')).toMatchObject({ included: 0, overage: 3, utilization: 3 });
    expect(of({ MQTT_MESSAGES: null }, totals(3), 10)('MQTT_MESSAGES')).toMatchObject({ included: null, overage: 0, utilization: null });
    expect(of({}, totals(3), 10)('MQTT_MESSAGES')).toMatchObject({ included: null, overage: 0, utilization: null });
  });
});
