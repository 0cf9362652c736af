import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeOldest } from './spool-merge.ts';
import { COUNTERS, GAUGES, type UsageReport } from './usage.ts';

const DAY = 86_400_000;
const zero = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, 0])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;

/** Reports that follow one another, each as long as said. */
function reportsOf(start: string, minutes: readonly number[], quantities: (index: number) => Partial<UsageReport> = () => ({ mqttMessagesPublished: 1 })): UsageReport[] {
  let at = Date.parse(start);
  return minutes.map((length, index) => {
    const intervalStart = new Date(at).toISOString();
    at += length * 60_000;
    return { ...zero, reportId: `r${index}`, sequence: index + 1, intervalStart, intervalEnd: new Date(at).toISOString(), ...quantities(index) };
  });
}

const repeat = (minutes: number, times: number): number[] => Array.from({ length: times }, () => minutes);
const intervals = (reports: readonly UsageReport[]): string[] => reports.map(({ intervalStart, intervalEnd }) => `${intervalStart.slice(5, 16)}/${intervalEnd.slice(5, 16)}`);
const merge = (reports: readonly UsageReport[], toReports: number, after = 0) => mergeOldest(reports, { after, maxBytes: toReports * 100, sizeOf: () => 100 });

describe('merging reports', () => {
  it('takes the oldest of an hour first, and no more than are needed', () => {
    const { reports, mergedReports } = merge(reportsOf('2026-10-20T10:00:00Z', repeat(20, 6)), 4);
    expect(intervals(reports)).toEqual(['10-20T10:00/10-20T11:00', '10-20T11:00/10-20T11:20', '10-20T11:20/10-20T11:40', '10-20T11:40/10-20T12:00']);
    expect(mergedReports).toBe(2);
    expect(reports[0]).toMatchObject({ sequence: 1, mqttMessagesPublished: 3 });
  });

  it('goes on to days when hours do not suffice, and to months when days do not', () => {
    const days = reportsOf('2026-10-30T00:00:00Z', repeat(60, 96));
    expect(intervals(merge(days, 4).reports)).toEqual(['10-30T00:00/10-31T00:00', '10-31T00:00/11-01T00:00', '11-01T00:00/11-02T00:00', '11-02T00:00/11-03T00:00']);
    expect(intervals(merge(days, 1).reports)).toEqual(['10-30T00:00/11-01T00:00', '11-01T00:00/11-03T00:00']);
  });

  it('never makes an interval that the control plane refuses for its length', () => {
    const october = merge(reportsOf('2026-10-01T00:00:00Z', repeat(60, 24 * 31)), 1).reports;
    expect(intervals(october)).toEqual(['10-01T00:00/10-31T00:00', '10-31T00:00/11-01T00:00']);
  });

  it('never makes a number that the control plane refuses for its size', () => {
    const { reports } = merge(reportsOf('2026-10-20T10:00:00Z', repeat(10, 3), () => ({ httpBytesSent: 4e14 })), 1);
    expect(reports.map(({ httpBytesSent }) => httpBytesSent)).toEqual([8e14, 4e14]);
  });

  it('leaves reports that may have been sent as they are, and numbers on behind them', () => {
    const before = reportsOf('2026-10-20T10:00:00Z', repeat(10, 6));
    const { reports } = merge(before, 1, 2);
    expect(reports.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(reports.slice(2)).toMatchObject([{ sequence: 3, mqttMessagesPublished: 4, intervalStart: '2026-10-20T10:20:00.000Z' }]);
  });

  it('gives a merged report an id of its own, and an unmerged one keeps its own', () => {
    const before = reportsOf('2026-10-20T10:30:00Z', [10, 20, 10]);
    const { reports } = merge(before, 1);
    const ids = before.map(({ reportId }) => reportId);
    expect(reports[0]?.reportId).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids).not.toContain(reports[0]?.reportId);
    expect(merge(before, 3).reports).toEqual(before);
  });

  it('keeps the highest of each gauge, the sum of each counter, the whole time, and the order', () => {
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.nat(1e6), fc.nat(1e6)), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.nat(60), fc.nat(10), (shape, toReports, after) => {
        const before = reportsOf('2026-10-20T10:07:00Z', shape.map(([minutes]) => minutes), (index) => ({ httpRequests: shape[index]?.[1] ?? 0, storageBytes: shape[index]?.[2] ?? 0 }));
        const { reports, mergedReports } = merge(before, toReports, after);
        const sum = (all: readonly UsageReport[]): number => all.reduce((total, { httpRequests }) => total + httpRequests, 0);
        expect(sum(reports)).toBe(sum(before));
        expect(Math.max(...reports.map(({ storageBytes }) => storageBytes))).toBe(Math.max(...before.map(({ storageBytes }) => storageBytes)));
        expect(reports.length + mergedReports).toBe(before.length);
        expect(reports.map(({ sequence }) => sequence)).toEqual(reports.map((_, index) => index + 1));
        expect(reports[0]?.intervalStart).toBe(before[0]?.intervalStart);
        expect(reports.at(-1)?.intervalEnd).toBe(before.at(-1)?.intervalEnd);
        reports.slice(1).forEach((report, index) => expect(report.intervalStart).toBe(reports[index]?.intervalEnd));
        const wasLong = before.some(({ intervalStart, intervalEnd }) => Date.parse(intervalEnd) - Date.parse(intervalStart) > 31 * DAY);
        expect(wasLong || reports.every(({ intervalStart, intervalEnd }) => Date.parse(intervalEnd) - Date.parse(intervalStart) <= 31 * DAY)).toBe(true);
      }),
    );
  });
});
