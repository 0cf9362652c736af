/** The agent's spool against the real thing: kill -9 a thousand times, a disk that is full, read-only, or fails to fsync. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Spool } from '../../instance-agent/src/spool.ts';
import type { UsageReport } from '../../instance-agent/src/usage.ts';
import { ROOT } from '../built.ts';
import { compileProgram } from './compile-program.ts';
import { countLives } from './lives.ts';
import { BOUNDS, silent, START_MS } from './spool-bounds.ts';

const KILLS = 1000;
const LANES = 4;
/** Enough for all of them on a machine of one's own. */
const KILLING_MS = 100_000;
/** A life lasts up to so long from the moment that it opens its spool. */
const LONGEST_LIFE_MS = 150;

const folder = mkdtempSync(join(tmpdir(), 'iotistic-spool-'));
const disk = join(folder, 'disk');
mkdirSync(disk);
mkdirSync(join(ROOT, '.tmp'), { recursive: true });
const compiled = mkdtempSync(join(ROOT, '.tmp/spool-writer-'));
let writer: string;

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const canMount = runs('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk);
if (!canMount) process.stderr.write('a tmpfs cannot be mounted (that takes root): the full and the read-only disk are skipped\n');
const canTrace = runs('strace', '-f', '-o', '/dev/null', 'true');
if (!canTrace) process.stderr.write('no strace that may trace: the failing fsync is skipped\n');

beforeAll(async () => {
  writer = await compileProgram(join(import.meta.dirname, 'spool-writer.ts'), compiled);
});
afterAll(() => {
  if (canMount) runs('umount', disk);
  for (const one of [folder, compiled]) rmSync(one, { recursive: true, force: true });
});

/** What is told of one spool, over all its lives: the plane's reports, and what was answered as durable. */
class Account {
  readonly plane = new Map<string, { text: string; report: UsageReport }>();
  readonly refusals: string[] = [];
  counted = 0;

  constructor(readonly folder: string) {}

  take(line: string): void {
    const [, word, rest = ''] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    if (word === 'counted') this.counted = Number(rest);
    if (word === 'refused') this.refusals.push(rest);
    if (word !== 'sent') return;
    const report = JSON.parse(rest) as UsageReport;
    expect(this.plane.get(report.reportId)?.text ?? rest).toBe(rest);
    this.plane.set(report.reportId, { text: rest, report });
  }

  /** Opens the spool as its next life does: everything that was counted is at the plane or waits, once, and all in a row. */
  async check(): Promise<Spool> {
    const spool = await Spool.open(this.folder, silent, BOUNDS);
    const pending = spool.pending(1_000_000);
    for (const report of pending) expect(JSON.stringify(report)).toBe(this.plane.get(report.reportId)?.text ?? JSON.stringify(report));
    const all = [...[...this.plane.values()].map(({ report }) => report), ...pending.filter(({ reportId }) => !this.plane.has(reportId))];
    const taken = spool.baselines['a']?.['s'] ?? 0;
    expect(taken).toBeGreaterThanOrEqual(this.counted);
    expect(all.reduce((sum, { mqttMessagesPublished }) => sum + mqttMessagesPublished, 0)).toBe(taken);
    const sequences = all.map(({ sequence }) => sequence).sort((a, b) => a - b);
    expect(sequences.findIndex((sequence, index) => sequence !== index + 1)).toBe(-1);
    this.counted = taken;
    return spool;
  }
}

/** One process on the spool; `kill` ends it at a random moment after it began to open. */
async function live(account: Account, command: readonly string[], kill: boolean): Promise<number | string | null> {
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line === 'opening' && kill) setTimeout(() => child.kill('SIGKILL'), Math.random() * LONGEST_LIFE_MS);
    account.take(line);
  }
  const [code, signal] = await exited;
  return code ?? signal;
}

describe('the spool of the agent', () => {
  it(`has lost and doubled nothing after up to ${KILLS} times kill -9`, { timeout: 600_000 }, async () => {
    const goesOn = countLives({ lives: KILLS, lanes: LANES, forMs: KILLING_MS });
    const lane = async (number: number): Promise<{ merged: number; counted: number; plane: number }> => {
      const account = new Account(join(folder, `lane-${number}`));
      let merged = 0;
      for (let kills = 0; goesOn(kills); kills += 1) {
        expect(await live(account, [process.execPath, writer, account.folder], true)).toBe('SIGKILL');
        const spool = await account.check();
        merged = spool.mergedReports;
        await spool.close();
      }
      return { merged, counted: account.counted, plane: account.plane.size };
    };
    const lanes = await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    const sum = (of: (lane: (typeof lanes)[number]) => number): number => lanes.reduce((total, each) => total + of(each), 0);
    expect([sum(({ counted }) => counted) > 10_000, sum(({ plane }) => plane) > 10, sum(({ merged }) => merged) > 10]).toEqual([true, true, true]);
  });

  it.skipIf(!canMount)('outlives a disk that is full and then read-only, notes its verdicts all the same, and goes on when there is room', async () => {
    const spool = await Spool.open(join(disk, 'spool'), silent, {});
    const append = (): Promise<UsageReport> => {
      const value = (spool.baselines['a']?.['s'] ?? 0) + 1;
      const start = spool.intervalEnd ?? new Date(START_MS);
      return spool.append({ gauges: {}, counters: { mqttMessagesPublished: 1 }, baselines: { a: { replace: false, series: { s: value } } } }, { start, end: new Date(start.getTime() + 60_000) });
    };
    const appendUntilRefused = async (): Promise<unknown> => {
      for (;;) {
        const refused = await append().then(() => null, (error: unknown) => error);
        if (refused !== null) return refused;
      }
    };
    expect(await appendUntilRefused()).toMatchObject({ name: 'SpoolUnavailableError', code: 'ENOSPC' });
    const kept = spool.pendingCount;
    expect(kept).toBeGreaterThan(1500);
    expect(spool.problem).toMatchObject({ code: 'ENOSPC', message: 'The spool cannot be written: the disk is full' });
    const sent = await spool.noteAttempt(1000);
    expect(sent).toHaveLength(1000);
    await spool.settle(1000);
    expect(spool.pendingCount).toBe(kept - 1000);

    expect(await append().catch((error: unknown) => error)).toMatchObject({ code: 'ENOSPC' });
    expect(runs('mount', '-o', 'remount,ro', disk)).toBe(true);
    await expect(spool.settle(1001)).rejects.toMatchObject({ code: 'EROFS' });
    expect(spool.problem).toMatchObject({ code: 'EROFS', message: 'The spool cannot be written: the disk is read-only' });
    const restarted = await Spool.open(join(disk, 'spool'), silent, {});
    expect([restarted.pendingCount, restarted.problem?.code]).toEqual([kept - 1000, 'EROFS']);
    await restarted.close();

    expect(runs('mount', '-o', 'remount,rw,size=4m', disk)).toBe(true);
    await spool.mend();
    expect(spool.problem).toBeNull();
    expect((await append()).sequence).toBe(kept + 1);
    await spool.close();
    const again = await Spool.open(join(disk, 'spool'), silent, {});
    expect(again.pending(10_000).map(({ sequence }) => sequence)).toEqual(Array.from({ length: kept - 999 }, (_, index) => 1001 + index));
    expect(again.baselines).toEqual({ a: { s: kept + 1 } });
    await again.close();
  });

  it.skipIf(!canTrace)('outlives every fifth fsync failing: what it refused is not there, what it answered is', async () => {
    const account = new Account(join(folder, 'failing'));
    const trace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO:when=5+5'];
    expect(await live(account, [...trace, process.execPath, writer, account.folder, '300'], false)).toBe(0);
    expect(account.refusals.length).toBeGreaterThan(20);
    expect(new Set(account.refusals)).toEqual(new Set(['EIO']));
    expect(account.counted).toBeGreaterThan(1000);
    const { counted } = account;
    await (await account.check()).close();
    expect(account.counted).toBe(counted);
  });
});
