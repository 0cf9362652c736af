import { z } from 'zod';
import { METERS } from './events.ts';
import { findHour, firstHourShown, spansOf } from './evidence-hours.ts';
import { CHAIN_COUNTS, CHAIN_START, chainHash, type ChainedReport, isChainHash } from './report-chain.ts';

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
  reports: readonly EvidenceReport[];
}

export type ReadEvidence = { state: 'GOOD'; evidence: UsageEvidence } | { state: 'MALFORMED'; /** From 1. */ line: number; reason: string };

/** A line behind the first, by the name that says its kind; in the file the kinds follow one another in this order. */
const LINES = {
  adjustment: z.strictObject({ adjustment: evidenceAdjustmentSchema }),
  hour: evidenceHourSchema,
  report: z.strictObject({ report: evidenceReportSchema }),
  end: z.strictObject({ end: z.literal(true), hours: count, reports: count }),
} as const;
const LINE_KINDS = ['adjustment', 'hour', 'report', 'end'] as const;
type Line = z.infer<(typeof LINES)[(typeof LINE_KINDS)[number]]>;

/** JSON Lines: the header, adjustments, hours, reports, and a last line with their numbers, by which a file that was cut off is known. */
export function writeUsageEvidence({ header, adjustments, hours, reports }: UsageEvidence): string {
  const lines = [header, ...adjustments.map((adjustment) => ({ adjustment })), ...hours, ...reports.map((report) => ({ report })), { end: true, hours: hours.length, reports: reports.length }];
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
  const { adjustments, hours, reports } = read;
  return { state: 'GOOD', evidence: { header: header.value, adjustments, hours, reports } };
}

/** What the lines said so far; each kind only where it may stand. */
class EvidenceLines {
  readonly adjustments: EvidenceAdjustment[] = [];
  readonly hours: EvidenceHour[] = [];
  readonly reports: EvidenceReport[] = [];
  isEnded = false;

  /** @returns why the line cannot stand here; null when it was taken. */
  take(line: Line): string | null {
    if (this.isEnded) return 'something stands behind the last line';
    if ('end' in line) return this.end(line);
    if ('report' in line) this.reports.push(line.report);
    else if (this.reports.length > 0) return 'it stands behind the reports';
    else if ('hour' in line) this.hours.push(line);
    else if (this.hours.length > 0) return 'it stands behind the hours';
    else this.adjustments.push(line.adjustment);
    return null;
  }

  private end({ hours, reports }: { hours: number; reports: number }): string | null {
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

/**
 * Works everything out anew that follows from the file itself: each hour's own value from the reports, what was measured
 * from the hours, what was billed from that and the adjustments, and whether the reports are one chain. Nothing found says
 * that the file agrees with itself. Hours before the first report that it shows are REPORTS_NOT_SHOWN: the control plane
 * deletes old reports and keeps what they came to. Whether its reports are those that were sent only the archive of
 * who sent them says.
 * @param notShown those of the deleted ones that are known from elsewhere: they count as if they were shown.
 */
export function checkUsageEvidence({ header, adjustments, hours, reports }: UsageEvidence, notShown: readonly EvidenceReport[] = []): Finding[] {
  const { meter, kind } = header;
  const findings: Finding[] = [];
  const compare = (code: Finding['code'], what: string, said: number, found: number): void => void (said !== found && findings.push({ code, message: `${what}: the file says ${said}, it comes to ${found}.` }));
  if (kind !== METER_COUNTS[meter].kind) findings.push({ code: 'KIND_WRONG', message: `${meter} is a ${METER_COUNTS[meter].kind}, not a ${kind}.` });
  const isGauge = METER_COUNTS[meter].kind === 'gauge';
  const merge = isGauge ? Math.max : addCounts;
  const spans = spansOf(header, hours);
  const shown = hours.map(() => ({ value: 0, reports: 0 }));
  for (const { intervalEnd, counts } of [...notShown, ...reports]) {
    const so = shown[findHour(spans, Date.parse(intervalEnd))];
    if (so === undefined) findings.push({ code: 'REPORT_OUTSIDE_HOURS', message: `A report that ends at ${intervalEnd} is in none of the hours.` });
    else Object.assign(so, { value: merge(so.value, meterValueOf(meter, counts)), reports: so.reports + 1 });
  }
  const firstShown = firstHourShown(spans, reports);
  for (const [index, { hour, own, total, reports: counted }] of hours.entries()) {
    const { value = 0, reports: found = 0 } = shown[index] ?? {};
    const problem = spans[index]?.problem ?? null;
    if (problem !== null) findings.push({ code: problem, message: `The hour ${hour} ${problem === 'HOUR_OUTSIDE_PERIOD' ? 'is not of the period' : 'is not before the one that follows it'}.` });
    if (counted > 0 && found === 0 && index < firstShown) {
      findings.push({ code: 'REPORTS_NOT_SHOWN', message: `The ${counted} reports of the hour ${hour} are not in the file, which shows none before: the control plane keeps them for some time only.` });
    } else {
      compare('HOUR_REPORTS_DIFFER', `Reports of the hour ${hour}`, counted, found);
      compare('OWN_DIFFERS', `This instance's value of the hour ${hour}`, own, value);
    }
    if (own > total) findings.push({ code: 'OWN_ABOVE_TOTAL', message: `In the hour ${hour} this instance alone has ${own}, all together ${total}.` });
  }
  compare('MEASURED_DIFFERS', `The ${isGauge ? 'highest' : 'sum'} of the hours`, header.measured, hours.reduce((all, { total }) => merge(all, total), 0));
  compare('ADJUSTED_DIFFERS', 'The sum of the adjustments', header.adjusted, adjustments.reduce((sum, { quantity }) => sum + quantity, 0));
  compare('QUANTITY_DIFFERS', 'The quantity', header.quantity, Math.max(0, addCounts(header.measured, header.adjusted)));
  findings.push(...checkChain([...notShown, ...reports]));
  return findings;
}

/** Each report names the hash of the one numbered before it, as far as both are in the file. A chain may begin behind a report without a hash: the agent was older. */
function checkChain(reports: readonly EvidenceReport[]): Finding[] {
  const bySequence = new Map<number, EvidenceReport[]>();
  for (const report of reports) {
    if (report.sequence !== null) bySequence.set(report.sequence, [...(bySequence.get(report.sequence) ?? []), report]);
  }
  const findings: Finding[] = [];
  for (const [sequence, same] of bySequence) {
    if (same.length > 1) findings.push({ code: 'SEQUENCE_TWICE', message: `${same.length} reports have the number ${sequence}: of two agents under one name, or of one whose spool was lost.` });
    const before = bySequence.get(sequence - 1);
    if (before === undefined) continue;
    const expected = new Set(before.map((report) => (report.previousHash === null ? null : chainHash(toChained(report, sequence - 1, report.previousHash)))));
    const follows = ({ previousHash }: EvidenceReport): boolean => expected.has(previousHash) || (expected.has(null) && previousHash === CHAIN_START) || (sequence === 1 && previousHash === CHAIN_START);
    if (!same.every(follows)) findings.push({ code: 'CHAIN_BROKEN', message: `Report ${sequence} does not carry the hash of report ${sequence - 1}: one of the two is not as it was sent.` });
  }
  return findings;
}

function toChained({ intervalStart, intervalEnd, counts }: EvidenceReport, sequence: number, previousHash: string): ChainedReport {
  return { sequence, startMs: Date.parse(intervalStart), endMs: Date.parse(intervalEnd), counts, previousHash };
}
