import { hash } from 'node:crypto';
import { decodeBase32, encodeBase32, isId } from '@iotistic/contracts/ids';

/** The numbers of a report, in the order in which they are stored. Gauges as of the interval's end, the rest over its length. */
export const COUNTS = [
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
export type CountName = (typeof COUNTS)[number];

/** A report as it came in: nothing is checked yet. A number that is missing counts as 0. */
export type ReportInput = {
  readonly reportId: string;
  readonly sequence?: number | null | undefined;
  readonly previousHash?: string | null | undefined;
  readonly intervalStart: Date;
  readonly intervalEnd: Date;
} & { readonly [Name in CountName]?: number | null | undefined };

/** A report whose every value was checked. */
export interface Report {
  reportId: string;
  /** The idempotency key: the reportId itself where it is a UUID. */
  uuid: string;
  /** Of all that was measured: two reports with one key and two digests contradict one another. */
  digest: number;
  sequence: number | null;
  /** Of the report before it, as the instance says (docs/agent-protocol.md): 32 hex digits. */
  previousHash: string | null;
  startMs: number;
  endMs: number;
  /** In the order of COUNTS. */
  counts: readonly number[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DIGEST_BYTES = 6;
const TIME_BYTES = 6;
const KEY_BYTES = 9;
/** Of the id that is being made. */
const idBytes = new Uint8Array(TIME_BYTES + KEY_BYTES);

/** In the order of COUNTS. Named one by one: it runs for every report there is, and a property whose name is worked out is looked up slowly. */
export function countsOf(input: ReportInput): number[] {
  return [
    input.activeDevices ?? 0,
    input.totalDevices ?? 0,
    input.mqttMessagesPublished ?? 0,
    input.mqttMessagesReceived ?? 0,
    input.mqttBytesSent ?? 0,
    input.mqttBytesReceived ?? 0,
    input.httpRequests ?? 0,
    input.httpBytesSent ?? 0,
    input.httpBytesReceived ?? 0,
    input.storageBytes ?? 0,
    input.storageRows ?? 0,
  ];
}

/** The report of a checked input. */
export function toReport(input: ReportInput): Report {
  const sequence = input.sequence ?? null;
  const startMs = input.intervalStart.getTime();
  const endMs = input.intervalEnd.getTime();
  const counts = countsOf(input);
  return { reportId: input.reportId, uuid: reportUuid(input.reportId), digest: digestOf(sequence, startMs, endMs, counts), sequence, previousHash: input.previousHash ?? null, startMs, endMs, counts };
}

/** The key that a report is known by for ever: a UUID is its own (its time-ordered kinds keep the index local), any other text is hashed. */
export function reportUuid(reportId: string): string {
  if (UUID.test(reportId)) return reportId.toLowerCase();
  const hex = hash('sha256', reportId, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** 48 bits, so that it is a number in JavaScript and in PostgreSQL alike. */
function digestOf(sequence: number | null, startMs: number, endMs: number, counts: readonly number[]): number {
  // A text of bytes: several times as fast as making a buffer of them, or hex digits.
  const bytes = hash('sha256', `${sequence ?? ''}|${startMs}|${endMs}|${counts.join()}`, 'binary');
  let digest = 0;
  for (let index = 0; index < DIGEST_BYTES; index += 1) digest = digest * 256 + bytes.charCodeAt(index);
  return digest;
}

/**
 * The report's id: 48 bits of its interval's end in milliseconds, then a hash of whose it is. So ids sort by time, one that
 * is looked up says which partition it is in, and the same report has the same id whoever works it out.
 */
export function reportIdOf(instanceId: string, report: Pick<Report, 'uuid' | 'endMs'>): string {
  let time = report.endMs;
  for (let index = TIME_BYTES - 1; index >= 0; index -= 1) {
    idBytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  const key = hash('sha256', `${instanceId}|${report.uuid}`, 'binary');
  for (let index = 0; index < KEY_BYTES; index += 1) idBytes[TIME_BYTES + index] = key.charCodeAt(index);
  return `rept_${encodeBase32(idBytes)}`;
}

/** When the report's interval ended, in milliseconds; null for a text that is no report's id. */
export function endMsOfReportId(id: string): number | null {
  const bytes = isId('rept', id) ? decodeBase32(id.slice('rept_'.length)) : null;
  return bytes === null ? null : Buffer.from(bytes).readUIntBE(0, TIME_BYTES);
}
