import { join } from 'node:path';
import { CHAIN_COUNTS } from '@iotistic/contracts/report-chain';
import { z } from 'zod';
import { readArchive } from './archive-files.ts';
import type { ArchiveEntry } from './archive-record.ts';
import { readIfExists, writeDurably } from './durable-file.ts';
import type { Log } from './log.ts';
import { realDisk } from './spool-disk.ts';
import type { UsageReport } from './usage.ts';

/** A time that the control plane was put back to a backup, which was made then. */
export interface PlaneRestore {
  id: string;
  since: Date;
}

interface ResendParts {
  /** Of the agent. */
  folder: string;
  archive: string;
  log: Log;
  now: () => Date;
}

const FILE = 'resent.json';
/** The control plane's clock and ours need not agree to the minute; what arrived all the same is a duplicate. */
const MARGIN_MS = 3_600_000;
/** One a day: older than the archive none is needed. */
const MAX_MARKS = 4_000;
const noteSchema = z.object({
  /** Restores that were made up for. */
  done: z.array(z.string()),
  /** Up to `through`, all had their verdict before `at`. */
  settled: z.array(z.object({ at: z.iso.datetime(), through: z.number() })),
});
type Note = z.infer<typeof noteSchema>;

/**
 * What a control plane that was put back to a backup has lost, it is sent again from the archive: once for each restore that
 * it tells of. Which were made up for is on disk; one that was cut short is begun anew, since what arrived twice counts once.
 */
export class Resend {
  /** Reports that were sent again, since the start. */
  reports = 0;
  private open: PlaneRestore[] = [];

  private constructor(private readonly parts: ResendParts, private noted: Note) {}

  static async open(parts: ResendParts): Promise<Resend> {
    return new Resend(parts, parse(await readIfExists(join(parts.folder, FILE))));
  }

  /** Told with each answer. */
  note(restores: readonly PlaneRestore[]): void {
    this.open = restores.filter(({ id }) => !this.noted.done.includes(id));
  }

  /**
   * Told when reports have their verdict, those from `first` on: once a day it is noted how far they had come. A report may have
   * been tried for weeks before it arrived, so that when it was sent first says nothing of when it was stored.
   */
  async noteSettled(first: number): Promise<void> {
    const at = this.parts.now().toISOString();
    if (this.noted.settled.at(-1)?.at.slice(0, 10) === at.slice(0, 10)) return;
    await this.write({ ...this.noted, settled: [...this.noted.settled, { at, through: first - 1 }].slice(-MAX_MARKS) });
  }

  /** Sends what may be lost, oldest first. @throws what `send` throws: it is begun anew the next time. */
  async run(batchReports: number, send: (reports: readonly UsageReport[]) => Promise<{ rejected: readonly unknown[] }>): Promise<void> {
    if (this.open.length === 0) return;
    const { archive, log } = this.parts;
    const restores = this.open;
    const sinceMs = Math.min(...restores.map(({ since }) => since.getTime())) - MARGIN_MS;
    const settledBefore = this.noted.settled.findLast(({ at }) => Date.parse(at) <= sinceMs)?.through ?? 0;
    const lost: UsageReport[] = [];
    const { damaged } = await readArchive(realDisk, archive, (entry) => {
      if (entry.sequence > settledBefore || Date.parse(entry.sentAt) >= sinceMs) lost.push(toReport(entry));
    });
    log.warn({ restores, reports: lost.length, damaged }, 'The control plane was put back to a backup: what was sent since then is sent again');
    for (let first = 0; first < lost.length; first += batchReports) {
      const batch = lost.slice(first, first + batchReports);
      const { rejected } = await send(batch);
      if (rejected.length > 0) log.error({ rejected }, 'The control plane refused reports that it was sent again');
      this.reports += batch.length;
    }
    this.open = [];
    await this.write({ ...this.noted, done: [...this.noted.done, ...restores.map(({ id }) => id)] });
  }

  private async write(note: Note): Promise<void> {
    this.noted = note;
    const { folder, log } = this.parts;
    await writeDurably(join(folder, FILE), `${JSON.stringify(note)}\n`).catch((error: unknown) => log.error({ err: error }, 'It cannot be noted how far reports have come: should the control plane lose some, more are sent again than need be'));
  }
}

/** As it was sent: the control plane tells by its numbers whether it is the same. */
function toReport({ sequence, reportId, intervalStart, intervalEnd, counts, previousHash }: ArchiveEntry): UsageReport {
  const named = Object.fromEntries(CHAIN_COUNTS.map((name, index) => [name, counts[index] ?? 0])) as Record<(typeof CHAIN_COUNTS)[number], number>;
  return { reportId, sequence, intervalStart, intervalEnd, ...named, ...(previousHash === null ? {} : { previousHash }) };
}

/** A file that does not read costs sending once more. */
function parse(text: string | null): Note {
  const nothing: Note = { done: [], settled: [] };
  try {
    return text === null ? nothing : noteSchema.parse(JSON.parse(text));
  } catch {
    return nothing;
  }
}
