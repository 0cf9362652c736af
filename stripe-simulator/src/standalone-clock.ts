import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SimulatorClock } from './open-simulation.ts';

/** The machine's time plus all that it was moved by; with a file it goes on after a restart where it was. */
export function standaloneClock(file: string | null): SimulatorClock {
  let offsetMs = file === null ? 0 : readOffset(file);
  return {
    now: () => new Date(performance.timeOrigin + performance.now() + offsetMs),
    advance(ms) {
      offsetMs += ms;
      if (file !== null) writeOffset(file, offsetMs);
    },
  };
}

function readOffset(file: string): number {
  try {
    const { offsetMs } = JSON.parse(readFileSync(file, 'utf8')) as { offsetMs: number };
    return offsetMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new Error(`${file} does not say how far the clock was moved; remove the folder to begin anew`, { cause: error });
  }
}

function writeOffset(file: string, offsetMs: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.next`, `${JSON.stringify({ offsetMs })}\n`);
  renameSync(`${file}.next`, file);
}
