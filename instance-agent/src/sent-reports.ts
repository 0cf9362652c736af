import { join } from 'node:path';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import type { UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { z } from 'zod';
import { archiveFolder, spoolFolder } from './app.ts';
import { readArchive } from './archive-files.ts';
import type { ArchiveEntry } from './archive-record.ts';
import type { AgentConfig } from './config.ts';
import { errorCode, readIfExists } from './durable-file.ts';
import type { Log } from './log.ts';
import { realDisk, type SpoolDisk } from './spool-disk.ts';
import { SpoolSegments } from './spool-segments.ts';
import { SpoolView } from './spool-state.ts';

/** What this agent knows of the reports that an evidence file speaks of, from its own files. */
export interface SentReports {
  /** Of the period, and those that bear a number of the file's. */
  entries: readonly ArchiveEntry[];
  /** By sequence, the hashes that the reports with it carry: what the ones before them must have. */
  carriedHashes: ReadonlyMap<number, ReadonlySet<string>>;
  /** Where the first archived report ended: of what was sent before this agent says nothing. Infinity without any. */
  archivedSinceMs: number;
  /** The highest number that this agent ever gave. */
  lastSequence: number;
  /** Ids of reports that the control plane refused, with its reason. */
  refused: ReadonlyMap<string, string>;
  /** Ids of reports that have no verdict yet. */
  waiting: ReadonlySet<string>;
  /** Lines of the archive that do not read. */
  damaged: number;
}

const READ_ATTEMPTS = 5;
const deadLetter = z.object({ reason: z.string(), report: z.object({ reportId: z.string() }) });

/** Whether a report that ended then counts in the file's period: a period's start belongs to the one before. */
export function isOfPeriod({ countsFrom, periodEnd }: UsageEvidence['header'], endMs: number): boolean {
  return endMs > Date.parse(countsFrom) && endMs <= Date.parse(periodEnd);
}

/** Reads archive, spool and refused reports, and writes nothing: an agent may be running on them. */
export async function readSentReports(config: Pick<AgentConfig, 'AGENT_DATA_DIR'>, { header, reports, digests = [] }: UsageEvidence, log: Log, disk: SpoolDisk = realDisk): Promise<SentReports> {
  const asked = new Set(reports.map(({ sequence }) => sequence));
  // A digest may reach over a period's ends: it is proven whole.
  const [fromMs, throughMs] = [Math.min(...digests.map(({ from }) => Date.parse(from))), Math.max(...digests.map(({ through }) => Date.parse(through)))];
  const { state, waiting } = await peekSpool(disk, spoolFolder(config), log);
  const entries = new Map<string, ArchiveEntry>();
  const carriedHashes = new Map<number, Set<string>>();
  const carry = (sequence: number, previousHash: string | null | undefined): void => {
    // One that begins a chain says nothing of the one before it.
    if (typeof previousHash === 'string' && previousHash !== CHAIN_START && asked.has(sequence - 1)) carriedHashes.set(sequence, (carriedHashes.get(sequence) ?? new Set()).add(previousHash));
  };
  let lastSequence = state.sequence;
  let archivedSinceMs = Infinity;
  const { damaged } = await readArchive(disk, archiveFolder(config), (entry) => {
    lastSequence = Math.max(lastSequence, entry.sequence);
    archivedSinceMs = Math.min(archivedSinceMs, Date.parse(entry.intervalEnd));
    carry(entry.sequence, entry.previousHash);
    const endMs = Date.parse(entry.intervalEnd);
    if (asked.has(entry.sequence) || isOfPeriod(header, endMs) || (endMs > fromMs && endMs <= throughMs)) entries.set(entry.reportId, entry);
  });
  for (const report of waiting) carry(report.sequence, report.previousHash);
  carry(state.attemptedThrough + 1, state.chainHash);
  return { entries: [...entries.values()], carriedHashes, archivedSinceMs, lastSequence, refused: await readRefused(config.AGENT_DATA_DIR), waiting: new Set(waiting.map(({ reportId }) => reportId)), damaged };
}

/** What the spool says; read anew where the agent that writes it removed a segment meanwhile. */
async function peekSpool(disk: SpoolDisk, folder: string, log: Log): Promise<SpoolView> {
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
    try {
      return (await new SpoolSegments(folder, disk, log, 0).read()).view;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  return new SpoolView();
}

async function readRefused(folder: string): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  for (const line of ((await readIfExists(join(folder, 'dead-letter.jsonl'))) ?? '').split('\n')) {
    const letter = deadLetter.safeParse(parse(line)).data;
    if (letter !== undefined) refused.set(letter.report.reportId, letter.reason);
  }
  return refused;
}

/** Null for a line that a crash cut off. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
