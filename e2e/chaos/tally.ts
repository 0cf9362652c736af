import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageReport } from '../../instance-agent/src/usage.ts';

/** One report, as it was when the spool said that it is on disk. */
export type TalliedReport = UsageReport & {
  /** Found in the spool after a kill, which came between its fsync and this note. */
  isFound?: boolean;
};

/** What an instance spooled, in its own words; kept where no fault reaches. */
export function tallyFileOf(folder: string): string {
  return join(folder, 'tally.jsonl');
}

/** Written before the report can have been sent. A kill -9 leaves what was written: the system has it. */
export function tally(folder: string, report: TalliedReport): void {
  appendFileSync(tallyFileOf(folder), `${JSON.stringify(report)}\n`);
}

export function readTally(folder: string): TalliedReport[] {
  const file = tallyFileOf(folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TalliedReport);
}
