import { join } from 'node:path';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { ArchiveFiles, readArchive } from './archive-files.ts';
import { type ArchiveEntry, toEntry } from './archive-record.ts';
import { createLog } from './log.ts';
import { realDisk } from './spool-disk.ts';
import { EMPTY_STATE } from './spool-record.ts';
import { SpoolSegments } from './spool-segments.ts';
import type { UsageReport } from './usage.ts';

/** A report that was not made by this agent: with its own id, the numbers of its interval, and no place among the others yet. */
export type PastReport = Omit<UsageReport, 'sequence' | 'previousHash'>;

/** As the agent's own. */
const BOUNDS = { days: 400, maxBytes: 256 * 1024 * 1024, fileBytes: 8 * 1024 * 1024 };
const SEGMENT_BYTES = 1024 * 1024;

/**
 * The reports of a time before the agent, in its folder: who measured that time sends them, and the agent's archive proves
 * them as it proves its own. No agent may run on the folder meanwhile.
 */
export class ReportHistory {
  private readonly sent = new Map<string, { sequence: number; previousHash: string }>();
  private last: { sequence: number; hash: string; intervalEnd: string | null } = { sequence: 0, hash: CHAIN_START, intervalEnd: null };

  private constructor(private readonly folder: string, private readonly files: ArchiveFiles) {}

  /** @param folder the agent's AGENT_DATA_DIR */
  static async open(folder: string): Promise<ReportHistory> {
    const files = new ArchiveFiles(join(folder, 'archive'), realDisk, BOUNDS);
    const history = new ReportHistory(folder, files);
    await files.open();
    await readArchive(realDisk, join(folder, 'archive'), (entry) => history.note(entry));
    return history;
  }

  /**
   * Gives each report its number and its place in the chain, in this order, and archives it; one whose id is archived
   * already comes as it was. On disk when it resolves, and to be sent only then.
   * @param now by which the archive is dated
   */
  async add(reports: readonly PastReport[], now: Date): Promise<UsageReport[]> {
    const fresh: ArchiveEntry[] = [];
    const placed = reports.map((report): UsageReport => {
      const known = this.sent.get(report.reportId);
      if (known !== undefined) return { ...report, ...known };
      const next = { ...report, sequence: this.last.sequence + 1, previousHash: this.last.hash };
      const entry = toEntry(next, now);
      this.note(entry);
      fresh.push(entry);
      return next;
    });
    for (let left = fresh; left.length > 0; left = left.slice(await this.files.append(left, now)));
    return placed;
  }

  /** Lets an agent that begins on the folder go on behind the last of them. Where one has begun already it changes nothing. */
  async handOver(): Promise<void> {
    await this.close();
    if (this.last.sequence === 0) return;
    const folder = join(this.folder, 'spool');
    await realDisk.createFolder(folder);
    const segments = new SpoolSegments(folder, realDisk, createLog('error'), SEGMENT_BYTES);
    const { view } = await segments.read();
    const { sequence, hash, intervalEnd } = this.last;
    if (view.state.sequence === 0) await segments.rotate({ ...EMPTY_STATE, sequence, settledThrough: sequence, attemptedThrough: sequence, chainHash: hash, intervalEnd });
    await segments.leave();
  }

  async close(): Promise<void> {
    await this.files.close();
  }

  private note(entry: ArchiveEntry): void {
    this.sent.set(entry.reportId, { sequence: entry.sequence, previousHash: entry.previousHash ?? CHAIN_START });
    if (entry.sequence > this.last.sequence) this.last = { sequence: entry.sequence, hash: entry.hash ?? CHAIN_START, intervalEnd: entry.intervalEnd };
  }
}
