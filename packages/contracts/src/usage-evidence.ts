import { z } from 'zod';
import { METERS } from './events.ts';
import { checkChain, checkDigestChain } from './evidence-chain.ts';
import { countShown, findHour, hoursNotShown, spansOf } from './evidence-hours.ts';
import { CHAIN_COUNTS, isChainHash } from './report-chain.ts';
import { addDigestCounts, type EvidenceDigest, evidenceDigestSchema } from './usage-digest.ts';

export const EVIDENCE_FORMAT = 'iotistic-usage-evidence/1';

const instant = z.iso.datetime();
const whole = z.int();
const count = whole.nonnegative();

/** The first line: whose usage of what and when, and what it came to. */
export const evidenceHeaderSchema = z.strictObject({
  format: z.literal(EVIDENCE_FORMAT),
  customerId: z.string(),
  /** The instance's name: hours and reports are of it, totals of all instances of the customer. */
  instance: z.string(),
  meter: z.enum(METERS),
  kind: z.enum(['counter', 'gauge']),
  periodStart: instant,
  periodEnd: instant,
  /** From when on usage counts: earlier than the period's start in a customer's first. */
  countsFrom: instant,
  /** What is billed: measured and adjusted, not below 0. In the meter's own unit. */
  quantity: count,
  /** Of a counter the sum, of a gauge the highest of the hours' totals. */
  measured: count,
  /** The sum of the adjustments. */
  adjusted: whole,
  exportedAt: instant,
});
export type EvidenceHeader = z.infer<typeof evidenceHeaderSchema>;

/** A correction that an operator signed off: it is added, nothing is replaced. */
export const evidenceAdjustmentSchema = z.strictObject({ id: z.string(), quantity: whole, reason: z.string(), signedOffBy: z.string(), signedOffAt: instant });
export type EvidenceAdjustment = z.infer<typeof evidenceAdjustmentSchema>;

export const evidenceHourSchema = z.strictObject({
  /** Its start: of a full hour, or of a billing period that begins within one. It reaches to the next full hour, or to the next start. */
  hour: instant,
  /** The customer's value in that hour: the sum over its instances. */
  total: count,
  /** This instance's value. */
  own: count,
  /** How many reports of this instance it was made of. */
  reports: count,
});
export type EvidenceHour = z.infer<typeof evidenceHourSchema>;

/** A report of this instance as it was accepted; sequence and hash are null where it carried none. */
export const evidenceReportSchema = z.strictObject({
  sequence: count.nullable(),
  intervalStart: instant,
  intervalEnd: instant,
  /** In the order of CHAIN_COUNTS. */
  counts: z.array(count).length(CHAIN_COUNTS.length),
  previousHash: z.string().refine(isChainHash, 'is no hash').nullable(),
  /** Whether it came when its period was invoiced already. */
  late: z.boolean(),
});
export type EvidenceReport = z.infer<typeof evidenceReportSchema>;

/** What a meter of one billing period came to, down to the reports of one instance: the customer's side checks it by itself. */
export interface UsageEvidence {
  header: EvidenceHeader;
  adjustments: readonly EvidenceAdjustment[];
  hours: readonly EvidenceHour[];
  /** Of days of which the reports are not kept any more. Absent where there are none. */
  digests?: readonly EvidenceDigest[];
  reports: readonly EvidenceReport[];
}

export type ReadEvidence = { state: 'GOOD'; evidence: UsageEvidence } | { state: 'MALFORMED'; /** From 1. */ line: number; reason: string };

/** A line behind the first, by the name that says its kind; in the file the kinds follow one another in this order. */
const LINES = {
  adjustment: z.strictObject({ adjustment: evidenceAdjustmentSchema }),
  hour: evidenceHourSchema,
  digest: z.strictObject({ digest: evidenceDigestSchema }),
  report: z.strictObject({ report: evidenceReportSchema }),
  end: z.strictObject({ end: z.literal(true), hours: count, digests: count.optional(), reports: count }),
} as const;
const LINE_KINDS = ['adjustment', 'hour', 'digest', 'report', 'end'] as const;
type Line = z.infer<(typeof LINES)[(typeof LINE_KINDS)[number]]>;

/** JSON Lines: the header, adjustments, hours, digests, reports, and a last line with their numbers, by which a file that was cut off is known. */
export function writeUsageEvidence({ header, adjustments, hours, digests = [], reports }: UsageEvidence): string {
  const end = { end: true, hours: hours.length, ...(digests.length > 0 ? { digests: digests.length } : {}), reports: reports.length };
  const lines = [header, ...adjustments.map((adjustment) => ({ adjustment })), ...hours, ...digests.map((digest) => ({ digest })), ...reports.map((report) => ({ report })), end];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Reads such a file; it answers, it does not throw. Whether what it says adds up is for `checkUsageEvidence`. */
export function readUsageEvidence(text: string): ReadEvidence {
  const lines = text.split('\n');
  if (lines.at(-1)?.trim() === '') lines.pop();
  const header = parse(evidenceHeaderSchema, readJson(lines[0] ?? ''));
  if ('reason' in header) return { state: 'MALFORMED', line: 1, reason: header.reason };
  const read = new EvidenceLines();
  for (let index = 1; index < lines.length; index += 1) {
    const line = parseLine(readJson(lines[index] ?? ''));
    const reason = 'reason' in line ? line.reason : read.take(line.value);
    if (reason !== null) return { state: 'MALFORMED', line: index + 1, reason };
  }
  if (!read.isEnded) return { state: 'MALFORMED', line: Math.max(1, lines.length), reason: 'the file was cut off: its last line is missing' };
  const { adjustments, hours, digests, reports } = read;
  return { state: 'GOOD', evidence: { header: header.value, adjustments, hours, ...(digests.length > 0 ? { digests } : {}), reports } };
}

/** What the lines said so far; each kind only where it may stand. */
class EvidenceLines {
  readonly adjustments: EvidenceAdjustment[] = [];
  readonly hours: EvidenceHour[] = [];
  readonly digests: EvidenceDigest[] = [];
  readonly reports: EvidenceReport[] = [];
  isEnded = false;

  /** @returns why the line cannot stand here; null when it was taken. */
  take(line: Line): string | null {
    if (this.isEnded) return 'something stands behind the last line';
    if ('end' in line) return this.end(line);
    if ('report' in line) this.reports.push(line.report);
    else if (this.reports.length > 0) return 'it stands behind the reports';
    else if ('digest' in line) this.digests.push(line.digest);
    else if (this.digests.length > 0) return 'it stands behind the digests';
    else if ('hour' in line) this.hours.push(line);
    else if (this.hours.length > 0) return 'it stands behind the hours';
    else this.adjustments.push(line.adjustment);
    return null;
  }

  private end({ hours, digests = 0, reports }: { hours: number; digests?: number | undefined; reports: number }): string | null {
    if (digests !== this.digests.length) return `it counts ${digests} digests, the file has ${this.digests.length}`;
    if (hours !== this.hours.length || reports !== this.reports.length) return `it counts ${hours} hours and ${reports} reports, the file has ${this.hours.length} and ${this.reports.length}`;
    this.isEnded = true;
    return null;
  }
}

type Parsed<T> = { value: T } | { reason: string };

function parseLine(json: unknown): Parsed<Line> {
  if (typeof json !== 'object' || json === null) return { reason: 'the line is no JSON object' };
  const kind = LINE_KINDS.find((name) => name in json);
  return kind === undefined ? { reason: 'the line is of no known kind' } : parse<Line>(LINES[kind], json);
}

function parse<T>(schema: z.ZodType<T>, json: unknown): Parsed<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { reason: `${path === '' ? 'the line' : path}: ${issue?.message ?? 'is wrong'}` };
}

/** Undefined for what is no JSON: no line of the file is that. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What does not add up. */
export interface Finding {
  code:
    | 'KIND_WRONG'
    | 'HOUR_OUT_OF_ORDER'
    | 'HOUR_OUTSIDE_PERIOD'
    | 'HOUR_REPORTS_DIFFER'
    | 'REPORTS_NOT_SHOWN'
    | 'OWN_DIFFERS'
    | 'OWN_ABOVE_TOTAL'
    | 'REPORT_OUTSIDE_HOURS'
    | 'DIGEST_DIFFERS'
    | 'MEASURED_DIFFERS'
    | 'ADJUSTED_DIFFERS'
    | 'QUANTITY_DIFFERS'
    | 'SEQUENCE_TWICE'
    | 'CHAIN_BROKEN';
  /** A sentence for a person. */
  message: string;
}

type Meter = (typeof METERS)[number];
type CountName = (typeof CHAIN_COUNTS)[number];

/** What a meter is made of: a counter of the sum of these numbers, a gauge of the highest. */
export const METER_COUNTS: Record<Meter, { kind: 'counter' | 'gauge'; counts: readonly CountName[] }> = {
  DEVICES: { kind: 'gauge', counts: ['activeDevices'] },
  MQTT_MESSAGES: { kind: 'counter', counts: ['mqttMessagesPublished', 'mqttMessagesReceived'] },
  MQTT_BYTES: { kind: 'counter', counts: ['mqttBytesSent', 'mqttBytesReceived'] },
  HTTP_BYTES: { kind: 'counter', counts: ['httpBytesSent', 'httpBytesReceived'] },
  API_CALLS: { kind: 'counter', counts: ['httpRequests'] },
  STORAGE_BYTES: { kind: 'gauge', counts: ['storageBytes'] },
};
/** What a report says of a meter. Numbers stay at 2^53 - 1 where they would be more, here and in every sum, as the control plane's do. */
export function meterValueOf(meter: Meter, counts: readonly number[]): number {
  return METER_COUNTS[meter].counts.reduce((sum, name) => addCounts(sum, counts[CHAIN_COUNTS.indexOf(name)] ?? 0), 0);
}

function addCounts(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Reports that are known beside those of the file. */
export interface OtherReports {
  /** What the file's digests prove: as good as reports of the file. */
  proven?: readonly EvidenceReport[];
  /** What was sent for hours of which the file shows no reports, and nothing proves: they may contradict it, and prove nothing. */
  assumed?: readonly EvidenceReport[];
}

/**
 * Works everything out anew that follows from the file itself: each hour's own value from the reports, what was measured
 * from the hours, what was billed from that and the adjustments, whether digests are what their hours came to, and whether
 * the reports are one chain. Nothing found says that the file agrees with itself. Hours of which nothing shows the reports
 * are REPORTS_NOT_SHOWN: not proven. Whether its reports are those that were sent only the archive of who sent them says.
 */
export function checkUsageEvidence(evidence: UsageEvidence, { proven = [], assumed = [] }: OtherReports = {}): Finding[] {
  const { header, adjustments, hours, digests = [], reports } = evidence;
  const { meter, kind } = header;
  const findings: Finding[] = [];
  const compare = (code: Finding['code'], what: string, said: number, found: number): void => void (said !== found && findings.push({ code, message: `${what}: the file says ${said}, it comes to ${found}.` }));
  if (kind !== METER_COUNTS[meter].kind) findings.push({ code: 'KIND_WRONG', message: `${meter} is a ${METER_COUNTS[meter].kind}, not a ${kind}.` });
  const isGauge = METER_COUNTS[meter].kind === 'gauge';
  const merge = isGauge ? Math.max : addCounts;
  const spans = spansOf(header, hours);
  const values = hours.map(() => 0);
  for (const { intervalEnd, counts } of [...proven, ...assumed, ...reports]) {
    const index = findHour(spans, Date.parse(intervalEnd));
    if (index < 0) findings.push({ code: 'REPORT_OUTSIDE_HOURS', message: `A report that ends at ${intervalEnd} is in none of the hours.` });
    else values[index] = merge(values[index] ?? 0, meterValueOf(meter, counts));
  }
  const shown = countShown(spans, [...proven, ...reports]);
  const known = countShown(spans, [...proven, ...assumed, ...reports]);
  const notShown = hoursNotShown(evidence, shown);
  for (const [index, { hour, own, total, reports: counted }] of hours.entries()) {
    const [value = 0, all = 0, problem = null] = [values[index], known[index], spans[index]?.problem];
    if (problem !== null) findings.push({ code: problem, message: `The hour ${hour} ${problem === 'HOUR_OUTSIDE_PERIOD' ? 'is not of the period' : 'is not before the one that follows it'}.` });
    if (notShown[index] === true) findings.push({ code: 'REPORTS_NOT_SHOWN', message: `Of the ${counted} reports of the hour ${hour} nothing proves ${counted - (shown[index] ?? 0)}: neither the file nor a digest and the archive together.` });
    if (notShown[index] !== true || all >= counted) {
      compare('HOUR_REPORTS_DIFFER', `Reports of the hour ${hour}`, counted, all);
      compare('OWN_DIFFERS', `This instance's value of the hour ${hour}`, own, value);
    } else if (value > own) compare('OWN_DIFFERS', `This instance's value of the hour ${hour}, of those reports that are known,`, own, value);
    if (own > total) findings.push({ code: 'OWN_ABOVE_TOTAL', message: `In the hour ${hour} this instance alone has ${own}, all together ${total}.` });
  }
  compare('MEASURED_DIFFERS', `The ${isGauge ? 'highest' : 'sum'} of the hours`, header.measured, hours.reduce((all, { total }) => merge(all, total), 0));
  compare('ADJUSTED_DIFFERS', 'The sum of the adjustments', header.adjusted, adjustments.reduce((sum, { quantity }) => sum + quantity, 0));
  compare('QUANTITY_DIFFERS', 'The quantity', header.quantity, Math.max(0, addCounts(header.measured, header.adjusted)));
  return [...findings, ...checkDigests(evidence), ...checkChain([...proven, ...assumed, ...reports]), ...checkDigestChain(digests)];
}

/** A day's digests and those of its reports that are shown come to what its hours say, as far as these have no more reports. */
function checkDigests({ header, hours, digests = [], reports }: UsageEvidence): Finding[] {
  const isGauge = METER_COUNTS[header.meter].kind === 'gauge';
  const merge = isGauge ? Math.max : addCounts;
  const days = new Map<string, EvidenceDigest[]>();
  for (const digest of digests) days.set(`${digest.from} ${digest.through}`, [...(days.get(`${digest.from} ${digest.through}`) ?? []), digest]);
  const findings: Finding[] = [];
  for (const parts of days.values()) {
    const [{ from, through }] = parts as [EvidenceDigest];
    const [fromMs, throughMs] = [Date.parse(from), Date.parse(through)];
    // A period that was named when the day was digested already may begin within it: then its hours are not the day's.
    if (fromMs < Date.parse(header.countsFrom) || throughMs > Date.parse(header.periodEnd)) continue;
    const ofDay = hours.filter(({ hour }) => Date.parse(hour) >= fromMs && Date.parse(hour) < throughMs);
    const shown = reports.filter(({ intervalEnd }) => Date.parse(intervalEnd) > fromMs && Date.parse(intervalEnd) <= throughMs);
    const counted = ofDay.reduce((sum, hour) => sum + hour.reports, 0);
    const covered = parts.reduce((sum, digest) => sum + digest.reports, shown.length);
    const own = ofDay.reduce((all, hour) => merge(all, hour.own), 0);
    const value = meterValueOf(header.meter, addDigestCounts([...parts, ...shown]));
    if (covered > counted || (covered === counted ? value !== own : value > own)) findings.push({ code: 'DIGEST_DIFFERS', message: `The hours from ${from} to ${through} have ${counted} reports and come to ${own}; their digest says ${covered} and ${value}.` });
  }
  return findings;
}
