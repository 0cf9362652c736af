import type { Log } from './log.ts';
import { ArchiveFiles, type ArchiveBounds } from './archive-files.ts';
import { toEntry, type ArchiveEntry } from './archive-record.ts';
import type { SpoolDisk } from './spool-disk.ts';
import { SpoolUnavailableError, toSpoolError } from './spool-error.ts';
import type { UsageReport } from './usage.ts';

/** Entries that wait in memory while the disk refuses them; the oldest go first, and are then in the chain of the others only. */
const MAX_WAITING = 10_000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** So that the bound holds to an eighth. */
const FILES_AT_LEAST = 8;

export interface ArchiveOptions extends Omit<ArchiveBounds, 'fileBytes'>, Partial<Pick<ArchiveBounds, 'fileBytes'>> {
  disk: SpoolDisk;
  now: () => Date;
}

/** What keeps the archive from being written, since when. */
export interface ArchiveProblem {
  /** The system's word, as in SpoolUnavailableError. */
  code: string;
  since: Date;
}

/**
 * What was sent, in this agent's own words: an invoice is checked against it. Each report is in here, fsynced, before it
 * can leave; but where the disk refuses, the report goes all the same, and `problem` says so. Looks at its files when it is
 * first written, not before.
 */
export class ReportArchive {
  problem: ArchiveProblem | null = null;
  private readonly files: ArchiveFiles;
  private waiting: ArchiveEntry[] = [];
  /** Every report up to this sequence was taken; null before the files were looked at. */
  private takenThrough: number | null = null;

  constructor(folder: string, private readonly log: Log, private readonly options: ArchiveOptions) {
    this.files = new ArchiveFiles(folder, options.disk, { fileBytes: Math.min(MAX_FILE_BYTES, options.maxBytes / FILES_AT_LEAST), ...options });
  }

  /** On disk, since it was first written. */
  get bytes(): number {
    return this.files.bytes;
  }

  /** Entries that the disk refused so far. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /**
   * Keeps those of the reports, which are about to be sent and in order, that it does not hold yet. A disk that refuses is no error.
   * @param mayWrite false: what room there is on the disk is for verdicts; they are kept the next time.
   */
  async keep(reports: readonly UsageReport[], mayWrite: boolean): Promise<void> {
    try {
      if (this.takenThrough === null) await this.look(reports);
      this.take(reports);
      if (this.waiting.length === 0 && this.problem === null) return;
      if (!mayWrite) throw new SpoolUnavailableError('ENOSPC', null);
      if (!this.files.isOpen) await this.look([]);
      if (this.waiting.length > 0) await this.files.append(this.waiting, this.options.now());
      this.waiting = [];
      this.noteSuccess();
    } catch (error) {
      this.take(reports);
      this.noteFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.files.close();
  }

  private async look(reports: readonly UsageReport[]): Promise<void> {
    const { entries, damaged } = await this.files.open();
    if (damaged > 0) this.log.error({ damaged }, 'The archive of sent reports has lines that do not read: nothing can be proven by them');
    if (this.takenThrough !== null) return;
    const held = new Set(entries.map(({ reportId }) => reportId));
    this.takenThrough = Math.max(0, ...reports.flatMap(({ reportId, sequence }) => (held.has(reportId) ? [sequence] : [])));
    await this.files.prune(this.options.now());
  }

  private take(reports: readonly UsageReport[]): void {
    const now = this.options.now();
    const fresh = reports.filter(({ sequence }) => sequence > (this.takenThrough ?? 0));
    this.takenThrough = Math.max(this.takenThrough ?? 0, fresh.at(-1)?.sequence ?? 0);
    this.waiting = [...this.waiting, ...fresh.map((report) => toEntry(report, now))].slice(-MAX_WAITING);
  }

  private noteSuccess(): void {
    if (this.problem !== null) this.log.info({ code: this.problem.code, since: this.problem.since }, 'The archive of sent reports can be written again');
    this.problem = null;
  }

  private noteFailure(cause: unknown): void {
    const error = toSpoolError(cause);
    if (!(error instanceof SpoolUnavailableError)) throw error;
    const { code } = error;
    if (this.problem?.code === code) return;
    this.problem = { code, since: this.problem?.since ?? this.options.now() };
    this.log.error({ err: error }, 'The archive of sent reports cannot be written: reports go all the same, but cannot be proven until it can');
  }
}
