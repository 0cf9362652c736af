import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's package faketime. */
const LIBRARY = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find((path) => existsSync(path));
/** Elsewhere the period does not end within a run. */
export const isTimeMovable = LIBRARY !== undefined;

/** What lets the clocks of a run's processes be moved together; nothing where there is no libfaketime. */
export function movableTime(folder: string): Record<string, string> {
  if (LIBRARY === undefined) return {};
  setTime(folder, 0);
  return { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: offsetFileOf(folder), FAKETIME_CACHE_DURATION: '1', DONT_FAKE_MONOTONIC: '1' };
}

function offsetFileOf(folder: string): string {
  return join(folder, 'clock-offset');
}

/** How far ahead of the system's time they are. */
export function setTime(folder: string, seconds: number): void {
  writeFileSync(offsetFileOf(folder), `+${seconds}\n`);
}
