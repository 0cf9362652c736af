import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, truncate, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './durable-file.ts';
import type { Log } from './log.ts';
import { Serial } from './serial.ts';
import { EMPTY_STATE, encodeRecord, readSegment, type BaselineChanges, type SpoolRecord, type SpoolState } from './spool-record.ts';
import { applyRecord } from './spool-state.ts';
import { addUsage, COUNTERS, GAUGES, type Counters, type Gauges, type UsageReport } from './usage.ts';

const SEGMENT_BYTES = 1024 * 1024;
const WARNING_BYTES = 64 * 1024 * 1024;
const SEGMENT_NAME = /^spool-(\d{12})\.log$/;

interface Segment {
  number: number;
  bytes: number;
  /** The newest report in it; 0 where there is none. */
  lastSequence: number;
}

/** What one collection found. */
export interface Collected {
  gauges: Gauges;
  counters: Counters;
  baselines: BaselineChanges;
}

/**
 * Every report is in here, fsynced, before it is sent, and leaves only with its verdict. An append-only log in segments:
 * a report and the counter values that it was computed from are one record, so that a crash keeps both or neither. Each
 * segment begins with the whole state; a segment goes when all its reports, and all before it, are settled.
 */
export class Spool {
  private state: SpoolState = EMPTY_STATE;
  private waiting: UsageReport[] = [];
  private segments: Segment[] = [];
  private active: FileHandle | null = null;
  private snapshotBytes = 0;
  private closed = false;
  private warned = false;
  private readonly writes = new Serial();

  private constructor(private readonly folder: string, private readonly log: Log, private readonly segmentBytes: number) {}

  static async open(folder: string, log: Log, options: { segmentBytes?: number } = {}): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const spool = new Spool(folder, log, options.segmentBytes ?? SEGMENT_BYTES);
    await spool.load();
    return spool;
  }

  get baselines(): SpoolState['baselines'] {
    return this.state.baselines;
  }

  /** Where the next report's interval begins; null before the first. */
  get intervalEnd(): Date | null {
    return this.state.intervalEnd === null ? null : new Date(this.state.intervalEnd);
  }

  /** Whether the product itself said anything: gauges to be repeated, or counters that no report took yet. */
  get hasRecorded(): boolean {
    return Object.keys(this.state.recorded.gauges).length > 0 || Object.keys(this.state.recorded.counters).length > 0;
  }

  get lastSequence(): number {
    return this.state.sequence;
  }

  get pendingCount(): number {
    return this.waiting.length;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Whether it can be written to; a failed write is repaired at the next one. */
  get healthy(): boolean {
    return this.active !== null;
  }

  /** The oldest reports without a verdict. */
  pending(limit: number): readonly UsageReport[] {
    return this.waiting.slice(0, limit);
  }

  /** Makes the next report of what was collected and what the product recorded; on disk when it resolves. */
  async append(collected: Collected, interval: { start: Date; end: Date }): Promise<UsageReport> {
    return this.writes.run(async () => {
      await this.repair();
      const recorded = this.state.recorded;
      const zero = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, 0])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;
      const report: UsageReport = {
        reportId: randomUUID(),
        sequence: this.state.sequence + 1,
        intervalStart: interval.start.toISOString(),
        intervalEnd: interval.end.toISOString(),
        ...zero,
        ...addUsage(GAUGES, collected.gauges, recorded.gauges),
        ...addUsage(COUNTERS, collected.counters, recorded.counters),
      };
      await this.write({ kind: 'report', report, baselines: collected.baselines });
      return report;
    });
  }

  /** Keeps what the product says of itself: gauges stay until replaced, counters add to the next report. On disk when it resolves. */
  async record(gauges: Gauges, counters: Counters): Promise<void> {
    await this.writes.run(async () => {
      await this.repair();
      await this.write({ kind: 'recorded', gauges, counters });
    });
  }

  /** Every report up to this sequence has its verdict and may go; `returned` are counters that the next report is to carry. */
  async settle(through: number, returned: Counters = {}): Promise<void> {
    await this.writes.run(async () => {
      await this.repair();
      await this.write({ kind: 'settled', through, returned });
      await this.removeSettledSegments();
    });
  }

  /** After a failed write: tries whether it works again, without waiting for the next report. */
  async mend(): Promise<void> {
    if (!this.healthy) await this.record({}, {});
  }

  async close(): Promise<void> {
    await this.writes.run(async () => {
      this.closed = true;
      await this.active?.close();
      this.active = null;
    });
  }

  private async write(record: SpoolRecord): Promise<void> {
    if ((this.segments.at(-1)?.bytes ?? 0) >= this.segmentBytes + this.snapshotBytes) await this.rotate();
    await this.writeLine(record);
    this.take(record);
  }

  /** Takes a record that is on disk into memory. */
  private take(record: SpoolRecord): void {
    this.state = applyRecord(this.state, record);
    if (record.kind === 'settled') {
      const settled = this.waiting.findIndex((report) => report.sequence > record.through);
      this.waiting.splice(0, settled < 0 ? this.waiting.length : settled);
    }
    if (record.kind !== 'report') return;
    this.waiting.push(record.report);
    const segment = this.segments.at(-1);
    if (segment !== undefined) segment.lastSequence = record.report.sequence;
  }

  /**
   * Appends and fsyncs. After a failure nothing is taken for written: the file is cut back as far as the disk lets us, and
   * the next write reads the spool anew, because a failed fsync says nothing about what reached the disk.
   */
  private async writeLine(record: SpoolRecord): Promise<void> {
    const handle = this.active;
    const segment = this.segments.at(-1);
    if (handle === null || segment === undefined) throw new Error('The spool has no open segment');
    const line = encodeRecord(record);
    try {
      await handle.appendFile(line);
      await handle.sync();
      segment.bytes += line.length;
    } catch (error) {
      this.active = null;
      await handle.truncate(segment.bytes).catch(() => undefined);
      await handle.close().catch(() => undefined);
      throw error;
    }
    this.warnWhenLarge();
  }

  private async repair(): Promise<void> {
    if (this.closed) throw new Error('The spool is closed');
    if (this.active === null) await this.load();
  }

  private async rotate(): Promise<void> {
    const number = (this.segments.at(-1)?.number ?? 0) + 1;
    await this.active?.close();
    this.active = null;
    this.active = await open(this.pathOf(number), 'a', 0o600);
    this.segments.push({ number, bytes: 0, lastSequence: 0 });
    await this.writeLine({ kind: 'state', state: this.state });
    this.snapshotBytes = this.segments.at(-1)?.bytes ?? 0;
    await syncFolder(this.folder);
  }

  private async removeSettledSegments(): Promise<void> {
    let removed = 0;
    for (const segment of this.segments.slice(0, -1)) {
      if (segment.lastSequence > this.state.settledThrough) break;
      await unlink(this.pathOf(segment.number));
      removed += 1;
    }
    this.segments.splice(0, removed);
    if (removed > 0) await syncFolder(this.folder);
  }

  /** Reads all segments, cuts off a torn tail and opens the last for writing. */
  private async load(): Promise<void> {
    this.state = EMPTY_STATE;
    this.waiting = [];
    this.segments = [];
    const names = (await readdir(this.folder)).flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []).map(Number);
    let damaged = 0;
    for (const number of names.sort((a, b) => a - b)) damaged = await this.loadSegment(number);
    this.waiting = this.waiting.filter((report) => report.sequence > this.state.settledThrough);
    this.snapshotBytes = encodeRecord({ kind: 'state', state: this.state }).length;
    const last = this.segments.at(-1);
    if (last === undefined || damaged > 0 || last.bytes === 0) await this.rotate();
    else this.active = await open(this.pathOf(last.number), 'a', 0o600);
  }

  private async loadSegment(number: number): Promise<number> {
    const path = this.pathOf(number);
    const bytes = await readFile(path);
    const { records, wholeBytes, damaged } = readSegment(bytes);
    this.segments.push({ number, bytes: wholeBytes, lastSequence: 0 });
    for (const record of records) this.take(record);
    if (damaged > 0) this.log.error({ segment: number, damaged }, 'The spool has damaged records: what they said is lost');
    if (wholeBytes < bytes.length) {
      this.log.warn({ segment: number, bytes: bytes.length - wholeBytes }, 'A record that a crash cut off was removed from the spool');
      await truncate(path, wholeBytes);
    }
    return damaged;
  }

  private warnWhenLarge(): void {
    const large = this.bytes > WARNING_BYTES;
    if (large && !this.warned) this.log.warn({ bytes: this.bytes, pending: this.waiting.length }, 'The spool is larger than 64 MiB: reports wait for their verdict');
    this.warned = large;
  }

  private pathOf(number: number): string {
    return join(this.folder, `spool-${String(number).padStart(12, '0')}.log`);
  }
}
