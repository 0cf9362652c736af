import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METERS } from './events.ts';
import { CHAIN_COUNTS, CHAIN_START, chainHash } from './report-chain.ts';
import { checkUsageEvidence, EVIDENCE_FORMAT, type EvidenceReport, meterValueOf, readUsageEvidence, type UsageEvidence, writeUsageEvidence } from './usage-evidence.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-10-01T00:20:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

interface Shape {
  meter: UsageEvidence['header']['meter'];
  /** Of each report: how long after the one before it ends (minutes), what the others have in its hour, its counts. */
  reports: { minutes: number; others: number; counts: number[] }[];
  adjustments: number[];
}

/** Evidence that is as it should be, worked out without the code under test but for the hash. */
function evidenceOf({ meter, reports: shapes, adjustments: quantities }: Shape): UsageEvidence {
  const isGauge = meter === 'DEVICES' || meter === 'STORAGE_BYTES';
  let [at, previousHash] = [START, CHAIN_START];
  const reports = shapes.map(({ minutes, counts }, index): EvidenceReport => {
    const startMs = at;
    at += minutes * 60_000;
    const report = { sequence: index + 1, intervalStart: iso(startMs), intervalEnd: iso(at), counts, previousHash, late: false };
    previousHash = chainHash({ sequence: index + 1, startMs, endMs: at, counts, previousHash });
    return report;
  });
  const names = { DEVICES: [0], MQTT_MESSAGES: [2, 3], MQTT_BYTES: [4, 5], HTTP_BYTES: [7, 8], API_CALLS: [6], STORAGE_BYTES: [9] }[meter];
  const hours = new Map<string, { hour: string; total: number; own: number; reports: number }>();
  for (const [index, { intervalEnd, counts }] of reports.entries()) {
    const hour = iso(Math.max(START, Math.floor((Date.parse(intervalEnd) - 1) / HOUR) * HOUR));
    const value = names.reduce((sum, position) => sum + (counts[position] ?? 0), 0);
    const so = hours.get(hour) ?? { hour, total: 0, own: 0, reports: 0 };
    const own = isGauge ? Math.max(so.own, value) : so.own + value;
    hours.set(hour, { hour, total: so.total - so.own + own + (shapes[index]?.others ?? 0), own, reports: so.reports + 1 });
  }
  const totals = [...hours.values()].map(({ total }) => total);
  const measured = isGauge ? Math.max(0, ...totals) : totals.reduce((sum, total) => sum + total, 0);
  const adjusted = quantities.reduce((sum, quantity) => sum + quantity, 0);
  return {
    header: { format: EVIDENCE_FORMAT, customerId: 'cust_a', instance: 'site-1', meter, kind: isGauge ? 'gauge' : 'counter', periodStart: iso(START), periodEnd: iso(START + 31 * 24 * HOUR), countsFrom: iso(START), quantity: Math.max(0, measured + adjusted), measured, adjusted, exportedAt: iso(START + 32 * 24 * HOUR) },
    adjustments: quantities.map((quantity, index) => ({ id: `adj_${index}`, quantity, reason: 'A double count\nof "ours"', signedOffBy: 'ops@example.com', signedOffAt: iso(START) })),
    hours: [...hours.values()],
    reports,
  };
}

const number = fc.nat(1_000_000);
const shapes: fc.Arbitrary<Shape> = fc.record({
  meter: fc.constantFrom(...METERS),
  reports: fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 200 }), others: number, counts: fc.array(number, { minLength: 11, maxLength: 11 }) }), { minLength: 1, maxLength: 40 }),
  adjustments: fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 3 }),
});

const codes = (evidence: UsageEvidence): string[] => [...new Set(checkUsageEvidence(evidence).map(({ code }) => code))];
const sample = (): UsageEvidence => evidenceOf({ meter: 'API_CALLS', adjustments: [-5], reports: [30, 40, 60, 10].map((minutes, index) => ({ minutes, others: index, counts: CHAIN_COUNTS.map((_, position) => position * 10 + index) })) });
const withReport = (index: number, change: Partial<EvidenceReport>): UsageEvidence => {
  const evidence = sample();
  return { ...evidence, reports: evidence.reports.map((report, place) => (place === index ? { ...report, ...change } : report)) };
};

describe('evidence', () => {
  it('comes back as it was written, and finds nothing against itself', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const evidence = evidenceOf(shape);
        expect(readUsageEvidence(writeUsageEvidence(evidence))).toEqual({ state: 'GOOD', evidence });
        expect(checkUsageEvidence(evidence)).toEqual([]);
      }),
    );
  });

  it('is the text that is documented', () => {
    const { header } = sample();
    const hour = { hour: iso(START), total: 61, own: 60, reports: 1 };
    const report: EvidenceReport = { sequence: null, intervalStart: iso(START), intervalEnd: iso(START + 1), counts: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], previousHash: null, late: true };
    const adjustment = { id: 'adj_1', quantity: -5, reason: 'r', signedOffBy: 'ops', signedOffAt: iso(START) };
    expect(writeUsageEvidence({ header, adjustments: [adjustment], hours: [hour], reports: [report] }).split('\n')).toEqual([
      JSON.stringify(header),
      '{"adjustment":{"id":"adj_1","quantity":-5,"reason":"r","signedOffBy":"ops","signedOffAt":"2026-10-01T00:20:00.000Z"}}',
      '{"hour":"2026-10-01T00:20:00.000Z","total":61,"own":60,"reports":1}',
      '{"report":{"sequence":null,"intervalStart":"2026-10-01T00:20:00.000Z","intervalEnd":"2026-10-01T00:20:00.001Z","counts":[1,2,3,4,5,6,7,8,9,10,11],"previousHash":null,"late":true}}',
      '{"end":true,"hours":1,"reports":1}',
      '',
    ]);
  });

  it('cut off anywhere is no evidence, and without any of its characters it is none or says something else', () => {
    const text = writeUsageEvidence(sample());
    const whole = readUsageEvidence(text);
    for (let at = 0; at < text.length - 1; at += 1) {
      expect(readUsageEvidence(text.slice(0, at)).state, `cut at ${at}`).toBe('MALFORMED');
      expect(readUsageEvidence(text.slice(0, at) + text.slice(at + 1)), `without the one at ${at}`).not.toEqual(whole);
    }
  });

  it.each([
    ['nothing', () => '', 1, /the line/],
    ['another format', (text: string) => text.replace('evidence/1', 'evidence/2'), 1, /format/],
    ['a field that nobody knows', (text: string) => text.replace('"late":false', '"late":false,"x":1'), 6, /x/],
    ['a fraction', (text: string) => text.replace('"total":', '"total":0.5,"total_":'), 3, /total/],
    ['a hash that is none', (text: string) => text.replace(CHAIN_START, 'x'), 6, /previousHash: is no hash/],
    ['a line that is no JSON', (text: string) => text.replace('{"hour"', '{hour'), 3, /JSON/],
    ['an empty line', (text: string) => text.replace('\n{"hour"', '\n\n{"hour"'), 3, /JSON/],
    ['a line of no kind', (text: string) => text.replace('{"hour"', '{"our"'), 3, /kind/],
    ['an hour behind the reports', (text: string) => text.replace('{"end"', `{"hour":"${iso(START)}","total":1,"own":1,"reports":1}\n{"end"`), 10, /behind the reports/],
    ['a last line that counts others', (text: string) => text.replace('"end":true,"hours":3', '"end":true,"hours":4'), 10, /counts 4 hours and 4 reports, the file has 3 and 4/],
    ['something behind its last line', (text: string) => `${text}{"end":true,"hours":3,"reports":4}\n`, 11, /behind the last line/],
  ])('%s is malformed, and the line is named', (_name, spoil, line, reason) => {
    const read = readUsageEvidence(spoil(writeUsageEvidence(sample())));
    expect(read).toMatchObject({ state: 'MALFORMED', line });
    expect(read.state === 'MALFORMED' ? read.reason : '').toMatch(reason);
  });
});

describe('what does not add up', () => {
  const changed = (change: (evidence: { -readonly [K in keyof UsageEvidence]: UsageEvidence[K] }) => void): UsageEvidence => {
    const evidence = structuredClone(sample());
    change(evidence);
    return evidence;
  };
  const hourOf = (evidence: UsageEvidence, index: number) => evidence.hours[index] as { hour: string; total: number; own: number; reports: number };

  it.each([
    ['a quantity', changed(({ header }) => (header.quantity += 1)), ['QUANTITY_DIFFERS']],
    ['what was measured', changed(({ header }) => (header.measured += 1)), ['MEASURED_DIFFERS', 'QUANTITY_DIFFERS']],
    ['what was adjusted', changed(({ header }) => (header.adjusted += 1)), ['ADJUSTED_DIFFERS', 'QUANTITY_DIFFERS']],
    ['an adjustment', changed((evidence) => (evidence.adjustments = [])), ['ADJUSTED_DIFFERS']],
    ['the meter', changed(({ header }) => (header.meter = 'HTTP_BYTES')), ['OWN_DIFFERS']],
    ['the kind', changed(({ header }) => (header.kind = 'gauge')), ['KIND_WRONG']],
    ["an hour's total", changed((evidence) => (hourOf(evidence, 1).total += 1)), ['MEASURED_DIFFERS']],
    ["an hour's own value", changed((evidence) => (hourOf(evidence, 1).own -= 1)), ['OWN_DIFFERS']],
    ["an hour's total below its own", changed((evidence) => (hourOf(evidence, 0).total = 0)), ['OWN_ABOVE_TOTAL', 'MEASURED_DIFFERS']],
    ["an hour's reports", changed((evidence) => (hourOf(evidence, 1).reports += 1)), ['HOUR_REPORTS_DIFFER']],
    ['an hour', changed((evidence) => (evidence.hours = evidence.hours.slice(1))), ['REPORT_OUTSIDE_HOURS', 'MEASURED_DIFFERS']],
    ['the order of the hours', changed((evidence) => (evidence.hours = evidence.hours.toReversed())), ['HOUR_OUT_OF_ORDER', 'REPORT_OUTSIDE_HOURS', 'HOUR_REPORTS_DIFFER', 'OWN_DIFFERS']],
    ['an hour that is told twice', changed((evidence) => (evidence.hours = [hourOf(evidence, 0), ...evidence.hours])), ['HOUR_OUT_OF_ORDER', 'HOUR_REPORTS_DIFFER', 'OWN_DIFFERS', 'MEASURED_DIFFERS']],
    ['the period', changed(({ header }) => Object.assign(header, { countsFrom: iso(START + HOUR), periodStart: iso(START + HOUR) })), ['HOUR_OUTSIDE_PERIOD']],
    ["a report's number", withReport(1, { counts: CHAIN_COUNTS.map(() => 1) }), ['OWN_DIFFERS', 'CHAIN_BROKEN']],
    ["another meter's number in it", withReport(1, { counts: CHAIN_COUNTS.map((_, position) => (position === 0 ? 99 : position * 10 + 1)) }), ['CHAIN_BROKEN']],
    ["a report's beginning", withReport(1, { intervalStart: iso(START) }), ['CHAIN_BROKEN']],
    ["a report's hash", withReport(2, { previousHash: 'f'.repeat(32) }), ['CHAIN_BROKEN']],
    ["a report's missing hash", withReport(2, { previousHash: null }), ['CHAIN_BROKEN']],
    ['a chain that begins anew behind another', withReport(2, { previousHash: CHAIN_START }), ['CHAIN_BROKEN']],
    ["a report's sequence", withReport(2, { sequence: 2 }), ['SEQUENCE_TWICE', 'CHAIN_BROKEN']],
    ['a report that is gone', changed((evidence) => (evidence.reports = evidence.reports.slice(1))), ['HOUR_REPORTS_DIFFER', 'OWN_DIFFERS']],
  ])('%s is found', (_name, evidence, expected) => {
    expect(codes(evidence).toSorted()).toEqual(expected.toSorted());
  });

  it('a chain may begin behind reports of an older agent, and where the file does not show what came before', () => {
    const { reports } = sample();
    const older = reports.map((report, index) => (index < 2 ? { ...report, previousHash: null } : index === 2 ? { ...report, previousHash: CHAIN_START } : report));
    const third = older[2] as EvidenceReport;
    older[3] = { ...(reports[3] as EvidenceReport), previousHash: chainHash({ sequence: 3, startMs: Date.parse(third.intervalStart), endMs: Date.parse(third.intervalEnd), counts: third.counts, previousHash: CHAIN_START }) };
    expect(codes({ ...sample(), reports: older })).toEqual([]);
    expect(codes({ ...sample(), reports: reports.map((report) => ({ ...report, sequence: (report.sequence ?? 0) * 10, previousHash: 'f'.repeat(32) })) })).toEqual([]);
  });

  it('a number is not lost in the sums of large ones', () => {
    expect(meterValueOf('MQTT_BYTES', CHAIN_COUNTS.map(() => Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('an hour that a period ends in reaches no further than the period', () => {
    const evidence = sample();
    const periodEnd = iso(Date.parse(evidence.reports.at(-1)?.intervalEnd ?? '') - 1);
    expect(codes({ ...evidence, header: { ...evidence.header, periodEnd } })).toContain('REPORT_OUTSIDE_HOURS');
  });
});
