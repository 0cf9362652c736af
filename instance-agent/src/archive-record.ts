import { CHAIN_COUNTS, chainHash, isChainHash } from '@iotistic/contracts/report-chain';
import { z } from 'zod';
import { countsOf, hashOf } from './spool-chain.ts';
import type { UsageReport } from './usage.ts';

const count = z.int().nonnegative();
const hash = z.string().refine(isChainHash).nullable();
const instant = z.iso.datetime();

const entrySchema = z.strictObject({
  sequence: count,
  reportId: z.string(),
  intervalStart: instant,
  intervalEnd: instant,
  /** In the order of CHAIN_COUNTS. */
  counts: z.array(count).length(CHAIN_COUNTS.length),
  /** Null for a report that an earlier version sent: it is in no chain. */
  previousHash: hash,
  /** Its own: what the next report carries. It says as well whether this line is as it was written. */
  hash,
  sentAt: instant,
});
/** A report as it was sent first. */
export type ArchiveEntry = z.infer<typeof entrySchema>;

export function toEntry(report: UsageReport, now: Date): ArchiveEntry {
  const { sequence, reportId, intervalStart, intervalEnd, previousHash = null } = report;
  return { sequence, reportId, intervalStart, intervalEnd, counts: countsOf(report), previousHash, hash: hashOf(report), sentAt: now.toISOString() };
}

export function encodeEntry(entry: ArchiveEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

export interface ReadArchive {
  entries: ArchiveEntry[];
  /** Bytes up to the end of the last good line: what lies behind is a write that a crash cut off. */
  wholeBytes: number;
  /** Lines before it that do not read, or whose hash says that they were changed. */
  damaged: number;
}

/** Reads a file of the archive; a bad line never hides the good ones behind it. */
export function readEntries(bytes: Buffer): ReadArchive {
  const result: ReadArchive = { entries: [], wholeBytes: 0, damaged: 0 };
  let bad = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) break;
    const entry = decodeEntry(bytes.toString('utf8', start, end));
    start = end + 1;
    if (entry === null) {
      bad += 1;
      continue;
    }
    result.entries.push(entry);
    result.wholeBytes = start;
    result.damaged += bad;
    bad = 0;
  }
  return result;
}

function decodeEntry(line: string): ArchiveEntry | null {
  try {
    const entry = entrySchema.safeParse(JSON.parse(line)).data ?? null;
    return entry !== null && hashOfEntry(entry) === entry.hash ? entry : null;
  } catch {
    return null;
  }
}

/** What the report behind it carries; null where it is in no chain. */
export function hashOfEntry({ sequence, intervalStart, intervalEnd, counts, previousHash }: Pick<ArchiveEntry, 'sequence' | 'intervalStart' | 'intervalEnd' | 'counts' | 'previousHash'>): string | null {
  return previousHash === null ? null : chainHash({ sequence, startMs: Date.parse(intervalStart), endMs: Date.parse(intervalEnd), counts, previousHash });
}
