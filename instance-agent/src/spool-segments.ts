import { join } from 'node:path';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { Log } from './log.ts';
import type { SpoolDisk, SpoolFile } from './spool-disk.ts';
import { encodeRecord, readSegment, type SpoolRecord, type SpoolState } from './spool-record.ts';
import { SpoolView } from './spool-state.ts';
import type { UsageReport } from './usage.ts';

const SEGMENT_NAME = /^spool-(\d{12})\.log$/;

interface Segment {
  number: number;
  /** Up to the end of its last whole record. */
  bytes: number;
  /** The newest report in it that counts; 0 where there is none. */
  lastSequence: number;
  /** Whether it is a rewrite's. */
  isRewrite: boolean;
}

/** What the files say. */
export interface SpoolReading {
  view: SpoolView;
  /** Whether the last segment has records that do not read. */
  isDamaged: boolean;
  /** Whether segments are still there that a rewrite replaced. */
  isReplaced: boolean;
}

/**
 * The spool's files: records are appended to the last, each segment begins with the whole state, and goes when all its
 * reports and all before it are settled. A rewrite puts the reports anew into segments that count from the moment the
 * state of the segment behind them is on disk; only then the old ones go. What failed to be written is cut off or removed
 * before anything else is written.
 */
export class SpoolSegments {
  private segments: Segment[] = [];
  private active: SpoolFile | null = null;
  private snapshotBytes = 0;

  constructor(private readonly folder: string, private readonly disk: SpoolDisk, private readonly log: Log, private readonly segmentBytes: number) {}

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get isOpen(): boolean {
    return this.active !== null;
  }

  /** The reports that stand first in their segments, by sequence. */
  get firstSequences(): ReadonlySet<number> {
    return new Set(this.segments.map(({ lastSequence }) => lastSequence + 1));
  }

  get isLastFull(): boolean {
    return (this.segments.at(-1)?.bytes ?? 0) >= this.segmentBytes + this.snapshotBytes;
  }

  /** Reads everything; writes nothing. */
  async read(): Promise<SpoolReading> {
    await this.leave();
    const view = new SpoolView();
    const segments: Segment[] = [];
    let damaged = 0;
    let isReplaced = false;
    for (const number of await this.listNumbers()) {
      const segment = readSegment(await this.disk.read(this.pathOf(number)));
      damaged = segment.damaged;
      if (damaged > 0) this.log.error({ segment: number, damaged }, 'The spool has damaged records: what they said is lost');
      segments.push({ number, bytes: segment.wholeBytes, lastSequence: 0, isRewrite: false });
      isReplaced = takeSegment(view, segments, segment.records) || isReplaced;
    }
    dropUnfinished(view, segments);
    this.segments = segments;
    this.snapshotBytes = encodeRecord({ kind: 'state', state: view.state }).length;
    return { view, isDamaged: damaged > 0, isReplaced };
  }

  /**
   * Opens the last segment at the end of its last good record, rid of all that stands behind it.
   * @returns false when the files are not those that were written: they are to be read anew.
   */
  async reopen(state: SpoolState): Promise<boolean> {
    const last = this.segments.at(-1);
    await this.removeBehind(last?.number ?? 0);
    if (last === undefined) {
      await this.rotate(state);
      return true;
    }
    const file = await this.openLast(last);
    if (file === null) return false;
    this.active = file;
    return true;
  }

  /** Appends and fsyncs. After a failure the spool is closed until `reopen`, because a failed fsync says nothing about what reached the disk. */
  async append(record: SpoolRecord): Promise<void> {
    const file = this.active;
    const segment = this.segments.at(-1);
    if (file === null || segment === undefined) throw new Error('The spool has no open segment');
    const line = encodeRecord(record);
    try {
      await file.append(line);
      await failpoint('agent.report-written');
      await file.sync();
      await failpoint('agent.report-synced');
    } catch (error) {
      await file.truncate(segment.bytes).catch(() => undefined);
      await this.leave();
      throw error;
    }
    segment.bytes += line.length;
    if (record.kind === 'report') segment.lastSequence = record.report.sequence;
  }

  /** Goes on in a new segment. */
  async rotate(state: SpoolState): Promise<void> {
    const number = (this.segments.at(-1)?.number ?? 0) + 1;
    const head = encodeRecord({ kind: 'state', state });
    const file = await this.createFile(number, [head]);
    await this.leave();
    this.active = file;
    this.segments.push({ number, bytes: head.length, lastSequence: 0, isRewrite: false });
    this.snapshotBytes = head.length;
  }

  /** Puts these reports and this state in the place of everything. After a failure the old ones are as they were. */
  async rewrite(state: SpoolState, reports: readonly UsageReport[]): Promise<void> {
    const old = this.segments;
    const staged: Segment[] = [];
    try {
      for (let from = 0; from < reports.length; ) {
        const part = takePart(reports, from, staged.length + 1, this.segmentBytes);
        const number = (staged.at(-1) ?? old.at(-1))?.number ?? 0;
        const file = await this.createFile(number + 1, part.lines);
        await file.close();
        staged.push({ number: number + 1, bytes: part.bytes, lastSequence: part.lastSequence, isRewrite: true });
        from = part.end;
      }
      this.segments = [...old, ...staged];
      await this.rotate(state);
    } catch (error) {
      this.segments = old;
      await this.leave();
      await this.removeBehind(old.at(-1)?.number ?? 0).catch(() => undefined);
      throw error;
    }
    for (const segment of old) segment.lastSequence = 0;
  }

  /** Removes the segments at the front that hold nothing any more, the oldest first: what a rewrite replaced must go before the rewrite itself. */
  async removeSettled(settledThrough: number): Promise<void> {
    let removed = 0;
    try {
      for (const segment of this.segments.slice(0, -1)) {
        if (segment.lastSequence > settledThrough) break;
        await this.disk.remove(this.pathOf(segment.number));
        removed += 1;
      }
    } finally {
      this.segments = this.segments.slice(removed);
    }
    if (removed > 0) await this.disk.syncFolder(this.folder);
  }

  /** Closes the file; nothing can be appended until `reopen`. */
  async leave(): Promise<void> {
    const file = this.active;
    this.active = null;
    await file?.close().catch(() => undefined);
  }

  /** A new segment with these lines, durable under its name. */
  private async createFile(number: number, lines: readonly Buffer[]): Promise<SpoolFile> {
    const path = this.pathOf(number);
    const file = await this.disk.open(path, true);
    try {
      await file.append(Buffer.concat(lines));
      await file.sync();
      await this.disk.syncFolder(this.folder);
      return file;
    } catch (error) {
      await file.close().catch(() => undefined);
      await this.disk.remove(path).catch(() => undefined);
      await this.leave();
      throw error;
    }
  }

  private async openLast(last: Segment): Promise<SpoolFile | null> {
    const file = await this.disk.open(this.pathOf(last.number), false);
    try {
      const size = await file.size();
      if (size > last.bytes) {
        this.log.warn({ segment: last.number, bytes: size - last.bytes }, 'A record that was not written to its end was removed from the spool');
        await file.truncate(last.bytes);
      }
      if (size >= last.bytes) {
        // What was read may be in the system's memory only: what is built on it must not be the more durable of the two.
        await file.sync();
        await this.disk.syncFolder(this.folder);
        return file;
      }
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    await file.close();
    return null;
  }

  /** What stands behind the last segment never came to count. The newest goes first: an unfinished rewrite must not find the record that would finish it. */
  private async removeBehind(last: number): Promise<void> {
    for (const number of (await this.listNumbers()).toReversed()) {
      if (number <= last) return;
      await this.disk.remove(this.pathOf(number));
      await this.disk.syncFolder(this.folder);
    }
  }

  private async listNumbers(): Promise<number[]> {
    const names = await this.disk.list(this.folder);
    return names.flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  }

  private pathOf(number: number): string {
    return join(this.folder, `spool-${String(number).padStart(12, '0')}.log`);
  }
}

/** Takes a segment's records into the view; whether they finish a rewrite that replaced segments which are still there. */
function takeSegment(view: SpoolView, segments: readonly Segment[], records: readonly SpoolRecord[]): boolean {
  const segment = segments.at(-1);
  let lastReplaced = -1;
  if (segment === undefined) return false;
  for (const record of records) {
    const wasRewriting = view.isRewriting;
    view.take(record);
    if (record.kind === 'report' || record.kind === 'rewritten') segment.lastSequence = record.report.sequence;
    if (record.kind === 'rewriting' || record.kind === 'rewritten') segment.isRewrite = true;
    if (!wasRewriting || view.isRewriting) continue;
    lastReplaced = segments.slice(0, -1).findLastIndex(({ isRewrite }) => !isRewrite);
    for (const replaced of segments.slice(0, lastReplaced + 1)) replaced.lastSequence = 0;
  }
  return lastReplaced >= 0;
}

/** A crash can leave the beginning of a new segment, or of a rewrite: neither says anything. */
function dropUnfinished(view: SpoolView, segments: Segment[]): void {
  while (segments.at(-1)?.bytes === 0) segments.pop();
  if (!view.isRewriting) return;
  view.dropRewrite();
  while (segments.at(-1)?.isRewrite === true) segments.pop();
}

interface Part {
  lines: Buffer[];
  bytes: number;
  lastSequence: number;
  /** Where the next part begins. */
  end: number;
}

/** As many of the reports as fill a segment. */
function takePart(reports: readonly UsageReport[], from: number, part: number, segmentBytes: number): Part {
  const head = encodeRecord({ kind: 'rewriting', part });
  const result: Part = { lines: [head], bytes: head.length, lastSequence: 0, end: from };
  while (result.end < reports.length && (result.end === from || result.bytes < segmentBytes)) {
    const report = reports[result.end] as UsageReport;
    const line = encodeRecord({ kind: 'rewritten', report });
    result.lines.push(line);
    result.bytes += line.length;
    result.lastSequence = report.sequence;
    result.end += 1;
  }
  return result;
}
