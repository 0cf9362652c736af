import { describe, expect, it } from 'vitest';
import { START } from './licenses.testkit.ts';
import { MemoryDisk } from './spool-disk.testkit.ts';
import { encodeRecord, EMPTY_STATE, type SpoolRecord } from './spool-record.ts';
import { SpoolUnavailableError } from './spool-error.ts';
import { Spool, type Collected, type SpoolOptions } from './spool.ts';
import { createRecordingLog, silentLog } from './surroundings.testkit.ts';
import type { UsageReport } from './usage.ts';

const NOW = new Date('2026-10-21T12:00:00Z');
const interval = (n: number) => ({ start: new Date(START.getTime() + n * 60_000), end: new Date(START.getTime() + (n + 1) * 60_000) });
const collected = (value: number): Collected => ({ gauges: { activeDevices: 3 }, counters: { mqttMessagesPublished: 1 }, baselines: { a: { replace: false, series: { s: value } } } });
const openOn = (disk: MemoryDisk, options: SpoolOptions = {}, log = silentLog): Promise<Spool> => Spool.open('/spool', log, { now: () => NOW, ...options, disk });

async function appendMany(spool: Spool, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) await spool.append(collected((spool.baselines['a']?.['s'] ?? 0) + 1), interval(spool.baselines['a']?.['s'] ?? 0));
}

describe('a disk that refuses', () => {
  it.each([
    ['ENOSPC', 'the disk is full', (disk: MemoryDisk): void => { disk.capacityBytes = disk.bytes + 20; }],
    ['EROFS', 'the disk is read-only', (disk: MemoryDisk): void => { disk.isReadOnly = true; }],
    ['EIO', 'the disk reports an input/output error', (disk: MemoryDisk): void => { disk.broken.add('sync'); }],
  ] as const)('%s is named, nothing is taken for written, and it goes on by itself', async (code, words, breakIt) => {
    const disk = new MemoryDisk();
    const { log, lines } = createRecordingLog();
    const spool = await openOn(disk, {}, log);
    await appendMany(spool, 2);
    breakIt(disk);
    const refused = await spool.append(collected(3), interval(2)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SpoolUnavailableError);
    expect(refused).toMatchObject({ code, message: `The spool cannot be written: ${words}` });
    await expect(spool.record({}, { httpRequests: 5 })).rejects.toMatchObject({ code });
    await spool.mend();
    expect(spool.problem).toEqual({ code, since: NOW, message: `The spool cannot be written: ${words}` });
    expect(spool.writeFailures).toBe(3);
    expect(spool.healthy).toBe(false);
    expect([spool.pendingCount, spool.lastSequence, spool.baselines, spool.hasRecorded]).toEqual([2, 2, { a: { s: 2 } }, false]);
    expect(lines.map(({ level }) => level)).toEqual([50]);

    disk.capacityBytes = Infinity;
    disk.isReadOnly = false;
    disk.broken.clear();
    await spool.mend();
    expect(spool.problem).toBeNull();
    expect(lines.at(-1)).toMatchObject({ level: 30, code });
    expect((await spool.append(collected(3), interval(2))).sequence).toBe(3);
    await spool.close();
    const again = await openOn(disk);
    expect(again.pending(9).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(again.hasRecorded).toBe(false);
  });

  it('starts on a disk that takes nothing, says so, lets be sent what was noted before, and recovers', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await appendMany(first, 2);
    const noted = await first.noteAttempt(1);
    await first.close();
    disk.isReadOnly = true;
    const spool = await openOn(disk);
    expect(spool.problem).toMatchObject({ code: 'EROFS' });
    expect(await spool.noteAttempt(1)).toEqual(noted);
    await expect(spool.noteAttempt(2)).rejects.toMatchObject({ code: 'EROFS' });
    await expect(spool.settle(1)).rejects.toMatchObject({ code: 'EROFS' });
    disk.isReadOnly = false;
    await spool.mend();
    expect(spool.healthy).toBe(true);
    expect(await spool.noteAttempt(2)).toHaveLength(2);
  });

  it('keeps a reserve, on which the verdicts of a full disk are noted, and takes it again when there is room', async () => {
    const disk = new MemoryDisk();
    const spool = await openOn(disk, { segmentBytes: 1_500, reserveBytes: 4_000 });
    await appendMany(spool, 12);
    expect(disk.files()[0]).toBe('reserve.bin');
    disk.capacityBytes = disk.bytes;
    await expect(appendMany(spool, 1)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(disk.files()[0]).toBe('reserve.bin');
    expect(await spool.noteAttempt(1)).toHaveLength(1);
    expect(disk.files()[0]).not.toBe('reserve.bin');
    // What the reserve gave back is for verdicts alone.
    await expect(appendMany(spool, 1)).rejects.toMatchObject({ code: 'ENOSPC' });
    await spool.noteAttempt(11);
    await spool.settle(11);
    expect(disk.files()[0]).toBe('reserve.bin');
    await appendMany(spool, 1);
    expect(spool.pending(9).map(({ sequence }) => sequence)).toEqual([12, 13]);
  });

  it('tells that a verdict cannot be noted at all; the report stays as it was sent', async () => {
    const disk = new MemoryDisk();
    const spool = await openOn(disk, { reserveBytes: 0 });
    await appendMany(spool, 1);
    const sent = await spool.noteAttempt(1);
    disk.capacityBytes = disk.bytes;
    await expect(spool.settle(1)).rejects.toMatchObject({ code: 'ENOSPC' });
    disk.restart();
    const again = await openOn(disk, { reserveBytes: 0 });
    expect(again.pending(9)).toEqual(sent);
  });

  it('is refused, not emptied, when its files cannot be read', async () => {
    const disk = new MemoryDisk();
    await appendMany(await openOn(disk), 1);
    disk.read = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    await expect(openOn(disk)).rejects.toMatchObject({ name: 'SpoolUnavailableError', code: 'EIO' });
  });
});

describe('a spool that is larger than it may be', () => {
  const TINY = { maxBytes: 20_000, segmentBytes: 2_000, reserveBytes: 0 };

  it('merges the oldest and keeps every count; that it did is told, and remembered', async () => {
    const disk = new MemoryDisk();
    const { log, lines } = createRecordingLog();
    const spool = await openOn(disk, TINY, log);
    let largest = 0;
    for (let done = 0; done < 300; done += 1) {
      await appendMany(spool, 1);
      largest = Math.max(largest, spool.bytes);
    }
    expect(largest).toBeLessThan(TINY.maxBytes + 1_000);
    expect(disk.bytes).toBe(spool.bytes);
    expect(spool.mergedReports).toBeGreaterThan(250);
    expect(spool.pendingCount + spool.mergedReports).toBe(300);
    expect(spool.pending(300).reduce((sum, report) => sum + report.mqttMessagesPublished, 0)).toBe(300);
    expect(spool.oldestPendingAt).toEqual(interval(0).start);
    expect(lines[0]).toMatchObject({ level: 40, mergedReports: expect.any(Number) as number });
    const again = await openOn(disk, TINY);
    expect(again.mergedReports).toBe(spool.mergedReports);
    expect(again.pending(300)).toEqual(spool.pending(300));
  });

  it('never changes a report that may have been sent: it rather grows, and warns', async () => {
    const disk = new MemoryDisk();
    const { log, lines } = createRecordingLog();
    const spool = await openOn(disk, TINY, log);
    let sent: readonly UsageReport[] = [];
    while (spool.pendingCount < 60) {
      await appendMany(spool, 20);
      const before = sent;
      sent = await spool.noteAttempt(spool.lastSequence);
      expect(sent.slice(0, before.length)).toEqual(before);
    }
    await appendMany(spool, 200);
    expect(spool.bytes).toBeGreaterThan(TINY.maxBytes);
    expect(lines.find(({ level, bytes }) => level === 40 && Number(bytes) > TINY.maxBytes)).toMatchObject({ maxBytes: TINY.maxBytes });
    expect(spool.pending(sent.length)).toEqual(sent);
    const again = await openOn(disk, TINY);
    expect(again.pending(sent.length)).toEqual(sent);
    const messages = again.pending(300).reduce((sum, report) => sum + report.mqttMessagesPublished, 0);
    expect(messages).toBe(again.baselines['a']?.['s']);
    await again.settle(sent.at(-1)?.sequence ?? 0);
    await appendMany(again, 30);
    expect(again.bytes).toBeLessThan(TINY.maxBytes);
  });

  it('hands out for sending what a merge made in between, not what it took away', async () => {
    const spool = await openOn(new MemoryDisk(), TINY);
    await appendMany(spool, 35);
    const stale = spool.pending(10);
    const merge = appendMany(spool, 20);
    await merge;
    const sent = await spool.noteAttempt(stale.at(-1)?.sequence ?? 0);
    expect(spool.mergedReports).toBeGreaterThan(0);
    expect(sent).toEqual(spool.pending(10));
    expect(sent[0]?.reportId).not.toBe(stale[0]?.reportId);
  });

  it('drops what is of no use any more before it merges anything', async () => {
    const spool = await openOn(new MemoryDisk(), TINY);
    await appendMany(spool, 1);
    for (let done = 0; done < 1000; done += 1) await spool.record({}, { httpRequests: 1 });
    expect(spool.bytes).toBeLessThan(TINY.maxBytes + 1_000);
    expect([spool.pendingCount, spool.mergedReports]).toEqual([1, 0]);
    expect(await spool.append(collected(2), interval(1))).toMatchObject({ httpRequests: 1000 });
  });

  it('notes an attempt once, and only what there is', async () => {
    const disk = new MemoryDisk();
    const spool = await openOn(disk, TINY);
    expect(await spool.noteAttempt(0)).toEqual([]);
    await appendMany(spool, 3);
    expect(await spool.noteAttempt(99)).toHaveLength(3);
    const { calls } = disk;
    expect(await spool.noteAttempt(2)).toHaveLength(2);
    expect(await spool.noteAttempt(3)).toHaveLength(3);
    expect(disk.calls).toBe(calls);
  });

  it('merges nothing that an earlier version left behind, for it never said what it had sent', async () => {
    const disk = new MemoryDisk();
    const old = await openOn(disk, TINY);
    await appendMany(old, 30);
    const { attemptedThrough: _, mergedReports: __, ...oldState } = EMPTY_STATE;
    const records = [{ kind: 'state', state: oldState }, ...old.pending(30).map((report: UsageReport) => ({ kind: 'report', report, baselines: {} }))] as SpoolRecord[];
    const previous = new MemoryDisk();
    const file = await previous.open('/spool/spool-000000000001.log', true);
    await file.append(Buffer.concat(records.map(encodeRecord)));
    const spool = await openOn(previous, TINY);
    await appendMany(spool, 200);
    expect(spool.mergedReports).toBeGreaterThan(0);
    expect(spool.pending(30)).toEqual(old.pending(30));
    expect(spool.lastSequence).toBe(230 - spool.mergedReports);
  });

  it('merges nothing that stood beside a damaged record, which may have said that it was sent', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await appendMany(first, 20);
    const sent = await first.noteAttempt(20);
    await appendMany(first, 1);
    const path = '/spool/spool-000000000001.log';
    const text = (await disk.read(path)).toString().replace('"attempted"', '"attemptEd"');
    await disk.remove(path);
    await (await disk.open(path, true)).append(Buffer.from(text));
    const spool = await openOn(disk, TINY);
    await appendMany(spool, 200);
    expect(spool.mergedReports).toBeGreaterThan(0);
    expect(spool.pending(20)).toEqual(sent);
  });
});
