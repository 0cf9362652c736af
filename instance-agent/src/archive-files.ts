import { join } from 'node:path';
import { encodeEntry, readEntries, type ArchiveEntry, type ReadArchive } from './archive-record.ts';
import { errorCode } from './durable-file.ts';
import type { SpoolDisk, SpoolFile } from './spool-disk.ts';

const FILE_NAME = /^sent-(\d{4}-\d{2})-(\d{4})\.jsonl$/;

interface ArchiveFile {
  name: string;
  /** In which it was begun, as `2026-10`. */
  month: string;
  number: number;
  bytes: number;
}

export interface ArchiveBounds {
  days: number;
  maxBytes: number;
  /** About as long is one file: a month has one or more. */
  fileBytes: number;
}

/** The archive's files, one or more a month: entries are appended to the last, the oldest file goes first. One writer. */
export class ArchiveFiles {
  private files: ArchiveFile[] = [];
  private active: SpoolFile | null = null;

  constructor(private readonly folder: string, private readonly disk: SpoolDisk, private readonly bounds: ArchiveBounds) {}

  get bytes(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isOpen(): boolean {
    return this.active !== null;
  }

  /** Opens the last file behind its last good line. @returns what that file holds. */
  async open(): Promise<ReadArchive> {
    await this.disk.createFolder(this.folder);
    this.files = [];
    for (const file of await listFiles(this.disk, this.folder)) this.files.push({ ...file, bytes: await this.sizeOf(file.name) });
    const last = this.files.at(-1);
    if (last === undefined) return { entries: [], wholeBytes: 0, damaged: 0 };
    const read = readEntries(await this.disk.read(join(this.folder, last.name)));
    const file = await this.disk.open(join(this.folder, last.name), false);
    try {
      if ((await file.size()) > read.wholeBytes) await file.truncate(read.wholeBytes);
      // What was read may be in the system's memory only: an entry that is taken for kept must be.
      await file.sync();
      await this.disk.syncFolder(this.folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    last.bytes = read.wholeBytes;
    this.active = file;
    return read;
  }

  /** Appends and fsyncs, all of them or none. After a failure it is to be opened again. */
  async append(entries: readonly ArchiveEntry[], now: Date): Promise<void> {
    const bytes = Buffer.from(entries.map(encodeEntry).join(''), 'utf8');
    try {
      await this.turnPage(now);
      await this.active?.append(bytes);
      await this.active?.sync();
    } catch (error) {
      // Room that the archive cannot use is room for reports.
      await this.active?.truncate(this.files.at(-1)?.bytes ?? 0).catch(() => undefined);
      await this.close();
      throw error;
    }
    const last = this.files.at(-1);
    if (last !== undefined) last.bytes += bytes.length;
  }

  /** Removes what is too old, or too much; never the file that is written. */
  async prune(now: Date): Promise<void> {
    const oldest = monthOf(new Date(now.getTime() - this.bounds.days * 86_400_000));
    for (let first = this.files[0]; first !== undefined && this.files.length > 1 && (first.month < oldest || this.bytes > this.bounds.maxBytes); first = this.files[0]) {
      await this.disk.remove(join(this.folder, first.name));
      this.files.shift();
    }
  }

  async close(): Promise<void> {
    const file = this.active;
    this.active = null;
    await file?.close().catch(() => undefined);
  }

  private async sizeOf(name: string): Promise<number> {
    const file = await this.disk.open(join(this.folder, name), false);
    try {
      return await file.size();
    } finally {
      await file.close();
    }
  }

  /** Another month, or enough in this file: goes on in a new one. A clock that was set back begins no earlier month. */
  private async turnPage(now: Date): Promise<void> {
    const last = this.files.at(-1);
    const month = last !== undefined && last.month > monthOf(now) ? last.month : monthOf(now);
    if (last !== undefined && this.active !== null && last.month === month && last.bytes < this.bounds.fileBytes) return;
    const number = last?.month === month ? last.number + 1 : 1;
    const name = `sent-${month}-${String(number).padStart(4, '0')}.jsonl`;
    const file = await this.disk.open(join(this.folder, name), true);
    await this.close();
    this.active = file;
    this.files.push({ name, month, number, bytes: 0 });
    await this.disk.syncFolder(this.folder);
    await this.prune(now);
  }
}

/** What the archive says, file by file, oldest first; an agent may be writing it meanwhile. @returns lines that do not read. */
export async function readArchive(disk: SpoolDisk, folder: string, take: (entry: ArchiveEntry) => void): Promise<{ damaged: number; entries: number }> {
  const total = { damaged: 0, entries: 0 };
  for (const { name } of await listFiles(disk, folder)) {
    const bytes = await disk.read(join(folder, name)).catch((error: unknown) => {
      // Too old meanwhile.
      if (errorCode(error) === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const { entries, damaged } = readEntries(bytes);
    entries.forEach(take);
    total.damaged += damaged;
    total.entries += entries.length;
  }
  return total;
}

async function listFiles(disk: SpoolDisk, folder: string): Promise<Omit<ArchiveFile, 'bytes'>[]> {
  const names = await disk.list(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.toSorted((a, b) => (a < b ? -1 : 1)).flatMap((name) => {
    const [, month, number] = FILE_NAME.exec(name) ?? [];
    return month === undefined ? [] : [{ name, month, number: Number(number) }];
  });
}

function monthOf(date: Date): string {
  return date.toISOString().slice(0, 7);
}
