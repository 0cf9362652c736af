import { CHAIN_COUNTS } from '@iotistic/contracts/report-chain';
import { countShown, findHour, hoursNotShown, spansOf } from '@iotistic/contracts/evidence-hours';
import { checkUsageEvidence, type EvidenceReport, type UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { type ArchiveEntry, hashOfEntry } from './archive-record.ts';
import { type InvoiceFinding, NOT_PROVEN } from './invoice-finding.ts';
import { proveDigests, toReport } from './prove-digests.ts';
import { isOfPeriod, type SentReports } from './sent-reports.ts';

/** Each report of the file is in one of the first five, and each that was sent for the period and is not in the file in one of the others. */
export interface InvoiceCounts {
  /** In the archive, number for number. */
  asSent: number;
  /** Not in the archive, but a later one carries the hash that it has. */
  provenByChain: number;
  differ: number;
  neverSent: number;
  /** Nothing can be said of them: they are not archived any more, or were not when they were sent. */
  notArchived: number;
  notBilled: number;
  /** The file shows neither them nor a digest of them: what they came to is in the hours, which the archive may contradict and cannot prove. */
  notShown: number;
  /** The control plane said so when it refused them. */
  refused: number;
  sentAfterExport: number;
  waiting: number;
}

export interface InvoiceVerification {
  /** INCOMPLETE: nothing disagrees, but not all can be proven. */
  verdict: 'AGREES' | 'DISAGREES' | 'INCOMPLETE';
  reports: number;
  counts: InvoiceCounts;
  /** How many reports the file's digests stand for, and of how many of them the archive proves it. Absent where it has no digests. */
  digested?: { reports: number; proven: number };
  findings: InvoiceFinding[];
}

/**
 * Whether what was billed is what was measured here: the file against itself, and its reports and digests against the
 * archive, one by one and both ways. It agrees only where each report that was billed is shown, or is in a digest, and the
 * archive or the chain proves it.
 */
export function verifyInvoice(evidence: UsageEvidence, sent: SentReports): InvoiceVerification {
  const match = new Matching(sent);
  const left = match.takeChained(match.takeEqual(evidence.reports)).toSorted(bySequence);
  const digests = proveDigests(evidence, sent, match.unmatched());
  const { added, unclear } = findNotShown(evidence, sent, digests, match.unmatched());
  const findings: InvoiceFinding[] = [...checkUsageEvidence(evidence, { proven: digests.reports, assumed: added.map(toReport) }), ...digests.findings];
  const counts: InvoiceCounts = { asSent: match.equal, provenByChain: match.chained, differ: 0, neverSent: 0, notArchived: 0, notBilled: 0, notShown: added.length + unclear.length, refused: 0, sentAfterExport: 0, waiting: 0 };
  const lost: EvidenceReport[] = [];
  for (const report of left) {
    const judged = match.judge(report);
    if (judged === null) lost.push(report);
    else findings.push(judged);
    counts[judged === null ? 'notArchived' : judged.code === 'NUMBERS_DIFFER' ? 'differ' : 'neverSent'] += 1;
  }
  const known = new Set([...added, ...unclear, ...digests.entries]);
  for (const entry of match.unmatched().filter((each) => !known.has(each) && isOfPeriod(evidence.header, Date.parse(each.intervalEnd)))) {
    const fate = fateOf(entry, evidence, sent);
    counts[fate] += 1;
    if (fate === 'notBilled') findings.push({ code: 'NOT_BILLED', message: `Report ${entry.sequence} (${entry.intervalStart} to ${entry.intervalEnd}) was sent and is not in the file: it is not billed.` });
  }
  findings.push(...describeLost(lost));
  if (findings.length === 0 && evidence.reports.length + digests.proven === 0) findings.push({ code: 'NOTHING_SHOWN', message: 'The file shows no report of this instance, and no digest of any: there is nothing that could be proven.' });
  const isContradicted = findings.some(({ code }) => !NOT_PROVEN.has(code));
  const digested = evidence.digests === undefined ? {} : { digested: { reports: digests.proven + digests.notProven, proven: digests.proven } };
  return { verdict: isContradicted ? 'DISAGREES' : findings.length > 0 ? 'INCOMPLETE' : 'AGREES', reports: evidence.reports.length, counts, ...digested, findings };
}

/**
 * What was sent for hours of which the file does not show the reports. It is judged as if the file showed it (`added`), but
 * where the archive holds fewer than the hour lacks (`unclear`): then nothing can be said of that hour.
 */
function findNotShown(evidence: UsageEvidence, { refused, waiting }: SentReports, digests: { entries: ReadonlySet<ArchiveEntry>; reports: readonly EvidenceReport[] }, free: readonly ArchiveEntry[]): { added: ArchiveEntry[]; unclear: ArchiveEntry[] } {
  const spans = spansOf(evidence.header, evidence.hours);
  const shown = countShown(spans, [...digests.reports, ...evidence.reports]);
  const notShown = hoursNotShown(evidence, shown);
  const byHour = new Map<number, ArchiveEntry[]>();
  for (const entry of free) {
    const index = findHour(spans, Date.parse(entry.intervalEnd));
    if (notShown[index] !== true || digests.entries.has(entry) || refused.has(entry.reportId) || waiting.has(entry.reportId)) continue;
    byHour.set(index, [...(byHour.get(index) ?? []), entry]);
  }
  const found: { added: ArchiveEntry[]; unclear: ArchiveEntry[] } = { added: [], unclear: [] };
  for (const [index, ofHour] of byHour) found[ofHour.length < (evidence.hours[index]?.reports ?? 0) - (shown[index] ?? 0) ? 'unclear' : 'added'].push(...ofHour);
  return found;
}

const bySequence = (a: EvidenceReport, b: EvidenceReport): number => (a.sequence ?? 0) - (b.sequence ?? 0);

/** The reports of the file beside those of the archive: each entry stands for one report. */
class Matching {
  equal = 0;
  chained = 0;
  private readonly free = new Map<number, ArchiveEntry[]>();
  private readonly known: ReadonlySet<number>;
  private readonly carried: Map<number, Set<string>>;

  constructor(private readonly sent: SentReports) {
    for (const entry of sent.entries) this.free.set(entry.sequence, [...(this.free.get(entry.sequence) ?? []), entry]);
    this.known = new Set(this.free.keys());
    this.carried = new Map([...sent.carriedHashes].map(([sequence, hashes]) => [sequence, new Set(hashes)]));
  }

  /** @returns those that the archive does not hold as they are. */
  takeEqual(reports: readonly EvidenceReport[]): EvidenceReport[] {
    return reports.filter((report) => {
      const entry = this.freeWith(report.sequence).find((candidate) => differences(report, candidate).length === 0);
      if (entry === undefined) return true;
      this.use(entry);
      this.equal += 1;
      return false;
    });
  }

  /** From the newest back: what carries a hash that was sent proves the one before it, which proves the one before that. */
  takeChained(reports: readonly EvidenceReport[]): EvidenceReport[] {
    return reports.toSorted((a, b) => bySequence(b, a)).filter((report) => {
      const { sequence, previousHash } = report;
      if (sequence === null || previousHash === null || this.carried.get(sequence + 1)?.has(hashOfReport(report) ?? '') !== true) return true;
      this.carried.set(sequence, (this.carried.get(sequence) ?? new Set()).add(previousHash));
      this.chained += 1;
      return false;
    });
  }

  /** What one is that nothing proves; null where nothing can be said. */
  judge(report: EvidenceReport): InvoiceFinding | null {
    const { sequence, intervalStart, intervalEnd } = report;
    const when = `(${intervalStart} to ${intervalEnd})`;
    if (sequence === null) return { code: 'NEVER_SENT', message: `A report without a number ${when}: this agent numbers all it sends.` };
    if (Date.parse(intervalEnd) < this.sent.archivedSinceMs) return null;
    const [entry] = this.freeWith(sequence);
    if (entry !== undefined) {
      this.use(entry);
      return { code: 'NUMBERS_DIFFER', message: `Report ${sequence} ${when} is not as it was sent: ${differences(report, entry).join(', ')}.` };
    }
    if (this.known.has(sequence)) return { code: 'NEVER_SENT', message: `Report ${sequence} ${when} is a second one with this number, and not this agent's.` };
    if (sequence > this.sent.lastSequence) return { code: 'NEVER_SENT', message: `Report ${sequence} ${when} was never sent: the last one here has number ${this.sent.lastSequence}.` };
    if (report.previousHash !== null && this.carried.has(sequence + 1)) return { code: 'NUMBERS_DIFFER', message: `Report ${sequence} ${when} is not as it was sent: the one behind it carries another hash.` };
    return null;
  }

  unmatched(): ArchiveEntry[] {
    return [...this.free.values()].flat();
  }

  private freeWith(sequence: number | null): readonly ArchiveEntry[] {
    return (sequence === null ? undefined : this.free.get(sequence)) ?? [];
  }

  private use(entry: ArchiveEntry): void {
    this.free.set(entry.sequence, this.freeWith(entry.sequence).filter((other) => other !== entry));
  }
}

function hashOfReport(report: EvidenceReport): string | null {
  return hashOfEntry({ ...report, sequence: report.sequence ?? 0 });
}

/** In words, name by name. */
function differences(report: EvidenceReport, entry: ArchiveEntry): string[] {
  const differ: [name: string, inFile: number | string | null, sent: number | string | null][] = [
    ['intervalStart', new Date(report.intervalStart).toISOString(), new Date(entry.intervalStart).toISOString()],
    ['intervalEnd', new Date(report.intervalEnd).toISOString(), new Date(entry.intervalEnd).toISOString()],
    ...CHAIN_COUNTS.map((name, index): [string, number, number] => [name, report.counts[index] ?? 0, entry.counts[index] ?? 0]),
    ['previousHash', report.previousHash, entry.previousHash],
  ];
  return differ.filter(([, inFile, sent]) => inFile !== sent).map(([name, inFile, sent]) => `${name} is ${inFile ?? 'missing'} in the file and ${sent ?? 'missing'} in the archive`);
}

function fateOf({ reportId, sentAt }: ArchiveEntry, { header }: UsageEvidence, { refused, waiting }: SentReports): 'refused' | 'sentAfterExport' | 'waiting' | 'notBilled' {
  if (refused.has(reportId)) return 'refused';
  if (waiting.has(reportId)) return 'waiting';
  return Date.parse(sentAt) > Date.parse(header.exportedAt) ? 'sentAfterExport' : 'notBilled';
}

/** By month. */
function describeLost(reports: readonly EvidenceReport[]): InvoiceFinding[] {
  const months = new Map<string, number>();
  for (const { intervalEnd } of reports) months.set(intervalEnd.slice(0, 7), (months.get(intervalEnd.slice(0, 7)) ?? 0) + 1);
  return [...months].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([month, count]) => ({ code: 'NOT_ARCHIVED', message: `Of ${month} the archive does not hold ${count} ${count === 1 ? 'report' : 'reports'} any more, or never did: nothing can be said of ${count === 1 ? 'it' : 'them'}.` }));
}
