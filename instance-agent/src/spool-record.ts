import { crc32 } from 'node:zlib';
import { CHAIN_START, isChainHash } from '@iotistic/contracts/report-chain';
import { z } from 'zod';
import { COUNTERS, GAUGES, type Counter, type Gauge, type UsageReport } from './usage.ts';

const count = z.number().int().nonnegative();
const gauges = z.partialRecord(z.enum(GAUGES), count);
const counters = z.partialRecord(z.enum(COUNTERS), count);
/** By endpoint, by series: the counter's value when it was last collected. */
const baselines = z.record(z.string(), z.record(z.string(), count));
const quantities = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, count])) as Record<Gauge | Counter, typeof count>;
const chainHash = z.string().refine(isChainHash);
const report: z.ZodType<UsageReport> = z.object({ reportId: z.string(), sequence: count, intervalStart: z.iso.datetime(), intervalEnd: z.iso.datetime(), ...quantities, previousHash: chainHash.optional() });

/** What the spool knows besides its reports. */
const stateSchema = z.object({
  /** Of the newest report; 0 before the first. */
  sequence: count,
  /** Every report up to this sequence has its verdict. */
  settledThrough: count,
  /**
   * Every report up to this sequence may be at the control plane, its verdict lost on the way: it is never merged or
   * changed. Where a state does not say (an earlier version's), that holds for all.
   */
  attemptedThrough: count.default(Number.MAX_SAFE_INTEGER),
  /** Of the report that was put into the chain last: the next one carries it. A state of an earlier version begins a chain. */
  chainHash: chainHash.default(CHAIN_START),
  /** How many reports ever went into others for want of room. */
  mergedReports: count.default(0),
  /** Where the newest report's interval ended. */
  intervalEnd: z.iso.datetime().nullable(),
  baselines,
  /** Said by the product itself: gauges until replaced, counters until a report takes them. */
  recorded: z.object({ gauges, counters }),
});
export type SpoolState = z.infer<typeof stateSchema>;
export type Baselines = SpoolState['baselines'];

/** What changed in an endpoint's baselines; `replace` forgets the series that are not named. */
const baselineChange = z.object({ replace: z.boolean(), series: z.record(z.string(), count) });
export type BaselineChanges = Record<string, z.infer<typeof baselineChange>>;

const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), state: stateSchema }),
  z.object({ kind: z.literal('report'), report, baselines: z.record(z.string(), baselineChange) }),
  z.object({ kind: z.literal('recorded'), gauges, counters }),
  /** Reports up to here have their verdict; `returned` are counters of refused ones that the next report carries instead. */
  z.object({ kind: z.literal('settled'), through: count, returned: counters }),
  /**
   * Reports up to here are about to be sent: they are in the chain now, the last with this hash. `anchors` is what the first
   * one of each segment carries: the segment before it may go first. An earlier version says neither: they are in no chain.
   */
  z.object({ kind: z.literal('attempted'), through: count, hash: chainHash.optional(), anchors: z.record(z.string(), chainHash).optional() }),
  /** Begins a segment of a rewrite, counted from 1: what follows does not count before a record of another kind stands behind it. */
  z.object({ kind: z.literal('rewriting'), part: count }),
  /** A report of a rewrite: all of them together replace every report that stands before them. */
  z.object({ kind: z.literal('rewritten'), report }),
]);
export type SpoolRecord = z.infer<typeof recordSchema>;

export const EMPTY_STATE: SpoolState = { sequence: 0, settledThrough: 0, attemptedThrough: 0, chainHash: CHAIN_START, mergedReports: 0, intervalEnd: null, baselines: {}, recorded: { gauges: {}, counters: {} } };

/** One line: eight hex digits of CRC-32, a space, the record as JSON. */
export function encodeRecord(record: SpoolRecord): Buffer {
  const json = Buffer.from(JSON.stringify(record), 'utf8');
  return Buffer.concat([Buffer.from(`${checksum(json)} `, 'ascii'), json, Buffer.from('\n', 'ascii')]);
}

export interface ReadSegment {
  records: SpoolRecord[];
  /** Bytes up to the end of the last whole record: what lies behind is the torn tail of a write that a crash cut off. */
  wholeBytes: number;
  /** Lines before it that do not read: not a crash, a damaged disk. */
  damaged: number;
}

/** Reads a segment's bytes; a bad line never hides the good ones behind it. */
export function readSegment(bytes: Buffer): ReadSegment {
  const result: ReadSegment = { records: [], wholeBytes: 0, damaged: 0 };
  let bad = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) break;
    const record = decodeRecord(bytes.subarray(start, end));
    start = end + 1;
    if (record === null) {
      bad += 1;
      continue;
    }
    result.records.push(record);
    result.wholeBytes = start;
    result.damaged += bad;
    bad = 0;
  }
  return result;
}

function decodeRecord(line: Buffer): SpoolRecord | null {
  const json = line.subarray(9);
  if (line.length < 11 || line[8] !== 0x20 || line.toString('ascii', 0, 8) !== checksum(json)) return null;
  try {
    return recordSchema.safeParse(JSON.parse(json.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function checksum(json: Buffer): string {
  return crc32(json).toString(16).padStart(8, '0');
}
