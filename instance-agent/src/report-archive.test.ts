import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { describe, expect, it } from 'vitest';
import { readArchive } from './archive-files.ts';
import { START } from './licenses.testkit.ts';
import { ReportArchive } from './report-archive.ts';
import { linkReports } from './spool-chain.ts';
import { MemoryDisk } from './spool-disk.testkit.ts';
import { realDisk, type SpoolDisk } from './spool-disk.ts';
import { Spool } from './spool.ts';
import { createRecordingLog, silentLog, temporaryFolder } from './surroundings.testkit.ts';
import { COUNTERS, GAUGES, type UsageReport } from './usage.ts';

const DAY = 86_400_000;
const zero = Object.fromEntries([...GAUGES, ...COUNTERS].map((name) => [name, 0])) as Pick<UsageReport, (typeof GAUGES)[number] | (typeof COUNTERS)[number]>;
const reportsOf = (count: number): UsageReport[] =>
  linkReports(Array.from({ length: count }, (_, index) => ({ ...zero, reportId: `r${index + 1}`, sequence: index + 1, intervalStart: new Date(START.getTime() + index * 1000).toISOString(), intervalEnd: new Date(START.getTime() + (index + 1) * 1000).toISOString() })), { after: 0, through: Infinity, hash: CHAIN_START }).reports;

interface Setting {
  disk?: SpoolDisk;
  days?: number;
  maxBytes?: number;
  fileBytes?: number;
  now?: () => Date;
}

const open = (folder: string, { disk = realDisk, days = 400, maxBytes = 1e9, now = () => START, ...rest }: Setting = {}, log = silentLog): ReportArchive => new ReportArchive(folder, log, { disk, days, maxBytes, now, ...rest });

async function sequencesIn(folder: string, disk: SpoolDisk = realDisk): Promise<number[]> {
  const sequences: number[] = [];
  await readArchive(disk, folder, ({ sequence }) => sequences.push(sequence));
  return sequences;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the archive', () => {
  it('has a line for each report that was sent, once, however often it was sent and the agent started', async () => {
    const folder = join(await temporaryFolder(), 'archive');
    const reports = reportsOf(5);
    const first = open(folder);
    await first.keep(reports.slice(0, 2), true);
    await first.keep(reports.slice(0, 3), true);
    await first.close();
    const second = open(folder);
    await second.keep(reports.slice(1, 5), true);
    await second.keep(reports.slice(1, 4), true);
    await second.close();
    expect(await sequencesIn(folder)).toEqual([1, 2, 3, 4, 5]);
    expect(await readdir(folder)).toEqual(['sent-2026-11-0001.jsonl']);
    const [line = ''] = (await readFile(join(folder, 'sent-2026-11-0001.jsonl'), 'utf8')).split('\n');
    expect(JSON.parse(line)).toEqual({ sequence: 1, reportId: 'r1', intervalStart: reports[0]?.intervalStart, intervalEnd: reports[0]?.intervalEnd, counts: range(1, 11).map(() => 0), previousHash: CHAIN_START, hash: reports[1]?.previousHash, sentAt: START.toISOString() });
    expect((await stat(join(folder, 'sent-2026-11-0001.jsonl'))).mode & 0o777).toBe(0o600);
  });

  it('touches no file before something is sent, and keeps what a spool that was lost begins anew', async () => {
    const folder = join(await temporaryFolder(), 'archive');
    await open(folder).close();
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
    const first = open(folder);
    await first.keep(reportsOf(3), true);
    await first.close();
    const second = open(folder);
    await second.keep(reportsOf(2).map((report) => ({ ...report, reportId: `new-${report.reportId}` })), true);
    await second.close();
    expect(await sequencesIn(folder)).toEqual([1, 2, 3, 1, 2]);
  });

  it('goes on in a new file with each month, but not in an earlier one, and lets go of what is too old', async () => {
    const folder = join(await temporaryFolder(), 'archive');
    let now = START;
    const archive = open(folder, { days: 60, now: () => now });
    const reports = reportsOf(6);
    const days = [0, 20, 5, 40, 75, 110];
    for (const [index, day] of days.entries()) {
      now = new Date(START.getTime() + day * DAY);
      await archive.keep(reports.slice(index, index + 1), true);
    }
    await archive.close();
    expect(await readdir(folder)).toEqual(['sent-2027-02-0001.jsonl', 'sent-2027-03-0001.jsonl']);
    now = new Date(START.getTime() + 400 * DAY);
    const later = open(folder, { days: 60, now: () => now });
    await later.keep([], true);
    await later.close();
    expect(await readdir(folder)).toEqual(['sent-2027-03-0001.jsonl']);
  });

  it('is no larger than it may be: the oldest file goes first, the one that is written never', async () => {
    const folder = join(await temporaryFolder(), 'archive');
    const archive = open(folder, { maxBytes: 16_000 });
    const reports = reportsOf(200);
    for (const report of reports) await archive.keep([report], true);
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(bytes).toBe(archive.bytes);
    expect(bytes).toBeLessThan(16_000 + 2_500);
    expect(bytes).toBeGreaterThan(12_000);
    await archive.close();
    const kept = await sequencesIn(folder);
    expect(kept).toEqual(range(kept[0] ?? 0, 200));
  });

  it.each(['{"sequence":9', '{"sequence":9}\n', '\n', '\0\0\0'])('cuts off a torn tail (%j) and goes on behind it', async (tail) => {
    const folder = join(await temporaryFolder(), 'archive');
    const first = open(folder);
    await first.keep(reportsOf(2), true);
    await first.close();
    await appendFile(join(folder, 'sent-2026-11-0001.jsonl'), tail);
    expect(await sequencesIn(folder)).toEqual([1, 2]);
    const second = open(folder);
    await second.keep(reportsOf(3), true);
    await second.close();
    expect(await sequencesIn(folder)).toEqual([1, 2, 3]);
    expect((await readFile(join(folder, 'sent-2026-11-0001.jsonl'), 'utf8')).trimEnd().split('\n')).toHaveLength(3);
  });

  it('does not believe a line that was changed, and says so', async () => {
    const folder = join(await temporaryFolder(), 'archive');
    const first = open(folder);
    await first.keep(reportsOf(3), true);
    await first.close();
    const path = join(folder, 'sent-2026-11-0001.jsonl');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/("reportId":"r2".*?"counts":\[)0/, '$17'));
    expect(await readArchive(realDisk, folder, () => undefined)).toEqual({ damaged: 1, entries: 2 });
    const { log, lines } = createRecordingLog();
    const second = open(folder, {}, log);
    await second.keep(reportsOf(4).slice(3), true);
    await second.close();
    expect(lines).toMatchObject([{ level: 50, damaged: 1 }]);
    expect(await sequencesIn(folder)).toEqual([1, 3, 4]);
  });

  it('reads nothing where there is none, and passes over other files', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'sent-2026-11-1.jsonl.bak'), 'x');
    expect(await readArchive(realDisk, folder, () => undefined)).toEqual({ damaged: 0, entries: 0 });
    await rm(folder, { recursive: true });
    expect(await readArchive(realDisk, folder, () => undefined)).toEqual({ damaged: 0, entries: 0 });
  });
});

describe('a disk that refuses the archive', () => {
  it.each([
    ['ENOSPC', (disk: MemoryDisk): void => { disk.capacityBytes = disk.bytes + 20; }],
    ['EROFS', (disk: MemoryDisk): void => { disk.isReadOnly = true; }],
    ['EIO', (disk: MemoryDisk): void => { disk.broken.add('sync'); }],
  ] as const)('(%s) keeps no report back, is told once, and what it refused is written when it can be', async (code, breakIt) => {
    const disk = new MemoryDisk();
    const { log, lines } = createRecordingLog();
    const archive = open('/archive', { disk }, log);
    const reports = reportsOf(6);
    await archive.keep(reports.slice(0, 1), true);
    const before = disk.bytes;
    breakIt(disk);
    await archive.keep(reports.slice(0, 3), true);
    await archive.keep(reports.slice(2, 4), true);
    expect([archive.problem, archive.waitingCount]).toEqual([{ code, since: START }, 3]);
    expect(lines.map(({ level }) => level)).toEqual([50]);
    disk.capacityBytes = Infinity;
    disk.isReadOnly = false;
    disk.broken.clear();
    // A tail that could not be cut off is cut off when it is opened again.
    expect(disk.bytes).toBeGreaterThanOrEqual(before);
    await archive.keep(reports.slice(4), true);
    expect([archive.problem, archive.waitingCount]).toEqual([null, 0]);
    expect(lines.at(-1)).toMatchObject({ level: 30, code });
    expect(await sequencesIn('/archive', disk)).toEqual([1, 2, 3, 4, 5, 6]);
    await archive.close();
  });

  it('from the start keeps no report back either', async () => {
    const disk = new MemoryDisk();
    disk.isReadOnly = true;
    const archive = open('/archive', { disk });
    await archive.keep(reportsOf(2), true);
    expect(archive.problem?.code).toBe('EROFS');
    disk.isReadOnly = false;
    await archive.keep(reportsOf(2), true);
    expect(await sequencesIn('/archive', disk)).toEqual([1, 2]);
  });

  it('a fault that is not the disk is not hidden', async () => {
    const disk = new MemoryDisk();
    disk.stopAtCall = 1;
    await expect(open('/archive', { disk }).keep(reportsOf(1), true)).rejects.toThrow();
  });
});

describe('the spool with an archive', () => {
  const interval = (n: number) => ({ start: new Date(START.getTime() + n * 1000), end: new Date(START.getTime() + (n + 1) * 1000) });
  const collected = { gauges: { activeDevices: 1 }, counters: {}, baselines: {} };

  it('gives reports away with their archive entries on disk, at the price of one fsync', async () => {
    const disk = new MemoryDisk();
    let syncs = 0;
    const counting: SpoolDisk = {
      createFolder: async () => disk.createFolder(),
      list: () => disk.list(),
      read: (path) => disk.read(path),
      remove: (path) => disk.remove(path),
      syncFolder: async () => disk.syncFolder(),
      open: async (path, create) => {
        const file = await disk.open(path, create);
        return { ...file, sync: () => ((syncs += 1), file.sync()) };
      },
    };
    const spool = await Spool.open('/spool', silentLog, { disk: counting, archive: open('/archive', { disk: counting }) });
    for (const n of range(0, 99)) await spool.append(collected, interval(n));
    await spool.noteAttempt(50);
    const before = syncs;
    expect(await spool.noteAttempt(100)).toHaveLength(100);
    // The note, and the archive.
    expect(syncs - before).toBe(2);
    expect(await sequencesIn('/archive', disk)).toEqual(range(1, 100));
    await spool.noteAttempt(100);
    expect(syncs - before).toBe(2);
    await spool.close();
  });

  it('leaves the room that is kept for verdicts to the verdicts', async () => {
    const disk = new MemoryDisk();
    const archive = open('/archive', { disk });
    const spool = await Spool.open('/spool', silentLog, { disk, archive, segmentBytes: 1_500, reserveBytes: 4_000 });
    for (const n of range(0, 11)) await spool.append(collected, interval(n));
    disk.capacityBytes = disk.bytes;
    expect(await spool.noteAttempt(8)).toHaveLength(8);
    expect([archive.problem?.code, archive.waitingCount]).toEqual(['ENOSPC', 8]);
    await spool.settle(8);
    disk.capacityBytes = Infinity;
    await spool.mend();
    await spool.append(collected, interval(12));
    await spool.noteAttempt(9);
    expect([archive.problem, await sequencesIn('/archive', disk)]).toEqual([null, range(1, 9)]);
    await spool.close();
  });
});
