import type { EvidenceReport, UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { type DigestedReport, digestOf, type EvidenceDigest, isInRuns } from '@iotistic/contracts/usage-digest';
import { type ArchiveEntry } from './archive-record.ts';
import type { InvoiceFinding } from './invoice-finding.ts';
import { isOfPeriod, type SentReports } from './sent-reports.ts';

/** What the archive says of the file's digests. */
export interface ProvenDigests {
  /** Reports of the digests that the archive proves: digest and archive agree on each number of them. */
  proven: number;
  /** Reports of the others: of these days the archive does not hold as many. */
  notProven: number;
  /** The archive's entries that proven digests stand for, and those of days that are not proven: neither is missing in the file. */
  entries: ReadonlySet<ArchiveEntry>;
  /** Of the proven ones, those that count in the file's period. */
  reports: readonly EvidenceReport[];
  findings: readonly InvoiceFinding[];
}

/** Holds each digest against those reports of the archive that it says it is made of. @param free entries that stand for no report of the file */
export function proveDigests({ header, digests = [] }: UsageEvidence, sent: SentReports, free: readonly ArchiveEntry[]): ProvenDigests {
  const entries = new Set<ArchiveEntry>();
  const result = { proven: 0, notProven: 0, entries, reports: [] as EvidenceReport[], findings: [] as InvoiceFinding[] };
  const lost = new Map<string, number>();
  for (const digest of digests) {
    const [fromMs, throughMs] = [Date.parse(digest.from), Date.parse(digest.through)];
    const ofDay = free.filter((entry) => {
      const endMs = Date.parse(entry.intervalEnd);
      return endMs > fromMs && endMs <= throughMs && !entries.has(entry) && isInRuns(entry.sequence, digest.sequences) && !sent.refused.has(entry.reportId) && !sent.waiting.has(entry.reportId);
    });
    for (const entry of ofDay) entries.add(entry);
    const problem = judge(digest, ofDay, sent);
    if (problem === null) {
      result.proven += digest.reports;
      result.reports.push(...ofDay.filter(({ intervalEnd }) => isOfPeriod(header, Date.parse(intervalEnd))).map(toReport));
      continue;
    }
    result.notProven += digest.reports;
    if (problem === 'NOT_ARCHIVED') lost.set(digest.through.slice(0, 7), (lost.get(digest.through.slice(0, 7)) ?? 0) + 1);
    else result.findings.push(problem);
  }
  for (const [month, days] of lost) result.findings.push({ code: 'NOT_ARCHIVED', message: `Of ${month} the archive does not hold all that the digests of ${days} ${days === 1 ? 'day' : 'days'} are made of: nothing can be said of ${days === 1 ? 'it' : 'them'}.` });
  return result;
}

/** Null where the archive proves the digest. */
function judge(digest: EvidenceDigest, entries: readonly ArchiveEntry[], sent: SentReports): InvoiceFinding | 'NOT_ARCHIVED' | null {
  const { from, through, reports, sequences, hash } = digest;
  const day = `from ${from} to ${through}`;
  const last = Math.max(0, ...sequences.map(([, end]) => end));
  const isSentBefore = Date.parse(through) < sent.archivedSinceMs;
  if (!isSentBefore && last > sent.lastSequence) return { code: 'NEVER_SENT', message: `The digest ${day} counts report ${last}, which was never sent: the last one here has number ${sent.lastSequence}.` };
  if (entries.length !== reports) return 'NOT_ARCHIVED';
  const found = digestOf(entries.map(toDigested));
  if (found.hash !== hash) return { code: 'DIGEST_DIFFERS', message: `The digest ${day} is not of the ${reports} reports that were sent: its hash is ${hash}, theirs is ${found.hash}.` };
  const isSame = found.head === digest.head && found.firstHash === digest.firstHash && found.counts.join() === digest.counts.join();
  return isSame ? null : { code: 'DIGEST_DIFFERS', message: `The digest ${day} has the hash of what was sent, but other sums, or another head: they come to ${found.counts.join()}.` };
}

function toDigested({ sequence, intervalStart, intervalEnd, counts, previousHash }: ArchiveEntry): DigestedReport {
  return { sequence, startMs: Date.parse(intervalStart), endMs: Date.parse(intervalEnd), counts, previousHash };
}

/** As the control plane would show it. */
export function toReport({ sequence, intervalStart, intervalEnd, counts, previousHash }: ArchiveEntry): EvidenceReport {
  return { sequence, intervalStart, intervalEnd, counts, previousHash, late: false };
}
