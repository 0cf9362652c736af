import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { digestOf, type EvidenceDigest } from '@iotistic/contracts/usage-digest';
import { type UsageEvidence, readUsageEvidence, writeUsageEvidence } from '@iotistic/contracts/usage-evidence';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeEntry, toEntry } from './archive-record.ts';
import { evidenceOf } from './evidence.testkit.ts';
import type { SentReports } from './sent-reports.ts';
import { countsOf, linkReports } from './spool-chain.ts';
import { COUNTERS, GAUGES, type UsageReport } from './usage.ts';
import { verifyInvoice } from './verify-invoice.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-10-20T09:30:00.000Z');
const DAYS = 31;
const at = (hours: number): Date => new Date(START + hours * HOUR);
const PERIOD = { from: at(0), to: at(DAYS * 24), exportedAt: at(300 * 24) };
const folder = mkdtempSync(join(tmpdir(), 'iotistic-digests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A month by the hour, two months of UTC. */
const sent: UsageReport[] = linkReports(
  Array.from({ length: DAYS * 24 }, (_each, index) => {
    const numbers = Object.fromEntries([...GAUGES, ...COUNTERS].map((name, place) => [name, (index % 11) + place])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;
    return { reportId: `r${index + 1}`, sequence: index + 1, intervalStart: at(index).toISOString(), intervalEnd: at(index + 1).toISOString(), ...numbers };
  }),
  { after: 0, through: Infinity, hash: CHAIN_START },
).reports;

const archiveOf = (reports: readonly UsageReport[]): SentReports => ({
  entries: reports.map((report) => toEntry(report, new Date(report.intervalEnd))),
  carriedHashes: new Map(),
  archivedSinceMs: Math.min(...reports.map(({ intervalEnd }) => Date.parse(intervalEnd))),
  lastSequence: sent.length,
  refused: new Map(),
  waiting: new Set(),
  damaged: 0,
});

/** Of each day of UTC, cut by the period, as the control plane makes it. */
function digestsOf(reports: readonly UsageReport[]): EvidenceDigest[] {
  const days = new Map<number, UsageReport[]>();
  for (const report of reports) {
    const day = Math.floor((Date.parse(report.intervalEnd) - 1) / DAY) * DAY;
    days.set(day, [...(days.get(day) ?? []), report]);
  }
  return [...days].map(([day, ofDay]) => ({
    from: new Date(Math.max(day, START)).toISOString(),
    through: new Date(Math.min(day + DAY, PERIOD.to.getTime())).toISOString(),
    late: 0,
    sequences: [[ofDay[0]?.sequence ?? 0, ofDay.at(-1)?.sequence ?? 0]],
    ...digestOf(ofDay.map((report) => ({ sequence: report.sequence, startMs: Date.parse(report.intervalStart), endMs: Date.parse(report.intervalEnd), counts: countsOf(report), previousHash: report.previousHash ?? null }))),
  }));
}

type Meter = UsageEvidence['header']['meter'];
/** The days up to then are digests, behind it reports. */
function evidenceWith(meter: Meter, digested: number): UsageEvidence {
  const whole = evidenceOf(sent, { ...PERIOD, meter });
  const digests = digestsOf(sent).slice(0, digested);
  const until = digests.at(-1)?.through ?? '';
  return { ...whole, ...(digests.length > 0 ? { digests } : {}), reports: whole.reports.filter(({ intervalEnd }) => intervalEnd > until) };
}
const verdictOf = (evidence: UsageEvidence, archive: readonly UsageReport[] = sent): string => verifyInvoice(evidence, archiveOf(archive)).verdict;

describe('an invoice whose reports are not kept any more', () => {
  it.each(['DEVICES', 'MQTT_MESSAGES', 'API_CALLS', 'STORAGE_BYTES'] as const)('agrees for %s when the archive proves each digest, wholly or for a part of its days', (meter) => {
    for (const digested of [0, 1, 12, 32]) {
      const evidence = evidenceWith(meter, digested);
      const read = readUsageEvidence(writeUsageEvidence(evidence));
      expect(read).toEqual({ state: 'GOOD', evidence });
      const { verdict, findings, digested: said } = verifyInvoice(evidence, archiveOf(sent));
      expect([verdict, findings]).toEqual(['AGREES', []]);
      const inDigests = sent.length - evidence.reports.length;
      expect(said).toEqual(digested === 0 ? undefined : { reports: inDigests, proven: inDigests });
    }
  });

  it('is not proven where a month is missing in the archive, or with us: its reports, its digests, or all of them', () => {
    const november = (time: string): boolean => time >= '2026-11-01';
    for (const isIn of [november, (time: string) => !november(time)]) {
      for (const digested of [12, 32]) {
        const evidence = evidenceWith('API_CALLS', digested);
        expect(verdictOf({ ...evidence, digests: (evidence.digests ?? []).filter(({ through }) => !isIn(through)), reports: evidence.reports.filter(({ intervalEnd }) => !isIn(intervalEnd)) })).toBe('INCOMPLETE');
      }
      expect(verdictOf(evidenceWith('API_CALLS', 32), sent.filter(({ intervalEnd }) => !isIn(intervalEnd)))).toBe('INCOMPLETE');
    }
    const { digests: _none, ...nothing } = { ...evidenceWith('API_CALLS', 32), reports: [] };
    expect(verdictOf(nothing)).toBe('INCOMPLETE');
    expect(verifyInvoice({ ...nothing, hours: [], header: { ...nothing.header, measured: 0, quantity: 0 } }, archiveOf([])).findings.map(({ code }) => code)).toEqual(['NOTHING_SHOWN']);
  });

  it('does not agree where a digest is of other reports than were sent, or counts what never was', () => {
    const evidence = evidenceWith('API_CALLS', 32);
    const withDigest = (change: Partial<EvidenceDigest>): UsageEvidence => ({ ...evidence, digests: (evidence.digests ?? []).map((digest, index) => (index === 3 ? { ...digest, ...change } : digest)) });
    const codes = (changed: UsageEvidence): string[] => [...new Set(verifyInvoice(changed, archiveOf(sent)).findings.map(({ code }) => code))];
    expect(codes(withDigest({ hash: 'f'.repeat(64) }))).toEqual(['REPORTS_NOT_SHOWN', 'DIGEST_DIFFERS']);
    expect(codes(withDigest({ head: 'f'.repeat(32) }))).toContain('DIGEST_DIFFERS');
    expect(codes(withDigest({ firstHash: 'f'.repeat(32) }))).toContain('CHAIN_BROKEN');
    expect(codes(withDigest({ sequences: [[9_000, 9_023]] }))).toContain('NEVER_SENT');
    const other = digestsOf(sent.map((report) => (report.sequence === 80 ? { ...report, httpRequests: 9_999 } : report)))[3] as EvidenceDigest;
    for (const changed of [withDigest({ hash: 'f'.repeat(64) }), withDigest({ reports: 1 }), withDigest(other)]) expect(verdictOf(changed)).not.toBe('AGREES');
    expect(verdictOf(withDigest(other))).toBe('DISAGREES');
  });

  it('agrees with no part of the evidence taken away or changed that a billed unit needs', () => {
    const part = fc.record({ digests: fc.subarray(Array.from({ length: 32 }, (_, index) => index)), reports: fc.subarray([20, 200, 400, 743]), archive: fc.subarray([1, 60, 300, 500, 744]), units: fc.nat(3), hour: fc.nat(740) });
    fc.assert(
      fc.property(fc.constantFrom<Meter>('API_CALLS', 'DEVICES'), fc.integer({ min: 0, max: 32 }), part, (meter, digested, taken) => {
        const evidence = evidenceWith(meter, digested);
        const digests = (evidence.digests ?? []).filter((_, index) => !taken.digests.includes(index));
        const reports = evidence.reports.filter((_, index) => !taken.reports.includes(index));
        const archive = sent.filter(({ sequence }) => !taken.archive.includes(sequence));
        const hours = evidence.hours.map((hour, index) => (index === taken.hour ? { ...hour, own: hour.own + taken.units, total: hour.total + taken.units } : hour));
        const measured = meter === 'API_CALLS' ? evidence.header.measured + taken.units : Math.max(...hours.map(({ total }) => total));
        const changed: UsageEvidence = { ...evidence, header: { ...evidence.header, measured, quantity: measured }, hours, digests, reports };
        const isWhole = digests.length === (evidence.digests ?? []).length && reports.length === evidence.reports.length && taken.units === 0;
        const { verdict } = verifyInvoice(changed, archiveOf(archive));
        expect(verdict === 'AGREES').toBe(isWhole && taken.archive.length === 0);
      }),
      { numRuns: 25 },
    );
  });
});

describe('another program', () => {
  const [, program = ''] = /```python\n([\s\S]*?)```/.exec(readFileSync(new URL('../../docs/agent-protocol.md', import.meta.url), 'utf8')) ?? [];
  const hasPython = spawnSync('python3', ['-c', 'import hashlib']).status === 0;
  const run = (evidence: UsageEvidence, archive: readonly UsageReport[]): { status: number | null; output: string } => {
    const [script, file, lines] = ['check.py', 'evidence.jsonl', 'sent-2026-10-0001.jsonl'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(script, program);
    writeFileSync(file, writeUsageEvidence(evidence));
    writeFileSync(lines, archive.map((report) => encodeEntry(toEntry(report, new Date(report.intervalEnd)))).join(''));
    const { status, stdout, stderr } = spawnSync('python3', [script, file, lines], { encoding: 'utf8' });
    return { status, output: `${stdout}${stderr}` };
  };

  // Without python3 there is no other program here.
  it.skipIf(!hasPython)('proves each digest by what is documented, and none of what was changed', () => {
    const evidence = evidenceWith('API_CALLS', 32);
    expect(run(evidence, sent)).toEqual({ status: 0, output: '32 of 32 days proven\n' });
    const { status, output } = run(evidence, sent.map((report) => (report.sequence === 80 ? { ...report, httpRequests: 9_999 } : report)));
    expect([status, output]).toEqual([1, expect.stringMatching(/^not proven: 2026-10-2\dT00:00:00\.000Z\n31 of 32 days proven\n$/)]);
  });
});
