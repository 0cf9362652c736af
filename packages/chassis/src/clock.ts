import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { ConfigError } from './config.ts';

/** Where all time comes from: `Date.now()` is written nowhere else. */
export interface Clock {
  now(): Date;
}

/** A clock that can be moved, as a test clock of the payment provider is; never backwards, as no clock of theirs goes. */
export interface MovableClock extends Clock {
  /** @throws RangeError when this is no time to come. */
  advance(ms: number): void;
}

export const systemClock: Clock = { now: () => new Date() };

/**
 * The system's time plus all that it was advanced by. With a file it goes on after a restart where it was: what was
 * dated by it must not lie in the future. One that is new may start behind the system's time, to live a past first.
 * @throws ConfigError when the file is there and cannot be read.
 */
export function createMovableClock({ file, startsBehindMs = 0 }: { file: string | null; startsBehindMs?: number }): MovableClock {
  let offsetMs = (file === null ? null : readOffset(file)) ?? -startsBehindMs;
  if (file !== null && startsBehindMs > 0) writeOffset(file, offsetMs);
  return {
    now: () => new Date(Date.now() + offsetMs),
    advance(ms) {
      const next = offsetMs + ms;
      if (!(ms >= 0) || Number.isNaN(new Date(Date.now() + next).getTime())) throw new RangeError(`a clock is not advanced by ${ms} ms`);
      if (file !== null) writeOffset(file, next);
      offsetMs = next;
    },
  };
}

/** null where there is no such file. */
function readOffset(file: string): number | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const offsetMs = parseOffset(text);
  if (offsetMs === null) throw new ConfigError([`${file}: does not say how far the clock was moved; remove it and the data that was made in its time`]);
  return offsetMs;
}

function parseOffset(text: string): number | null {
  try {
    const { offsetMs } = JSON.parse(text) as { offsetMs?: unknown };
    return typeof offsetMs === 'number' && Number.isFinite(offsetMs) ? offsetMs : null;
  } catch {
    return null;
  }
}

/** Whole or not at all: on the disk before it takes the old one's place. */
function writeOffset(file: string, offsetMs: number): void {
  const next = `${file}.next`;
  const handle = openSync(next, 'w', 0o600);
  try {
    writeSync(handle, `${JSON.stringify({ offsetMs })}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}
