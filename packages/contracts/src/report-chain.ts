import { createHash } from 'node:crypto';

/** The numbers of a report, in the order in which they are hashed: for ever the same, whatever a report may come to say besides. */
export const CHAIN_COUNTS = [
  'activeDevices',
  'totalDevices',
  'mqttMessagesPublished',
  'mqttMessagesReceived',
  'mqttBytesSent',
  'mqttBytesReceived',
  'httpRequests',
  'httpBytesSent',
  'httpBytesReceived',
  'storageBytes',
  'storageRows',
] as const;

/** Before the first report of a chain: of a new spool, or of one that was lost. */
export const CHAIN_START = '0'.repeat(32);

const CHAIN_HASH = /^[0-9a-f]{32}$/;
/** 128 bit. */
const HASH_DIGITS = 32;

/** What of a report is chained: all that its amount on an invoice depends on, and its place among the others. */
export interface ChainedReport {
  /** Its place: so that none can be taken out, put in or moved. */
  sequence: number;
  /** When, in milliseconds since 1970: which hour, and with it which invoice, it counts in. */
  startMs: number;
  endMs: number;
  /** How much, in the order of CHAIN_COUNTS. */
  counts: readonly number[];
  /** The hash of the report before it, so that one hash says all that was ever reported; CHAIN_START for the first. */
  previousHash: string;
}

/**
 * What the next report carries as `previousHash`: the first 32 hex digits of SHA-256 over `iotistic-report/1`, sequence,
 * start, end, counts (joined by commas) and the hash before, joined by `|`. Of 256 bits 128 are kept: to find another report
 * with the same hash takes 2^128 attempts, to make two of one's own that share one 2^64, and who could do that could as well
 * have reported other numbers; half as many bytes are stored with each report. The reportId is not in it: it names a
 * delivery, and decides nothing on an invoice.
 */
export function chainHash({ sequence, startMs, endMs, counts, previousHash }: ChainedReport): string {
  return createHash('sha256').update(`iotistic-report/1|${sequence}|${startMs}|${endMs}|${counts.join()}|${previousHash}`).digest('hex').slice(0, HASH_DIGITS);
}

/** Whether the text has the form of such a hash; says nothing of whether it is the right one. */
export function isChainHash(text: string): boolean {
  return CHAIN_HASH.test(text);
}
