import { METERS, type Meter } from '@iotistic/contracts/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFates, type Decision, keyOf, type Submission } from './fates.ts';
import { METER_KINDS, meterValues } from './meters.ts';
import { HOUR_MS, hourOf, quantityOf, type Totals } from './quantities.ts';
import { COUNTS, type Report, toReport } from './report.ts';

const INSTANCES = new Map([
  ['inst_a', { no: 1, boundaries: [], invoiced: null }],
  ['inst_b', { no: 2, boundaries: [], invoiced: null }],
  ['inst_c', { no: 3, boundaries: [], invoiced: null }],
]);

/** Few ids, hours and numbers, so that duplicates, conflicts and shared hours are frequent. */
const report: fc.Arbitrary<Report> = fc
  .record({ id: fc.integer({ min: 0, max: 12 }), endMs: fc.integer({ min: 1, max: 6 * HOUR_MS }), onTheHour: fc.boolean(), counts: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: COUNTS.length, maxLength: COUNTS.length }) })
  .map(({ id, endMs, onTheHour, counts }) => {
    const end = onTheHour ? Math.ceil(endMs / HOUR_MS) * HOUR_MS : endMs;
    return toReport({ reportId: `r${id}`, intervalStart: new Date(0), intervalEnd: new Date(end), ...Object.fromEntries(COUNTS.map((name, index) => [name, counts[index]])) });
  });
const submission: fc.Arbitrary<Submission> = fc
  .record({ instanceId: fc.constantFrom(...INSTANCES.keys()), reports: fc.array(report, { maxLength: 6 }), refused: fc.integer({ min: 0, max: 2 }) })
  .map(({ instanceId, reports, refused }) => ({ customerId: 'cust_1', instanceId, instanceName: instanceId, requestId: null, traceparent: null, reports, rejected: Array.from({ length: refused }, () => ({ reportId: 'bad', reason: 'NEGATIVE' as const, message: '' })), arrived: [] }));

/** What the database does with decisions: hours of all instances, put together. */
class Rollups {
  readonly #rows = new Map<string, { instanceNo: number; hourMs: number; reports: number; values: number[] }>();

  add({ rollups }: Decision): void {
    for (const { instanceNo, hourMs, reports, values } of rollups) {
      const row = this.#rows.get(`${instanceNo}/${hourMs}`) ?? { instanceNo, hourMs, reports: 0, values: METERS.map(() => 0) };
      row.reports += reports;
      row.values = row.values.map((value, index) => (METER_KINDS[METERS[index] as (typeof METERS)[number]] === 'gauge' ? Math.max(value, values[index] ?? 0) : value + (values[index] ?? 0)));
      this.#rows.set(`${instanceNo}/${hourMs}`, row);
    }
  }

  /** Each hour of that range, apart. */
  hours(meter: Meter, fromMs: number, toMs: number): Totals[] {
    const rows = [...this.#rows.values()].filter(({ hourMs }) => hourMs >= fromMs && hourMs < toMs);
    return [...new Set(rows.map((row) => row.hourMs))].map((hourMs) => {
      const ofHour = rows.filter((row) => row.hourMs === hourMs);
      const value = ofHour.reduce((sum, row) => sum + (row.values[METERS.indexOf(meter)] ?? 0), 0);
      return { sum: value, peak: value, reports: ofHour.reduce((sum, row) => sum + row.reports, 0) };
    });
  }
}

/** A quantity as SPEC 7 words it, straight from the reports. */
function bruteForce(meter: Meter, reports: readonly { instanceNo: number; report: Report }[]): { quantity: number; peak: number; reports: number } {
  const valueOf = ({ report: { counts } }: { report: Report }): number => meterValues(counts)[METERS.indexOf(meter)] ?? 0;
  const perHour = [...new Set(reports.map(({ report: { endMs } }) => hourOf(endMs)))].map((hour) => {
    const ofHour = reports.filter(({ report: { endMs } }) => hourOf(endMs) === hour);
    if (METER_KINDS[meter] === 'counter') return ofHour.reduce((sum, entry) => sum + valueOf(entry), 0);
    return [...INSTANCES.values()].reduce((sum, { no }) => sum + Math.max(0, ...ofHour.filter(({ instanceNo }) => instanceNo === no).map(valueOf)), 0);
  });
  const peak = Math.max(0, ...perHour);
  const total = reports.reduce((sum, entry) => sum + valueOf(entry), 0);
  return { quantity: METER_KINDS[meter] === 'gauge' ? peak : total, peak, reports: reports.length };
}

describe('the fates of reports', () => {
  it('add up: each report of each call has exactly one, however the calls are grouped', () => {
    fc.assert(
      fc.property(fc.array(fc.array(submission, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (groups) => {
        const digests = new Map<string, number>();
        for (const group of groups) {
          const decision = decideFates(group, INSTANCES, digests);
          decision.outcomes.forEach((outcome, index) => {
            const call = group[index] as Submission;
            expect(outcome.accepted + outcome.duplicates + outcome.rejected.length).toBe(call.reports.length + call.rejected.length);
          });
          const sum = (name: 'accepted' | 'duplicates' | 'rejected'): number => decision.instances.reduce((total, row) => total + row[name], 0);
          expect(sum('accepted')).toBe(decision.reports.length);
          expect(sum('accepted') + sum('duplicates') + sum('rejected')).toBe(group.reduce((total, call) => total + call.reports.length + call.rejected.length, 0));
          expect(decision.rollups.reduce((total, row) => total + row.reports, 0)).toBe(decision.reports.length);
        }
      }),
    );
  });

  it('store each key once, and depend on nothing but the order of the reports', () => {
    fc.assert(
      fc.property(fc.array(submission, { maxLength: 10 }), (calls) => {
        const together = decideFates(calls, INSTANCES, new Map());
        const digests = new Map<string, number>();
        const oneByOne = calls.map((call) => decideFates([call], INSTANCES, digests));
        expect(oneByOne.flatMap((decision) => decision.reports)).toEqual(together.reports);
        expect(oneByOne.flatMap((decision) => decision.outcomes.map(({ latest: _latest, ...fates }) => fates))).toEqual(together.outcomes.map(({ latest: _latest, ...fates }) => fates));
        expect(new Set(together.reports.map((row) => keyOf(row.instanceNo, row.report.uuid))).size).toBe(together.reports.length);
      }),
    );
  });

  it('answer with the last report of the call by time, not by place', () => {
    const at = (id: string, endMs: number): Report => toReport({ reportId: id, intervalStart: new Date(0), intervalEnd: new Date(endMs) });
    const call: Submission = { customerId: 'cust_1', instanceId: 'inst_a', instanceName: 'a', requestId: null, traceparent: null, reports: [at('x', 5), at('y', 9), at('z', 7)], rejected: [], arrived: [] };
    expect(decideFates([call], INSTANCES, new Map()).outcomes[0]?.latest).toMatchObject({ isNew: true, report: { reportId: 'y' } });
  });
});

describe('quantities', () => {
  it('from rollups are those of a reading of all reports, in whatever order and grouping they came', () => {
    fc.assert(
      fc.property(fc.array(fc.array(submission, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (groups) => {
        const digests = new Map<string, number>();
        const rollups = new Rollups();
        const stored = groups.flatMap((group) => {
          const decision = decideFates(group, INSTANCES, digests);
          rollups.add(decision);
          return decision.reports;
        });
        for (const meter of METERS) {
          const whole = quantityOf(meter, rollups.hours(meter, 0, 6 * HOUR_MS));
          expect(whole).toEqual(bruteForce(meter, stored));
          const buckets = [0, 2, 4].map((hour) => ({ fromMs: hour * HOUR_MS, toMs: (hour + 2) * HOUR_MS }));
          const parts = buckets.map(({ fromMs, toMs }): Totals => {
            const hours = rollups.hours(meter, fromMs, toMs);
            const part = quantityOf(meter, hours);
            expect(part).toEqual(bruteForce(meter, stored.filter(({ report: { endMs } }) => endMs > fromMs && endMs <= toMs)));
            return { sum: hours.reduce((sum, hour) => sum + hour.sum, 0), peak: part.peak, reports: part.reports };
          });
          expect(quantityOf(meter, parts)).toEqual(whole);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('count a report that ends on the hour into the hour before it', () => {
    expect([hourOf(HOUR_MS), hourOf(HOUR_MS + 1), hourOf(1)]).toEqual([0, HOUR_MS, 0]);
  });
});
