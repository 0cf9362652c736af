import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { START } from './licenses.testkit.ts';
import { Spool, type Collected } from './spool.ts';
import { createRecordingLog, silentLog, temporaryFolder } from './surroundings.testkit.ts';

const interval = (n: number) => ({ start: new Date(START.getTime() + n * 1000), end: new Date(START.getTime() + (n + 1) * 1000) });
const collected = (messages: number, value: number): Collected => ({ gauges: { activeDevices: 3 }, counters: { mqttMessagesPublished: messages }, baselines: { a: { replace: false, series: { s: value } } } });
const sequences = (spool: Spool) => spool.pending(100_000).map(({ sequence }) => sequence);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function segmentsOf(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('spool-')).sort();
}

describe('the spool', () => {
  it('gives reports back after a restart: same ids, same numbers, sequence going on', async () => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    const reports = [await first.append(collected(5, 5), interval(0)), await first.append(collected(7, 12), interval(1))];
    await first.close();
    const second = await Spool.open(folder, silentLog);
    expect(second.pending(10)).toEqual(reports);
    expect(second.baselines).toEqual({ a: { s: 12 } });
    expect(second.intervalEnd).toEqual(interval(1).end);
    expect((await second.append(collected(1, 13), interval(2))).sequence).toBe(3);
    await second.close();
  });

  it('remembers verdicts through a restart, and sequence and baselines when every report is gone', async () => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    for (const n of range(0, 3)) await first.append(collected(1, n), interval(n));
    await first.settle(3);
    await first.close();
    const second = await Spool.open(folder, silentLog);
    expect(sequences(second)).toEqual([4]);
    await second.settle(4);
    await second.close();
    const third = await Spool.open(folder, silentLog);
    expect(third.pendingCount).toBe(0);
    expect(third.lastSequence).toBe(4);
    expect(third.baselines).toEqual({ a: { s: 3 } });
    await third.close();
  });

  it.each(['{"kind":"report"', '00000000 {"kind":"settled","through":1,"returned":{}}\n', '\n', '\0\0\0\0\0\0'])('cuts off a torn tail (%j) and goes on behind it', async (tail) => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    await first.append(collected(1, 1), interval(0));
    await first.close();
    const path = join(folder, (await segmentsOf(folder))[0] ?? '');
    const whole = await readFile(path);
    await appendFile(path, tail);
    const { log, lines } = createRecordingLog();
    const second = await Spool.open(folder, log);
    expect(sequences(second)).toEqual([1]);
    expect(await readFile(path)).toEqual(whole);
    expect(lines).toHaveLength(1);
    await second.append(collected(1, 2), interval(1));
    await second.close();
    const third = await Spool.open(folder, silentLog);
    expect(sequences(third)).toEqual([1, 2]);
    await third.close();
  });

  it('is whole after a cut at every single byte of its last record', async () => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    await first.append(collected(1, 1), interval(0));
    const path = join(folder, (await segmentsOf(folder))[0] ?? '');
    const before = (await stat(path)).size;
    await first.append(collected(1, 2), interval(1));
    await first.close();
    const whole = await readFile(path);
    for (let length = before; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      const spool = await Spool.open(folder, silentLog);
      expect(sequences(spool)).toEqual([1]);
      expect(spool.baselines).toEqual({ a: { s: 1 } });
      await spool.close();
    }
  });

  it('loses only what a damaged record said, never what stands behind it', async () => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    for (const n of range(0, 2)) await first.append(collected(1, n), interval(n));
    await first.close();
    const path = join(folder, (await segmentsOf(folder))[0] ?? '');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"sequence":2', '"sequence":9'));
    const { log, lines } = createRecordingLog();
    const second = await Spool.open(folder, log);
    expect(sequences(second)).toEqual([1, 3]);
    expect(lines).toMatchObject([{ level: 50, damaged: 1 }]);
    await second.close();
  });

  it('rotates, and removes segments when all their reports are settled', async () => {
    const folder = await temporaryFolder();
    const spool = await Spool.open(folder, silentLog, { segmentBytes: 2000 });
    for (const n of range(0, 39)) await spool.append(collected(1, n), interval(n));
    const before = await segmentsOf(folder);
    expect(before.length).toBeGreaterThan(5);
    await spool.settle(39);
    expect((await segmentsOf(folder)).length).toBeLessThanOrEqual(3);
    expect(sequences(spool)).toEqual([40]);
    await spool.settle(40);
    for (const n of range(40, 59)) {
      await spool.append(collected(1, n), interval(n));
      await spool.settle(n + 1);
    }
    expect((await segmentsOf(folder)).length).toBeLessThanOrEqual(3);
    await spool.close();
    const again = await Spool.open(folder, silentLog, { segmentBytes: 2000 });
    expect(again.pendingCount).toBe(0);
    expect(again.lastSequence).toBe(60);
    await again.close();
  });

  it('carries what the product recorded in the next report, once, and repeats its gauges', async () => {
    const folder = await temporaryFolder();
    const first = await Spool.open(folder, silentLog);
    await first.record({ activeDevices: 4 }, { httpRequests: 10 });
    await first.record({}, { httpRequests: 5 });
    await first.close();
    const second = await Spool.open(folder, silentLog);
    expect(second.hasRecorded).toBe(true);
    expect(await second.append({ gauges: {}, counters: {}, baselines: {} }, interval(0))).toMatchObject({ activeDevices: 4, httpRequests: 15 });
    await second.close();
    const third = await Spool.open(folder, silentLog);
    expect(await third.append(collected(1, 1), interval(1))).toMatchObject({ activeDevices: 7, httpRequests: 0, mqttMessagesPublished: 1 });
    await third.close();
  });

  it('refuses to write after it was closed', async () => {
    const spool = await Spool.open(await temporaryFolder(), silentLog);
    await spool.close();
    await expect(spool.append(collected(1, 1), interval(0))).rejects.toThrow('closed');
  });

  it('holds every report that was answered, and no sequence twice, after kill -9 at any moment', { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder();
    let answered = 0;
    for (let round = 0; round < 6; round += 1) {
      answered = Math.max(answered, await appendUntilKilled(folder, 5 + round * 9));
      const spool = await Spool.open(folder, silentLog);
      const found = sequences(spool);
      expect(found).toEqual(range(1, found.length));
      // At most the one that was under way is there without having been answered.
      expect(found.length - answered).toBeGreaterThanOrEqual(0);
      expect(found.length - answered).toBeLessThanOrEqual(1);
      expect(spool.baselines).toEqual({ a: { s: found.length } });
      answered = found.length;
      await spool.close();
    }
  });

  it('refuses while the disk takes no more, keeps what was answered, and goes on when it does', async () => {
    const folder = await temporaryFolder();
    const answers = await appendUnderFileLimit(folder, 12);
    const kept = answers.filter((answer) => answer !== 'refused').map(Number);
    expect(kept.length).toBeGreaterThan(3);
    expect(answers.slice(kept.length)).toEqual(['refused', 'refused', 'refused']);
    const { log, lines } = createRecordingLog();
    const spool = await Spool.open(folder, log);
    expect(lines).toEqual([]);
    expect(sequences(spool)).toEqual(kept);
    expect((await spool.append(collected(1, 1), interval(99))).sequence).toBe(kept.length + 1);
    await spool.close();
  });
});

/** A process that may write no file longer than so many blocks of 512 bytes: appends until it was refused three times. */
async function appendUnderFileLimit(folder: string, limitBlocks: number): Promise<string[]> {
  const script = `
    import { Spool } from ${JSON.stringify(new URL('spool.ts', import.meta.url).href)};
    import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)};
    const spool = await Spool.open(${JSON.stringify(folder)}, createLog('silent'));
    for (let refused = 0; refused < 3; ) {
      try {
        const n = spool.lastSequence;
        const report = await spool.append({ gauges: {}, counters: {}, baselines: {} }, { start: new Date(n * 1000), end: new Date((n + 1) * 1000) });
        process.stdout.write(report.sequence + '\\n');
      } catch {
        refused += 1;
        process.stdout.write('refused\\n');
      }
    }
    await spool.close();`;
  const command = `trap '' XFSZ; ulimit -f ${limitBlocks}; exec "$0" --import tsx --input-type=module --eval "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TSX_DISABLE_CACHE: '1' } });
  const answers: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) answers.push(line);
  return answers;
}

/** A process that appends as fast as it can and tells each sequence that it was answered; killed after so many. */
async function appendUntilKilled(folder: string, count: number): Promise<number> {
  const script = `
    import { Spool } from ${JSON.stringify(new URL('spool.ts', import.meta.url).href)};
    import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)};
    const spool = await Spool.open(${JSON.stringify(folder)}, createLog('silent'), { segmentBytes: 3000 });
    for (let n = spool.lastSequence; ; n += 1) {
      const report = await spool.append({ gauges: {}, counters: {}, baselines: { a: { replace: false, series: { s: n + 1 } } } }, { start: new Date(n * 1000), end: new Date((n + 1) * 1000) });
      process.stdout.write(report.sequence + '\\n');
    }`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let last = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    seen += 1;
    if (seen === count) child.kill('SIGKILL');
  }
  await exited;
  return last;
}
