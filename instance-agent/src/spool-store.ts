import { CHAIN_START } from '@iotistic/contracts/report-chain';
import type { Log } from './log.ts';
import { linkReports } from './spool-chain.ts';
import type { SpoolDisk } from './spool-disk.ts';
import { isFull } from './spool-error.ts';
import { mergeOldest } from './spool-merge.ts';
import { encodeRecord, type SpoolRecord } from './spool-record.ts';
import { SpoolReserve } from './spool-reserve.ts';
import { SpoolSegments } from './spool-segments.ts';
import { SpoolView } from './spool-state.ts';
import type { UsageReport } from './usage.ts';

export interface StoreOptions {
  /** Reports are merged when the spool is larger on disk, without the reserve. While it is rewritten it takes up to twice as much. */
  maxBytes: number;
  /** About as long is one file. */
  segmentBytes: number;
  /** Kept on the disk for verdicts to be noted when it is full; 0 keeps none. */
  reserveBytes: number;
  disk: SpoolDisk;
}

/** How much of the bound a merge leaves: the first keeps most; the second needs little room to be written, on a disk that has little. */
const SHARES_AFTER_MERGE = [3 / 4, 1 / 8];
/** CRC, kind and punctuation around a report in its record. */
const RECORD_OVERHEAD_BYTES = 45;

const sizeOf = (report: UsageReport): number => Buffer.byteLength(JSON.stringify(report)) + RECORD_OVERHEAD_BYTES;

/** What the spool knows, in memory as on disk: memory takes a record when it is on disk, not before. One caller at a time. */
export class SpoolStore {
  view = new SpoolView();
  private readonly segments: SpoolSegments;
  private readonly reserve: SpoolReserve;
  private mergeAbove: number;
  /** Whether the state is to be written anew before anything is removed on its word. */
  private needsSnapshot = false;
  /** To be written before that. */
  private assumed: SpoolRecord | null = null;

  constructor(private readonly folder: string, private readonly log: Log, private readonly options: StoreOptions) {
    this.segments = new SpoolSegments(folder, options.disk, log, options.segmentBytes);
    this.reserve = new SpoolReserve(folder, options.disk, options.reserveBytes, log);
    this.mergeAbove = options.maxBytes;
  }

  get bytes(): number {
    return this.segments.bytes;
  }

  /** Reads what is there; writes nothing but the folder. */
  async open(): Promise<void> {
    await this.options.disk.createFolder(this.folder);
    await this.read();
  }

  /** Makes it fit to be written after a start or a failed write. */
  async repair(): Promise<void> {
    if (this.segments.isOpen || (await this.segments.reopen(this.view.state))) return;
    await this.read();
    if (!(await this.segments.reopen(this.view.state))) throw new Error('The files of the spool change while it is open');
  }

  /** Puts in order what a crash, a damage or an earlier version left behind. */
  async tidy(): Promise<void> {
    await this.reserve.ensure();
    if (this.needsSnapshot) await this.rotate();
    await this.removeSettled();
  }

  /** Writes what makes the spool larger; never from the reserve. */
  async grow(record: SpoolRecord): Promise<void> {
    await this.reserve.ensure();
    if (this.needsSnapshot || this.segments.isLastFull) await this.rotate();
    await this.write(record);
    if (this.bytes > this.mergeAbove) await this.merge();
  }

  /** Whether what is written now takes the room that is kept for verdicts. */
  get isOnReserve(): boolean {
    return this.reserve.isSpent;
  }

  /** Notes that the reports up to here are about to be sent, and puts them into the chain. */
  async noteAttempted(through: number): Promise<void> {
    await this.shrink(this.toAttempted(this.view, through));
  }

  /** Writes what will make it smaller, if need be on the reserve. */
  async shrink(record: SpoolRecord): Promise<void> {
    try {
      await this.write(record);
    } catch (error) {
      if (!isFull(error) || !this.reserve.isHeld) throw error;
      await this.reserve.release();
      await this.repair();
      await this.write(record);
    }
    await this.removeSettled();
    if (this.bytes <= this.options.maxBytes) this.mergeAbove = this.options.maxBytes;
    await this.reserve.ensure().catch((error: unknown) => this.log.debug({ err: error }, 'There is no room for the reserve yet'));
  }

  async close(): Promise<void> {
    await this.segments.leave();
  }

  private async read(): Promise<void> {
    const { view, isDamaged, isReplaced } = await this.segments.read();
    const { sequence, attemptedThrough } = view.state;
    // An earlier version never said which reports were to be sent, and chained none.
    const isUnknown = attemptedThrough > sequence;
    if (isUnknown) view.state = { ...view.state, attemptedThrough: sequence, chainHash: CHAIN_START };
    // A damaged record may have said that reports were to be sent: they carried what they are given now.
    this.assumed = isDamaged && attemptedThrough < sequence ? this.toAttempted(view, sequence) : null;
    if (this.assumed !== null) view.take(this.assumed);
    this.view = view;
    // What a rewrite replaced goes only when a state is behind it whose fsync we have seen to succeed.
    this.needsSnapshot = isUnknown || isDamaged || isReplaced;
  }

  private async write(record: SpoolRecord): Promise<void> {
    await this.segments.append(record);
    this.view.take(record);
  }

  private async rotate(): Promise<void> {
    if (this.assumed !== null) await this.segments.append(this.assumed);
    this.assumed = null;
    await this.segments.rotate(this.view.state);
    this.needsSnapshot = false;
  }

  /** A file that cannot be removed now is tried again with the next verdict: what was written stays written. */
  private async removeSettled(): Promise<void> {
    if (this.needsSnapshot) return;
    try {
      await this.segments.removeSettled(this.view.state.settledThrough);
    } catch (error) {
      this.log.warn({ err: error }, 'Settled reports cannot be removed from the disk yet');
    }
  }

  /** That there is no room to merge is no failure of the write that asked for it: that one is on disk. */
  private async merge(): Promise<void> {
    for (const share of SHARES_AFTER_MERGE) {
      try {
        await this.rewrite(share * this.options.maxBytes);
        break;
      } catch (error) {
        this.log.warn({ err: error, bytes: this.bytes }, 'The reports of the spool could not be merged');
        if (!isFull(error)) break;
      }
    }
    await this.removeSettled();
    this.mergeAbove = Math.max(this.options.maxBytes, this.bytes + this.options.maxBytes / 4);
    if (this.bytes > this.options.maxBytes) this.log.warn({ bytes: this.bytes, maxBytes: this.options.maxBytes, pending: this.view.waiting.length }, 'The spool is larger than it may be: nothing is dropped, and no more of its reports can be merged now');
  }

  private async rewrite(maxBytes: number): Promise<void> {
    const { state, waiting } = this.view;
    const room = maxBytes - encodeRecord({ kind: 'state', state }).length;
    const after = Math.max(state.attemptedThrough, state.settledThrough);
    const { reports, mergedReports } = mergeOldest(waiting, { after, maxBytes: room, sizeOf });
    const next = { ...state, sequence: Math.max(after, reports.at(-1)?.sequence ?? 0), mergedReports: state.mergedReports + mergedReports };
    await this.segments.rewrite(next, reports);
    this.view.replace(next, reports);
    if (mergedReports > 0) this.log.warn({ mergedReports, pending: reports.length, maxBytes: this.options.maxBytes }, 'The spool was full: its oldest reports were merged, their counters added up');
  }

  private toAttempted({ state, waiting }: SpoolView, through: number): SpoolRecord {
    const { reports, hash } = linkReports(waiting, { after: state.attemptedThrough, through, hash: state.chainHash });
    const first = this.segments.firstSequences;
    const anchors = Object.fromEntries(reports.flatMap(({ sequence, previousHash }) => (first.has(sequence) && previousHash !== undefined ? [[sequence, previousHash]] : [])));
    return { kind: 'attempted', through, hash, anchors };
  }
}
