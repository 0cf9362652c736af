import { closeSync, fsyncSync, ftruncateSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A record as it now is, with its place in the order of creation; without them, removed. */
export type Change = [collection: string, id: string, order?: number, record?: { id: string }];

export interface Journal {
  /** One line, whole or not at all, with the operating system before this returns. @throws Error when the disk refuses. */
  append(changes: Change[]): void;
  /** Whether it is worth writing anew: mostly made of what later lines replaced. */
  hasOutgrown(): boolean;
  /** Replaces all lines by these records, atomically. */
  compact(records: Iterable<Change>): void;
  close(): void;
}

/** Below this it is never worth it. */
const COMPACT_BYTES = 16 * 1024 * 1024;
const GROWTH = 3;
const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The journal of this folder, after its lines were replayed. A last line that a kill tore was never answered, and is cut
 * off. It is not forced to the disk: a killed process loses nothing, a machine that loses its power may lose the end.
 * @throws Error when another line cannot be read.
 */
export function openJournal(dataDir: string, replay: (change: Change) => void): Journal {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'journal.jsonl');
  let handle = openSync(file, 'a+', 0o600);
  let size = replayLines(handle, file, replay);
  ftruncateSync(handle, size);
  let compactedSize = 0;
  return {
    append(changes) {
      try {
        size += writeLine(handle, changes);
      } catch (error) {
        ftruncateSync(handle, size);
        throw error;
      }
    },
    hasOutgrown: () => size > COMPACT_BYTES && size > compactedSize * GROWTH,
    compact(records) {
      const next = `${file}.next`;
      const fresh = openSync(next, 'w', 0o600);
      size = 0;
      for (const record of records) size += writeLine(fresh, [record]);
      fsyncSync(fresh);
      closeSync(fresh);
      renameSync(next, file);
      closeSync(handle);
      handle = openSync(file, 'a', 0o600);
      compactedSize = size;
    },
    close: () => closeSync(handle),
  };
}

function writeLine(handle: number, changes: Change[]): number {
  const bytes = Buffer.from(`${JSON.stringify(changes)}\n`);
  for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written);
  return bytes.length;
}

/** Answers how many bytes of whole lines there are. */
function replayLines(handle: number, file: string, replay: (change: Change) => void): number {
  const total = fstatSync(handle).size;
  const chunk = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  let whole = 0;
  for (let position = 0; position < total; ) {
    const count = readSync(handle, chunk, 0, READ_BYTES, position);
    position += count;
    rest = Buffer.concat([rest, chunk.subarray(0, count)]);
    const end = rest.lastIndexOf(NEWLINE) + 1;
    for (const line of rest.subarray(0, end).toString('utf8').split('\n')) if (line !== '') for (const change of parseLine(line, file)) replay(change);
    whole += end;
    rest = rest.subarray(end);
  }
  return whole;
}

function parseLine(line: string, file: string): Change[] {
  try {
    return JSON.parse(line) as Change[];
  } catch (cause) {
    throw new Error(`${file}: a line in the midst of it cannot be read; restore it, or remove the folder to begin anew`, { cause });
  }
}
