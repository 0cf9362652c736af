import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './child.ts';
import { median } from './statistics.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  platform: string;
  node: string;
  postgres: string;
  /** What a commit has to wait for: median of one write and fdatasync where the databases lie, in µs. */
  fdatasyncMicroseconds: number;
  /** Others at work on the machine at the start: figures of a busy one are worth less. */
  loadAverage: number;
}

const SYNCS = 200;

export function describeMachine(postgres: string): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    postgres,
    fdatasyncMicroseconds: Math.round(measureSync()),
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function measureSync(): number {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-bench-sync-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const page = Buffer.alloc(8192, 1);
  try {
    const times = Array.from({ length: SYNCS }, (_, index) => {
      const started = process.hrtime.bigint();
      writeSync(file, page, 0, page.length, (index % 16) * page.length);
      fdatasyncSync(file);
      return Number(process.hrtime.bigint() - started) / 1000;
    });
    return median(times);
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The commit that was measured; `+` where the tree held something else besides. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--', ':!bench/results', ':!docs') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
