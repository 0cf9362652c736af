import fc from 'fast-check';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { type EvidenceReport, readUsageEvidence, type UsageEvidence, writeUsageEvidence } from '@iotistic/contracts/usage-evidence';
import { describe, expect, it } from 'vitest';
import { toEntry } from './archive-record.ts';
import { type EvidenceShape, evidenceOf } from './evidence.testkit.ts';
import { START } from './licenses.testkit.ts';
import type { SentReports } from './sent-reports.ts';
import { linkReports } from './spool-chain.ts';
import { COUNTERS, GAUGES, type UsageReport } from './usage.ts';
import { verifyInvoice, type InvoiceVerification } from './verify-invoice.ts';

const HOUR = 3_600_000;
const zero = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, 0])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;
const at = (hours: number): Date => new Date(START.getTime() + hours * HOUR);
/** An hour each, and of the first one nothing. */
const PERIOD: EvidenceShape = { meter: 'API_CALLS', from: at(0), to: at(24 * 30), exportedAt: at(24 * 40) };

function sentReports(count: number, from = 0): UsageReport[] {
  const reports = Array.from({ length: count }, (_, index) => ({ ...zero, reportId: `r${from + index + 1}`, sequence: from + index + 1, intervalStart: at(from + index).toISOString(), intervalEnd: at(from + index + 1).toISOString(), activeDevices: 3 + (index % 4), httpRequests: 10 + index, mqttMessagesPublished: index }));
  return linkReports(reports, { after: 0, through: Infinity, hash: CHAIN_START }).reports;
}

function archiveOf(reports: readonly UsageReport[], more: Partial<SentReports> = {}): SentReports {
  const carriedHashes = new Map<number, Set<string>>();
  for (const { sequence, previousHash } of reports) if (previousHash !== undefined && previousHash !== CHAIN_START) carriedHashes.set(sequence, new Set([previousHash]));
  const archivedSinceMs = Math.min(...reports.map(({ intervalEnd }) => Date.parse(intervalEnd)));
  return { entries: reports.map((report) => toEntry(report, new Date(report.intervalEnd))), carriedHashes, archivedSinceMs, lastSequence: Math.max(0, ...reports.map(({ sequence }) => sequence)), refused: new Map(), waiting: new Set(), damaged: 0, ...more };
}

const NOTHING = { asSent: 0, provenByChain: 0, differ: 0, neverSent: 0, notArchived: 0, notBilled: 0, notShown: 0, refused: 0, sentAfterExport: 0, waiting: 0 };
const outcome = ({ verdict, counts, findings }: InvoiceVerification) => ({ verdict, counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)), codes: [...new Set(findings.map(({ code }) => code))].toSorted() });
const without = (reports: readonly UsageReport[], ...sequences: number[]): UsageReport[] => reports.filter(({ sequence }) => !sequences.includes(sequence));

describe('an invoice', () => {
  const sent = sentReports(40);

  it.each(['DEVICES', 'MQTT_MESSAGES', 'API_CALLS', 'STORAGE_BYTES'] as const)('agrees for %s when each report is there as it was sent', (meter) => {
    expect(verifyInvoice(evidenceOf(sent, { ...PERIOD, meter, adjustments: [-3] }), archiveOf(sent))).toEqual({ verdict: 'AGREES', reports: 40, counts: { ...NOTHING, asSent: 40 }, findings: [] });
  });

  it('names a report that was sent and is not in it: it is not billed', () => {
    const found = verifyInvoice(evidenceOf(without(sent, 7), PERIOD), archiveOf(sent));
    expect(outcome(found)).toEqual({ verdict: 'DISAGREES', counts: { asSent: 39, notBilled: 1 }, codes: ['NOT_BILLED'] });
    expect(found.findings[0]?.message).toBe('Report 7 (2026-11-20T18:00:00.000Z to 2026-11-20T19:00:00.000Z) was sent and is not in the file: it is not billed.');
  });

  it('says why a report is rightly missing: it was refused, it waits, it was sent after the export', () => {
    const archive = archiveOf(sent, { refused: new Map([['r7', 'TOO_OLD']]), waiting: new Set(['r8']) });
    expect(outcome(verifyInvoice(evidenceOf(without(sent, 7, 8, 40), { ...PERIOD, exportedAt: at(39.5) }), archive))).toEqual({ verdict: 'AGREES', counts: { asSent: 37, refused: 1, waiting: 1, sentAfterExport: 1 }, codes: [] });
  });

  it('does not ask for what was sent for another period', () => {
    const evidence = evidenceOf(sent, { ...PERIOD, from: at(10), to: at(20) });
    expect(outcome(verifyInvoice(evidence, archiveOf(sent)))).toEqual({ verdict: 'AGREES', counts: { asSent: 10 }, codes: [] });
  });

  it('names a report whose numbers are others, and which', () => {
    const billed = sent.map((report) => (report.sequence === 7 ? { ...report, httpRequests: 999 } : report));
    const found = verifyInvoice(evidenceOf(billed, PERIOD), archiveOf(sent));
    expect(outcome(found)).toEqual({ verdict: 'DISAGREES', counts: { asSent: 39, differ: 1 }, codes: ['CHAIN_BROKEN', 'NUMBERS_DIFFER'] });
    expect(found.findings.at(-1)?.message).toContain('httpRequests is 999 in the file and 16 in the archive');
  });

  it('names reports of a clone: second ones under numbers of ours, and such as we never gave', () => {
    const clone = sentReports(44).map((report) => ({ ...report, reportId: `c${report.sequence}`, httpRequests: report.httpRequests + 1 }));
    const found = verifyInvoice(evidenceOf([...sent, ...clone.slice(37)], PERIOD), archiveOf(sent));
    expect(outcome(found)).toEqual({ verdict: 'DISAGREES', counts: { asSent: 40, neverSent: 7 }, codes: ['CHAIN_BROKEN', 'NEVER_SENT', 'SEQUENCE_TWICE'] });
    const numberless = evidenceOf(sent, PERIOD);
    const report = { ...(numberless.reports[0] as EvidenceReport), sequence: null, previousHash: null };
    expect(outcome(verifyInvoice({ ...numberless, reports: [...numberless.reports, report] }, archiveOf(sent))).counts).toEqual({ asSent: 40, neverSent: 1 });
  });

  it('is proven by the chain where the archive has a gap, and where its oldest months are gone', () => {
    expect(outcome(verifyInvoice(evidenceOf(sent, PERIOD), archiveOf(without(sent, 7, 8, 20))))).toEqual({ verdict: 'AGREES', counts: { asSent: 37, provenByChain: 3 }, codes: [] });
    expect(outcome(verifyInvoice(evidenceOf(sent, PERIOD), archiveOf(sent.slice(30))))).toEqual({ verdict: 'AGREES', counts: { asSent: 10, provenByChain: 30 }, codes: [] });
  });

  it('is not proven, but checked by its hours, where the control plane shows neither the oldest reports nor digests of them', () => {
    const evidence = evidenceOf(sent, PERIOD);
    const purged = { ...evidence, reports: evidence.reports.slice(25) };
    expect(outcome(verifyInvoice(purged, archiveOf(sent)))).toEqual({ verdict: 'INCOMPLETE', counts: { asSent: 15, notShown: 25 }, codes: ['REPORTS_NOT_SHOWN'] });
    expect(outcome(verifyInvoice({ ...evidence, reports: [] }, archiveOf(sent)))).toEqual({ verdict: 'INCOMPLETE', counts: { notShown: 40 }, codes: ['REPORTS_NOT_SHOWN'] });
    const dearer = { ...purged, hours: purged.hours.map((hour, index) => (index === 3 ? { ...hour, own: hour.own + 1, total: hour.total + 1 } : hour)), header: { ...purged.header, measured: purged.header.measured + 1, quantity: purged.header.quantity + 1 } };
    expect(outcome(verifyInvoice(dearer, archiveOf(sent)))).toMatchObject({ verdict: 'DISAGREES', codes: ['OWN_DIFFERS', 'REPORTS_NOT_SHOWN'] });
    const fewer = { ...purged, hours: purged.hours.map((hour, index) => (index === 3 ? { ...hour, reports: 0, own: 0 } : hour)) };
    expect(outcome(verifyInvoice(fewer, archiveOf(sent)))).toMatchObject({ verdict: 'DISAGREES', counts: { notBilled: 1 } });
    const more = { ...purged, hours: purged.hours.map((hour, index) => (index === 3 ? { ...hour, reports: 2 } : hour)) };
    expect(outcome(verifyInvoice(more, archiveOf(sent)))).toEqual({ verdict: 'INCOMPLETE', counts: { asSent: 15, notShown: 25 }, codes: ['REPORTS_NOT_SHOWN'] });
    expect(outcome(verifyInvoice(purged, archiveOf(sent.slice(20))))).toEqual({ verdict: 'INCOMPLETE', counts: { asSent: 15, notShown: 5 }, codes: ['REPORTS_NOT_SHOWN'] });
  });

  it('is not proven by a chain that was changed', () => {
    const billed = sent.map((report) => (report.sequence === 7 ? { ...report, httpRequests: 999 } : report));
    expect(outcome(verifyInvoice(evidenceOf(billed, PERIOD), archiveOf(without(sent, 7))))).toMatchObject({ verdict: 'DISAGREES', counts: { asSent: 39, differ: 1 } });
    expect(outcome(verifyInvoice(evidenceOf(billed, PERIOD), archiveOf(sent.slice(30))))).toMatchObject({ verdict: 'DISAGREES', counts: { asSent: 10, provenByChain: 23, notArchived: 7 } });
  });

  it('of what is not archived any more is incomplete, and the months are named', () => {
    const none = archiveOf([]);
    const found = verifyInvoice(evidenceOf(sent, PERIOD), none);
    expect(outcome(found)).toEqual({ verdict: 'INCOMPLETE', counts: { notArchived: 40 }, codes: ['NOT_ARCHIVED'] });
    expect(found.findings.map(({ message }) => message)).toEqual(['Of 2026-11 the archive does not hold 40 reports any more, or never did: nothing can be said of them.']);
    // Another life of the folder: what an earlier one sent is not called foreign.
    const life = sentReports(60, 40).map((report, index) => ({ ...report, sequence: index + 1 }));
    expect(outcome(verifyInvoice(evidenceOf(sent, { ...PERIOD, to: at(40) }), archiveOf(linkReports(life.slice(0, 10), { after: 0, through: 99, hash: CHAIN_START }).reports))).verdict).toBe('INCOMPLETE');
  });

  it('agrees where an older agent sent reports without hashes', () => {
    const older = sent.slice(0, 5).map((report) => ({ ...report, previousHash: undefined }));
    const all = [...older, ...linkReports(sent, { after: 5, through: 40, hash: CHAIN_START }).reports];
    expect(outcome(verifyInvoice(evidenceOf(all, PERIOD), archiveOf(all)))).toEqual({ verdict: 'AGREES', counts: { asSent: 40 }, codes: [] });
  });
});

/** One change to a line of the file: a field, the line gone, the line twice. Null where the line has no such field. */
type Tampering = (line: Record<string, unknown>) => Record<string, unknown>[] | null;

const change = (name: string, by: (value: never) => unknown): Tampering => (line) => {
  const [inner, wrap] = 'report' in line ? [line['report'] as Record<string, unknown>, (report: object) => ({ report })] : 'adjustment' in line ? [line['adjustment'] as Record<string, unknown>, (adjustment: object) => ({ adjustment })] : [line, (plain: object) => plain];
  return 'end' in line || !(name in inner) || (name === 'reports' && typeof inner[name] !== 'number') ? null : [wrap({ ...inner, [name]: by(inner[name] as never) }) as Record<string, unknown>];
};
const later = (value: string): string => new Date(Date.parse(value) + HOUR).toISOString();
const plus = (value: number | null): number => (value ?? 0) + 1;

const TAMPERINGS: Record<string, Tampering> = {
  ...Object.fromEntries(['quantity', 'measured', 'adjusted', 'total', 'own', 'reports', 'sequence'].map((name) => [name, change(name, plus)])),
  ...Object.fromEntries(['hour', 'intervalStart', 'intervalEnd'].map((name) => [name, change(name, later)])),
  kind: change('kind', (value: string) => (value === 'gauge' ? 'counter' : 'gauge')),
  meter: change('meter', () => 'STORAGE_BYTES'),
  ...Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`count ${index}`, change('counts', (counts: number[]) => counts.map((count, place) => (place === index ? count + 1 : count)))])),
  previousHash: change('previousHash', (hash: string) => `${hash.startsWith('f') ? '0' : 'f'}${hash.slice(1)}`),
  'no hash': change('previousHash', () => null),
  // The oldest may be gone, where its hour is as it was.
  'the line gone': (line) => ('format' in line || 'end' in line || (line['report'] as EvidenceReport | undefined)?.sequence === 1 ? null : []),
  'the line twice': (line) => ('format' in line || 'end' in line ? null : [line, line]),
};

/** The file with one line tampered with; its last line counts what is there, as one who tampers would see to. */
function tamper(evidence: UsageEvidence, tampering: Tampering, place: number): UsageEvidence | null {
  const lines = writeUsageEvidence(evidence).trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  const candidates = lines.flatMap((line, index) => (tampering(line) === null ? [] : [index]));
  const chosen = candidates[place % Math.max(1, candidates.length)];
  if (chosen === undefined) return null;
  const next = lines.flatMap((line, index) => (index === chosen ? (tampering(line) ?? []) : [line]));
  const end = { end: true, hours: next.filter((line) => 'hour' in line).length, reports: next.filter((line) => 'report' in line).length };
  const read = readUsageEvidence([...next, end].map((line) => `${JSON.stringify(line)}\n`).join(''));
  return read.state === 'GOOD' ? read.evidence : null;
}

describe('a file that was tampered with', () => {
  it.each(Object.entries(TAMPERINGS))('is found: %s', (_name, tampering) => {
    let tampered = 0;
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.nat(1000), (count, place) => {
        const sent = sentReports(count);
        const evidence = evidenceOf(sent, { ...PERIOD, adjustments: [7] });
        const other = tamper(evidence, tampering, place);
        if (other === null) return;
        tampered += 1;
        expect(verifyInvoice(other, archiveOf(sent)).verdict).toBe('DISAGREES');
      }),
      { numRuns: 40 },
    );
    expect(tampered).toBeGreaterThan(25);
  });
});
