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
}

const FILE = 'resent.json';
/** The control plane's clock and ours need not agree to the minute; what arrived all the same is a duplicate. */
const MARGIN_MS = 3_600_000;
const noteSchema = z.array(z.string());

/**
 * What a control plane that was put back to a backup has lost, it is sent again from the archive: once for each restore that
 * it tells of. Which were made up for is on disk; one that was cut short is begun anew, since what arrived twice counts once.
 */
export class Resend {
  /** Reports that were sent again, since the start. */
  reports = 0;
  private open: PlaneRestore[] = [];

  private constructor(private readonly parts: ResendParts, private done: ReadonlySet<string>) {}

  static async open(parts: ResendParts): Promise<Resend> {
    const text = await readIfExists(join(parts.folder, FILE));
    return new Resend(parts, new Set(parse(text)));
  }

  /** Told with each answer. */
  note(restores: readonly PlaneRestore[]): void {
    this.open = restores.filter(({ id }) => !this.done.has(id));
  }

  /** Sends what may be lost, oldest first. @throws what `send` throws: it is begun anew the next time. */
  async run(batchReports: number, send: (reports: readonly UsageReport[]) => Promise<{ rejected: readonly unknown[] }>): Promise<void> {
    if (this.open.length === 0) return;
    const { folder, archive, log } = this.parts;
    const restores = this.open;
    const sinceMs = Math.min(...restores.map(({ since }) => since.getTime())) - MARGIN_MS;
    const lost: UsageReport[] = [];
    const { damaged } = await readArchive(realDisk, archive, (entry) => {
      if (Date.parse(entry.sentAt) >= sinceMs) lost.push(toReport(entry));
    });
    log.warn({ restores, reports: lost.length, damaged }, 'The control plane was put back to a backup: what was sent since then is sent again');
    for (let first = 0; first < lost.length; first += batchReports) {
      const batch = lost.slice(first, first + batchReports);
      const { rejected } = await send(batch);
      if (rejected.length > 0) log.error({ rejected }, 'The control plane refused reports that it was sent again');
      this.reports += batch.length;
    }
    this.done = new Set([...this.done, ...restores.map(({ id }) => id)]);
    this.open = [];
    await writeDurably(join(folder, FILE), `${JSON.stringify([...this.done])}\n`).catch((error: unknown) => log.error({ err: error }, 'It cannot be noted that reports were sent again: after a restart they are once more'));
  }
}

/** As it was sent: the control plane tells by its numbers whether it is the same. */
function toReport({ sequence, reportId, intervalStart, intervalEnd, counts, previousHash }: ArchiveEntry): UsageReport {
  const named = Object.fromEntries(CHAIN_COUNTS.map((name, index) => [name, counts[index] ?? 0])) as Record<(typeof CHAIN_COUNTS)[number], number>;
  return { reportId, sequence, intervalStart, intervalEnd, ...named, ...(previousHash === null ? {} : { previousHash }) };
}

/** A file that does not read costs sending once more. */
function parse(text: string | null): string[] {
  try {
    return noteSchema.parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}
