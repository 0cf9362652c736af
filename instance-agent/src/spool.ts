import { randomUUID } from 'node:crypto';
import { systemTime } from './clock.ts';
import type { Log } from './log.ts';
import type { ReportArchive } from './report-archive.ts';
import { Serial } from './serial.ts';
import { realDisk } from './spool-disk.ts';
import { SpoolUnavailableError, toSpoolError } from './spool-error.ts';
import { SpoolHealth, type SpoolProblem } from './spool-health.ts';
import type { BaselineChanges, SpoolState } from './spool-record.ts';
import { SpoolStore, type StoreOptions } from './spool-store.ts';
import { addUsage, COUNTERS, GAUGES, type Counters, type Gauges, type UsageReport } from './usage.ts';

export interface SpoolOptions extends Partial<StoreOptions> {
  now?: () => Date;
  /** Keeps what is sent; null keeps nothing. */
  archive?: ReportArchive | null;
}

const DEFAULTS = { archive: null, maxBytes: 64 * 1024 * 1024, segmentBytes: 1024 * 1024, reserveBytes: 64 * 1024, now: () => systemTime.now(), disk: realDisk };

/** What one collection found. */
export interface Collected {
  gauges: Gauges;
  counters: Counters;
  baselines: BaselineChanges;
}

/**
 * Every report is in here, fsynced, before it is sent, and leaves only with its verdict. A report and the counter values
 * that it was computed from are one record, so that a crash keeps both or neither. Where room is short reports are merged,
 * never dropped; but not one that may be at the control plane already, for it would be counted twice. While the disk
 * refuses, what was to be written stays where it came from, and memory says what is on disk.
 */
export class Spool {
  private closed = false;
  private readonly writes = new Serial();
  private readonly store: SpoolStore;
  private readonly health: SpoolHealth;
  private readonly archive: ReportArchive | null;

  private constructor(folder: string, log: Log, options: StoreOptions & { now: () => Date; archive: ReportArchive | null }) {
    this.archive = options.archive;
    this.store = new SpoolStore(folder, log, options);
    this.health = new SpoolHealth(log, options.now);
  }

  /**
   * Reads what is there. That it cannot be written is no error yet: `problem` says so.
   * @throws SpoolUnavailableError when it cannot be read.
   */
  static async open(folder: string, log: Log, options: SpoolOptions = {}): Promise<Spool> {
    const spool = new Spool(folder, log, { ...DEFAULTS, ...options });
    try {
      await spool.store.open();
    } catch (error) {
      throw toSpoolError(error);
    }
    await ignoreUnavailable(spool.run(() => spool.store.tidy()));
    return spool;
  }

  get baselines(): SpoolState['baselines'] {
    return this.store.view.state.baselines;
  }

  /** Where the next report's interval begins; null before the first. */
  get intervalEnd(): Date | null {
    const { intervalEnd } = this.store.view.state;
    return intervalEnd === null ? null : new Date(intervalEnd);
  }

  /** Whether the product itself said anything: gauges to be repeated, or counters that no report took yet. */
  get hasRecorded(): boolean {
    const { gauges, counters } = this.store.view.state.recorded;
    return Object.keys(gauges).length > 0 || Object.keys(counters).length > 0;
  }

  get lastSequence(): number {
    return this.store.view.state.sequence;
  }

  get pendingCount(): number {
    return this.store.view.waiting.length;
  }

  /** Where the oldest report without a verdict begins; null when none waits. */
  get oldestPendingAt(): Date | null {
    const oldest = this.store.view.waiting[0];
    return oldest === undefined ? null : new Date(oldest.intervalStart);
  }

  /** On disk, without the reserve. */
  get bytes(): number {
    return this.store.bytes;
  }

  /** How many reports ever went into others for want of room. */
  get mergedReports(): number {
    return this.store.view.state.mergedReports;
  }

  /** What keeps it from being written; null when the last write came through. */
  get problem(): SpoolProblem | null {
    return this.health.problem;
  }

  /** Writes that the disk refused, since the start. */
  get writeFailures(): number {
    return this.health.failures;
  }

  /** Whether the last write came through; a failed one is repaired at the next. */
  get healthy(): boolean {
    return this.health.problem === null && !this.closed;
  }

  /** The oldest reports without a verdict. Those that were not noted as attempted may yet be merged: send what `noteAttempt` returns. */
  pending(limit: number): readonly UsageReport[] {
    return this.store.view.waiting.slice(0, limit);
  }

  /**
   * Makes the next report of what was collected and what the product recorded; on disk when it resolves.
   * @throws SpoolUnavailableError: no report was made, the baselines are as they were.
   */
  async append(collected: Collected, interval: { start: Date; end: Date }): Promise<UsageReport> {
    return this.run(async () => {
      const { recorded, sequence } = this.store.view.state;
      const zero = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, 0])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;
      const report: UsageReport = {
        reportId: randomUUID(),
        sequence: sequence + 1,
        intervalStart: interval.start.toISOString(),
        intervalEnd: interval.end.toISOString(),
        ...zero,
        ...addUsage(GAUGES, collected.gauges, recorded.gauges),
        ...addUsage(COUNTERS, collected.counters, recorded.counters),
      };
      await this.store.grow({ kind: 'report', report, baselines: collected.baselines });
      return report;
    });
  }

  /**
   * Keeps what the product says of itself: gauges stay until replaced, counters add to the next report. On disk when it resolves.
   * @throws SpoolUnavailableError: nothing was taken.
   */
  async record(gauges: Gauges, counters: Counters): Promise<void> {
    await this.run(() => this.store.grow({ kind: 'recorded', gauges, counters }));
  }

  /**
   * To be awaited before reports are sent: those up to here are in the chain and in the archive, and stay as they are from
   * now on, through any crash. That the archive cannot be written keeps nothing back.
   * @returns them, to be sent: a merge in between can have made them fewer, and others, than were `pending`.
   * @throws SpoolUnavailableError when some are not noted yet and cannot be: they are not to be sent then.
   */
  async noteAttempt(throughSequence: number): Promise<readonly UsageReport[]> {
    return this.writes.run(async () => {
      const { sequence, attemptedThrough } = this.store.view.state;
      const through = Math.min(throughSequence, sequence);
      if (through > attemptedThrough) await this.attempt(() => this.store.noteAttempted(through));
      const reports = this.store.view.waiting.filter((report) => report.sequence <= through);
      await this.archive?.keep(reports, !this.store.isOnReserve);
      return reports;
    });
  }

  /**
   * Every report up to this sequence has its verdict and may go; `returned` are counters that the next report is to carry.
   * @throws SpoolUnavailableError: they stay, and sent again they are duplicates.
   */
  async settle(through: number, returned: Counters = {}): Promise<void> {
    await this.run(() => this.store.shrink({ kind: 'settled', through, returned }));
  }

  /** After trouble with the disk: tries whether it works again, without waiting for the next report. That it does not is no error. */
  async mend(): Promise<void> {
    if (!this.healthy) await ignoreUnavailable(this.run(() => this.store.grow({ kind: 'recorded', gauges: {}, counters: {} })));
  }

  async close(): Promise<void> {
    await this.writes.run(async () => {
      this.closed = true;
      await this.store.close();
      await this.archive?.close();
    });
  }

  private run<T>(work: () => Promise<T>): Promise<T> {
    return this.writes.run(() => this.attempt(work));
  }

  /** What the disk refuses is told by name and remembered until a write comes through. */
  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('The spool is closed');
    try {
      await this.store.repair();
      const result = await work();
      this.health.noteSuccess();
      return result;
    } catch (cause) {
      const error = toSpoolError(cause);
      if (error instanceof SpoolUnavailableError) this.health.noteFailure(error);
      throw error;
    }
  }
}

/** For what is tried again by itself: `problem` tells of the refusal. */
async function ignoreUnavailable(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof SpoolUnavailableError)) throw error;
  }
}
