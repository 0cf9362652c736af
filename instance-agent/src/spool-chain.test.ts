import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { describe, expect, it } from 'vitest';
import { START } from './licenses.testkit.ts';
import { hashOf } from './spool-chain.ts';
import { MemoryDisk } from './spool-disk.testkit.ts';
import { encodeRecord, readSegment, type SpoolRecord } from './spool-record.ts';
import { Spool, type SpoolOptions } from './spool.ts';
import { silentLog } from './surroundings.testkit.ts';
import type { UsageReport } from './usage.ts';

const FIRST = '/spool/spool-000000000001.log';
const openOn = (disk: MemoryDisk, options: SpoolOptions = {}): Promise<Spool> => Spool.open('/spool', silentLog, { reserveBytes: 0, ...options, disk });

async function append(spool: Spool, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const start = new Date(START.getTime() + spool.lastSequence * 60_000);
    await spool.append({ gauges: { activeDevices: 3 }, counters: { httpRequests: n }, baselines: {} }, { start, end: new Date(start.getTime() + 60_000) });
  }
}

/** Whether each carries the hash of the one before it, the first this one. */
function expectChain(reports: readonly UsageReport[], start: string): void {
  let hash: string | null = start;
  for (const report of reports) {
    expect(report.previousHash, `report ${report.sequence}`).toBe(hash);
    hash = hashOf(report);
  }
}

/** Replaces the first segment by what `edit` makes of its records. */
async function rewriteFirst(disk: MemoryDisk, edit: (record: SpoolRecord) => Buffer): Promise<void> {
  const { records } = readSegment(await disk.read(FIRST));
  await disk.remove(FIRST);
  const file = await disk.open(FIRST, true);
  await file.append(Buffer.concat(records.map(edit)));
  await file.sync();
}

describe('the chain', () => {
  it('is fixed when a report is noted as attempted, not before, and goes on from batch to batch and over restarts', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await append(first, 5);
    expect(first.pending(9).map(({ previousHash }) => previousHash)).toEqual(Array(5).fill(undefined));
    const sent = [...(await first.noteAttempt(2))];
    expectChain(sent, CHAIN_START);
    expect(first.pending(9)[2]?.previousHash).toBeUndefined();
    await first.settle(2);
    await first.close();
    const second = await openOn(disk);
    sent.push(...(await second.noteAttempt(4)));
    await second.close();
    const third = await openOn(disk);
    await append(third, 1);
    expect(await third.noteAttempt(4)).toEqual(sent.slice(2));
    sent.push(...(await third.noteAttempt(6)).slice(2));
    expect(sent).toHaveLength(6);
    expectChain(sent, CHAIN_START);
  });

  it('is the same after the segment is gone that its first reports stood in', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk, { segmentBytes: 1_000 });
    await append(first, 12);
    const sent = await first.noteAttempt(12);
    await first.settle(5);
    expect(disk.files()).not.toContain('spool-000000000001.log');
    await first.close();
    const second = await openOn(disk, { segmentBytes: 1_000 });
    expect(await second.noteAttempt(12)).toEqual(sent.slice(5));
  });

  it('begins behind what an earlier version may have sent: those stay as they were', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await append(first, 4);
    await first.noteAttempt(2);
    await first.close();
    // As an earlier version wrote it.
    await rewriteFirst(disk, (record) => {
      if (record.kind === 'attempted') return encodeRecord({ kind: 'attempted', through: record.through });
      return record.kind === 'state' ? encodeRecord({ kind: 'state', state: { ...record.state, chainHash: undefined as unknown as string } }) : encodeRecord(record);
    });
    const second = await openOn(disk);
    await append(second, 1);
    const sent = await second.noteAttempt(5);
    expect(sent.slice(0, 2).map(({ previousHash }) => previousHash)).toEqual([undefined, undefined]);
    expectChain(sent.slice(2), CHAIN_START);
    await second.close();
    expect(await (await openOn(disk)).noteAttempt(5)).toEqual(sent);
  });

  it('is the one that was sent after the note of it was damaged, over further restarts too', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await append(first, 4);
    const sent = await first.noteAttempt(4);
    await append(first, 1);
    await first.close();
    await rewriteFirst(disk, (record) => Buffer.from(encodeRecord(record).toString('latin1').replace('"attempted"', '"attemptEd"'), 'latin1'));
    disk.isReadOnly = true;
    expect((await openOn(disk)).pending(4)).toEqual(sent);
    disk.isReadOnly = false;
    const second = await openOn(disk);
    expect((await second.noteAttempt(5)).slice(0, 4)).toEqual(sent);
    await second.close();
    const third = await openOn(disk);
    await append(third, 1);
    const all = await third.noteAttempt(6);
    expect(all.slice(0, 4)).toEqual(sent);
    expectChain(all, CHAIN_START);
  });

  it('says nothing of reports beside one that the disk lost, and goes on behind them', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    await append(first, 4);
    const sent = await first.noteAttempt(4);
    await first.close();
    await rewriteFirst(disk, (record) => Buffer.from(encodeRecord(record).toString('latin1').replace('"sequence":2,"interval', '"sequence":7,"interval'), 'latin1'));
    const second = await openOn(disk);
    const left = await second.noteAttempt(4);
    expect(left.map(({ sequence, previousHash }) => [sequence, previousHash])).toEqual([[1, undefined], [3, undefined], [4, undefined]]);
    await append(second, 1);
    expect((await second.noteAttempt(5)).at(-1)?.previousHash).toBe(hashOf(sent[3] as UsageReport));
  });
});
