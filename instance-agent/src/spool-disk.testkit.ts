import { basename } from 'node:path';
import type { SpoolDisk, SpoolFile } from './spool-disk.ts';

interface StoredFile {
  content: Buffer;
  /** What a loss of power leaves for certain. */
  durable: Buffer;
}

/** The machine stopped: not the disk's refusal, the end of the process that was writing. */
export class MachineStopped extends Error {}

type Refusal = 'ENOSPC' | 'EROFS' | 'EIO';

/**
 * A disk in memory that stops the machine within a chosen call, loses what was not fsynced when the power goes, is full at
 * a chosen size, read-only, or refuses one kind of call.
 */
export class MemoryDisk implements SpoolDisk {
  /** Of the calls that change something. */
  calls = 0;
  /** The call within which the machine stops. */
  stopAtCall = Infinity;
  capacityBytes = Infinity;
  isReadOnly = false;
  /** Kinds of calls that answer EIO. */
  readonly broken = new Set<'append' | 'sync' | 'truncate' | 'remove'>();
  private names = new Map<string, StoredFile>();
  private durableNames = new Map<string, StoredFile>();
  private epoch = 0;

  get bytes(): number {
    return [...this.names.values()].reduce((sum, { content }) => sum + content.length, 0);
  }

  /** Of the segments alone. */
  get segmentBytes(): number {
    return [...this.names].reduce((sum, [name, { content }]) => sum + (name.startsWith('spool-') ? content.length : 0), 0);
  }

  files(): string[] {
    return [...this.names.keys()].sort();
  }

  /** After a kill all that was written is there; after a loss of power what was fsynced, and of the rest what chance (0 to 1) left. */
  restart(chance: (() => number) | null = null): void {
    this.epoch += 1;
    this.stopAtCall = Infinity;
    if (chance === null) return;
    const changed = [...new Set([...this.names.keys(), ...this.durableNames.keys()])].filter((name) => this.names.get(name) !== this.durableNames.get(name));
    const names = new Map(this.durableNames);
    for (const name of changed) {
      const file = this.names.get(name);
      if (chance() < 0.5) continue;
      if (file === undefined) names.delete(name);
      else names.set(name, file);
    }
    this.names = names;
    for (const file of names.values()) {
      const isLonger = file.content.length > file.durable.length;
      const left = isLonger ? file.content.subarray(0, file.durable.length + Math.floor(chance() * (file.content.length - file.durable.length + 1))) : file.durable;
      file.content = left;
      file.durable = left;
    }
    this.durableNames = new Map(names);
  }

  async createFolder(): Promise<void> {
    await Promise.resolve();
  }

  async list(): Promise<string[]> {
    return this.files();
  }

  async read(path: string): Promise<Buffer> {
    return this.find(path).content;
  }

  async open(path: string, create: boolean): Promise<SpoolFile> {
    const name = basename(path);
    if (this.isReadOnly) throw refusal('EROFS');
    if (create) {
      this.change();
      if (this.names.has(name)) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
      this.names.set(name, { content: Buffer.alloc(0), durable: Buffer.alloc(0) });
    }
    return this.fileOf(this.find(path));
  }

  async remove(path: string): Promise<void> {
    if (this.isReadOnly) throw refusal('EROFS');
    this.refuseBroken('remove');
    this.find(path);
    this.change();
    this.names.delete(basename(path));
  }

  async syncFolder(): Promise<void> {
    this.refuseBroken('sync');
    this.change();
    this.durableNames = new Map(this.names);
  }

  private fileOf(file: StoredFile): SpoolFile {
    const epoch = this.epoch;
    const write = (kind: 'append' | 'sync' | 'truncate', onStop: () => void = () => undefined): void => {
      if (epoch !== this.epoch) throw new MachineStopped();
      if (this.isReadOnly) throw refusal('EROFS');
      this.refuseBroken(kind);
      this.change(onStop);
    };
    return {
      append: async (bytes) => {
        const half = (): void => void (file.content = Buffer.concat([file.content, bytes.subarray(0, bytes.length >> 1)]));
        write('append', half);
        const room = this.capacityBytes - this.bytes;
        file.content = Buffer.concat([file.content, bytes.subarray(0, Math.max(0, room))]);
        if (bytes.length > room) throw refusal('ENOSPC');
      },
      sync: async () => {
        write('sync');
        file.durable = file.content;
      },
      truncate: async (bytes) => {
        write('truncate');
        file.content = file.content.subarray(0, bytes);
      },
      size: async () => file.content.length,
      close: async () => undefined,
    };
  }

  private find(path: string): StoredFile {
    const file = this.names.get(basename(path));
    if (file === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return file;
  }

  private refuseBroken(kind: 'append' | 'sync' | 'truncate' | 'remove'): void {
    if (this.broken.has(kind)) throw refusal('EIO');
  }

  private change(onStop: () => void = () => undefined): void {
    if (this.calls >= this.stopAtCall) throw new MachineStopped();
    this.calls += 1;
    if (this.calls < this.stopAtCall) return;
    onStop();
    throw new MachineStopped();
  }
}

function refusal(code: Refusal): Error {
  return Object.assign(new Error(`${code}: refused by the test`), { code });
}
