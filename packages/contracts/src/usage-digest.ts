import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CHAIN_COUNTS, chainHash, isChainHash } from './report-chain.ts';

const DIGEST_HASH = /^[0-9a-f]{64}$/;
const GAUGES: ReadonlySet<string> = new Set(['activeDevices', 'totalDevices', 'storageBytes', 'storageRows']);
/** Whether a digest says the highest of a number, by its place in CHAIN_COUNTS; of the others it says the sum. */
export const IS_GAUGE_COUNT: readonly boolean[] = CHAIN_COUNTS.map((name) => GAUGES.has(name));

const count = z.int().nonnegative();
const hash = z.string().refine(isChainHash, 'is no hash').nullable();

/** What is kept of an instance's reports of one day when the reports themselves are not kept any more. */
export const evidenceDigestSchema = z.strictObject({
  /** The reports whose interval ended behind this time, */
  from: z.iso.datetime(),
  /** and not behind this one: a day of UTC, cut where a billing period begins. */
  through: z.iso.datetime(),
  /** How many they are. */
  reports: count.min(1),
  /** Of them, how many came when their period was invoiced already. */
  late: count,
  /** Their sequence numbers, as runs from one to another; what has no number is in none. */
  sequences: z.array(z.tuple([count, count])),
  /** In the order of CHAIN_COUNTS: of a gauge the highest, of a counter the sum. */
  counts: z.array(count).length(CHAIN_COUNTS.length),
  /** What the first of them carries: the hash of the report before it. */
  firstHash: hash,
  /** What the report behind the last of them carries. */
  head: hash,
  /** digestHash of them. */
  hash: z.string().regex(DIGEST_HASH, 'is no hash'),
});
export type EvidenceDigest = z.infer<typeof evidenceDigestSchema>;

/** What of a report a digest is made of: exactly what is chained. Times in milliseconds since 1970, counts in the order of CHAIN_COUNTS. */
export interface DigestedReport {
  sequence: number | null;
  startMs: number;
  endMs: number;
  counts: readonly number[];
  previousHash: string | null;
}

/**
 * SHA-256, 64 hex digits, of a line for each report, each with a line feed: the text that `chainHash` hashes, with nothing
 * in the place of a number or a hash that the report does not carry. In the order of sequence, end, start, counts and hash,
 * what is missing first. Who holds the reports works it out with any other program.
 */
export function digestHash(reports: readonly DigestedReport[]): string {
  const sum = createHash('sha256');
  for (const { sequence, startMs, endMs, counts, previousHash } of reports.toSorted(byPlace)) sum.update(`iotistic-report/1|${sequence ?? ''}|${startMs}|${endMs}|${counts.join()}|${previousHash ?? ''}\n`);
  return sum.digest('hex');
}

/** All that a digest says of these reports, but for its span and what was late. At least one. */
export function digestOf(reports: readonly DigestedReport[]): Pick<EvidenceDigest, 'reports' | 'counts' | 'firstHash' | 'head' | 'hash'> {
  const sorted = reports.toSorted(byPlace);
  const last = sorted.at(-1);
  const head = last === undefined || last.sequence === null || last.previousHash === null ? null : chainHash({ ...last, sequence: last.sequence, previousHash: last.previousHash });
  return { reports: sorted.length, counts: addDigestCounts(sorted), firstHash: sorted[0]?.previousHash ?? null, head, hash: digestHash(sorted) };
}

/** Of gauges the highest, of counters the sum, which stays at 2^53 - 1. */
export function addDigestCounts(parts: readonly { counts: readonly number[] }[]): number[] {
  return CHAIN_COUNTS.map((_name, place) => parts.reduce((all, { counts }) => (IS_GAUGE_COUNT[place] === true ? Math.max(all, counts[place] ?? 0) : Math.min(all + (counts[place] ?? 0), Number.MAX_SAFE_INTEGER)), 0));
}

/** Whether the digest counts a report with this number. */
export function isInRuns(sequence: number, runs: EvidenceDigest['sequences']): boolean {
  return runs.some(([first, last]) => sequence >= first && sequence <= last);
}

function byPlace(one: DigestedReport, other: DigestedReport): number {
  const places = [(one.sequence ?? -1) - (other.sequence ?? -1), one.endMs - other.endMs, one.startMs - other.startMs, ...one.counts.map((value, index) => value - (other.counts[index] ?? 0))];
  const [hash, otherHash] = [one.previousHash ?? '', other.previousHash ?? ''];
  const first = places.find((difference) => difference !== 0);
  if (first !== undefined) return first;
  return hash < otherHash ? -1 : Number(hash > otherHash);
}
