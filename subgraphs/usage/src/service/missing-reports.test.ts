import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTenant, prepareDatabase, reportEnding, startUnderTest, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

const report = (sequence: number, more: Record<string, unknown> = {}) => reportEnding(new Date(clock.now().getTime() - 1_000_000 + sequence), { sequence, ...more });
const gapsOf = async ({ id, user }: Tenant): Promise<{ from: number; to: number }[]> => (await usage.entity<{ missingReports: { from: number; to: number }[] }>(user, 'Instance', instanceId(id, 'plant-1'), 'missingReports { from to }'))?.missingReports ?? [];
const send = (tenant: Tenant, sequences: readonly number[]) => usage.report(tenant.instance, 'plant-1', sequences.map((sequence) => report(sequence)));

describe('reports that never arrived', () => {
  it('are told by their numbers, and close when they come late', async () => {
    const tenant = newTenant();
    await send(tenant, [1, 2, 3]);
    expect(await gapsOf(tenant)).toEqual([]);
    await send(tenant, [7, 10]);
    expect(await gapsOf(tenant)).toEqual([{ from: 4, to: 6 }, { from: 8, to: 9 }]);
    await send(tenant, [5, 9]);
    expect(await gapsOf(tenant)).toEqual([{ from: 4, to: 4 }, { from: 6, to: 6 }, { from: 8, to: 8 }]);
    await send(tenant, [8, 6, 4]);
    expect(await gapsOf(tenant)).toEqual([]);
  });

  it('begin at the first: a fleet that starts at five has lost four', async () => {
    const tenant = newTenant();
    await send(tenant, [5]);
    expect(await gapsOf(tenant)).toEqual([{ from: 1, to: 4 }]);
  });

  it('are not those that came and were refused, nor those that say no number', async () => {
    const tenant = newTenant();
    await send(tenant, [1]);
    await usage.report(tenant.instance, 'plant-1', [report(2, { activeDevices: -1 }), reportEnding(clock.now())]);
    await send(tenant, [3]);
    expect(await gapsOf(tenant)).toEqual([]);
  });

  it('are the same in whatever order, in however many calls, at once or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 5 }), async (sequences, calls) => {
        const tenant = newTenant();
        const parts = Array.from({ length: calls }, (_each, part) => sequences.filter((_sequence, index) => index % calls === part)).filter((part) => part.length > 0);
        await Promise.all(parts.map((part) => send(tenant, part)));
        const missing = (await gapsOf(tenant)).flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_each, index) => from + index));
        expect(missing).toEqual(Array.from({ length: Math.max(...sequences) }, (_each, index) => index + 1).filter((sequence) => !sequences.includes(sequence)));
      }),
      { numRuns: 30 },
    );
  });

  it('of who leaves thousands of gaps are given up before they weigh on every report', async () => {
    const tenant = newTenant();
    for (let call = 0; call < 4; call += 1) await send(tenant, Array.from({ length: 1_000 }, (_each, index) => 2 * (call * 1_000 + index) + 1));
    await send(tenant, [10_001]);
    expect(await gapsOf(tenant)).toEqual([{ from: 8_000, to: 10_000 }]);
  });
});
