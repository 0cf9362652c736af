import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { errorCode } from './durable-file.ts';
import type { Log } from './log.ts';
import type { SpoolDisk } from './spool-disk.ts';
import { isFull } from './spool-error.ts';

const NAME = 'reserve.bin';

/**
 * Room that is kept so that on a full disk the verdicts can still be written, which is what lets segments go. It really
 * holds bytes, and such that no file system compresses: a file of nothing would reserve nothing.
 */
export class SpoolReserve {
  private held = false;
  private spent = false;
  private warned = false;

  constructor(private readonly folder: string, private readonly disk: SpoolDisk, private readonly bytes: number, private readonly log: Log) {}

  get isHeld(): boolean {
    return this.held;
  }

  /** Whether it was given up, or could not be taken, because the disk is full: the room that is left is for verdicts. */
  get isSpent(): boolean {
    return this.spent;
  }

  /**
   * Takes the room where it is not held.
   * @throws the disk's error when it is full. Any other trouble with the reserve is no reason to refuse a report.
   */
  async ensure(): Promise<void> {
    if (this.held || this.bytes === 0) return;
    try {
      await this.fill();
      this.held = true;
      this.spent = false;
      this.warned = false;
    } catch (error) {
      this.spent = isFull(error);
      if (this.spent) throw error;
      if (!this.warned) this.log.warn({ err: error }, 'The spool keeps no reserve on the disk: should it become full, verdicts cannot be noted');
      this.warned = true;
    }
  }

  /** Gives the room up; what is written next may use it. */
  async release(): Promise<void> {
    this.held = false;
    this.spent = true;
    await this.disk.remove(this.path);
  }

  private async fill(): Promise<void> {
    const file = await this.openFile();
    try {
      const size = await file.size();
      if (size === this.bytes) return;
      await file.truncate(0);
      await file.append(randomBytes(this.bytes));
      await file.sync();
    } catch (error) {
      // A part of it would stand in the way of what it is for.
      await this.disk.remove(this.path).catch(() => undefined);
      throw error;
    } finally {
      await file.close().catch(() => undefined);
    }
    await this.disk.syncFolder(this.folder);
  }

  private async openFile() {
    try {
      return await this.disk.open(this.path, false);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      return this.disk.open(this.path, true);
    }
  }

  private get path(): string {
    return join(this.folder, NAME);
  }
}
