import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReportCursor, encodeReportCursor } from './cursor.ts';
import { endMsOfReportId, reportIdOf, type ReportInput, reportUuid, toReport } from './report.ts';

const time = fc.integer({ min: 0, max: Date.UTC(3000, 0) });

describe('a report’s id', () => {
  it('sorts by the end of its interval, tells it, and is the same whoever works it out', () => {
    fc.assert(
      fc.property(time, time, fc.uuid(), fc.uuid(), (one, other, a, b) => {
        const [first, second] = [reportIdOf('inst_1', { uuid: a, endMs: one }), reportIdOf('inst_2', { uuid: b, endMs: other })];
        expect(first).toMatch(/^rept_[0-9a-v]{24}$/);
        expect(endMsOfReportId(first)).toBe(one);
        expect(reportIdOf('inst_1', { uuid: a, endMs: one })).toBe(first);
        expect(one === other || first < second === one < other).toBe(true);
        expect(decodeReportCursor(encodeReportCursor(first))).toEqual({ id: first, endMs: one });
      }),
    );
  });

  it('is another for another instance', () => {
    const report = { uuid: reportUuid('x'), endMs: 1 };
    expect(reportIdOf('inst_1', report)).not.toBe(reportIdOf('inst_2', report));
  });

  it.each(['', 'rept_', 'cust_000000000000000000000000', 'rept_00000000000000000000000z', 'rept_0000000000000000000000000'])('is not %j', (text) => {
    expect(endMsOfReportId(text)).toBeNull();
  });
});

describe('a report’s key', () => {
  it('is its id where that is a UUID, in any spelling, and else a UUID made of it', () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => reportUuid(uuid.toUpperCase()) === uuid));
    expect(reportUuid('report-1')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(reportUuid('report-1')).not.toBe(reportUuid('report-2'));
  });
});

describe('a report’s digest', () => {
  const input: ReportInput = { reportId: 'r', intervalStart: new Date(0), intervalEnd: new Date(1), activeDevices: 1, totalDevices: 2 };

  it('is the same for the same measurement, whether zeros are written or left out', () => {
    expect(toReport({ ...input, storageRows: 0, sequence: null, httpRequests: null }).digest).toBe(toReport(input).digest);
  });

  it('changes with any number, time or sequence', () => {
    const changes: Partial<ReportInput>[] = [{ activeDevices: 2 }, { totalDevices: 1 }, { storageRows: 1 }, { sequence: 0 }, { sequence: 1 }, { intervalEnd: new Date(2) }, { intervalStart: new Date(-1) }, { activeDevices: 12, totalDevices: 0 }];
    const digests = [input, ...changes.map((change) => ({ ...input, ...change }))].map((changed) => toReport(changed).digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests.every((digest) => Number.isSafeInteger(digest) && digest >= 0)).toBe(true);
  });
});
