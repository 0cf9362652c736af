import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const END = Date.parse('2026-11-20T11:00:00.000Z');
let database: TestDatabase;
let usage: UsageUnderTest;
let second: UsageUnderTest;
let open: AsyncIterableIterator<unknown>[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
  second = await startUnderTest(database.url, clock);
});
afterEach(async () => {
  for (const stream of open) await stream.return?.();
  open = [];
});
afterAll(async () => {
  await second.close();
  await usage.close();
  await database.drop();
});

async function watch(of: UsageUnderTest, tenant: Tenant, instance?: string): Promise<{ take(count: number): Promise<Json[]> }> {
  const stream = await of.watch(tenant.user, tenant.id, instance);
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  open.push(stream);
  return {
    async take(count) {
      const taken: Json[] = [];
      while (taken.length < count) {
        const { value } = (await stream.next()) as IteratorResult<{ data?: { usageReported: Json }; errors?: unknown }>;
        if (value?.data === undefined || value.errors !== undefined) throw new Error(JSON.stringify(value));
        taken.push(value.data.usageReported);
      }
      return taken;
    },
  };
}

interface Marked {
  data?: { usageReported: Json };
  extensions: { live: { position: string; isReplay?: true } };
}

describe('a live watch', () => {
  it('sees each accepted report, with its customer and instance', async () => {
    const tenant = newTenant();
    const { take } = await watch(usage, tenant);
    const answer = await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END), { activeDevices: 7 })]);
    expect(await take(1)).toEqual([{ id: answer.latest?.id, activeDevices: 7, receivedAt: clock.now().toISOString(), customer: { id: tenant.id }, instance: { id: instanceId(tenant.id, 'plant'), name: 'plant' } }]);
  });

  it('in another process sees the same', async () => {
    const tenant = newTenant();
    const { take } = await watch(second, tenant);
    const answer = await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END))]);
    expect((await take(1))[0]?.['id']).toBe(answer.latest?.id);
  });

  it('sees reports in the order of their commits, also when those come quickly, and a call of a thousand whole', async () => {
    const tenant = newTenant();
    const { take } = await watch(usage, tenant);
    for (let index = 0; index < 30; index += 1) await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END - (index % 3) * 1_000), { activeDevices: index })]);
    expect((await take(30)).map((report) => report['activeDevices'])).toEqual(Array.from({ length: 30 }, (_none, index) => index));
    await usage.report(tenant.instance, 'plant', Array.from({ length: 1_000 }, (_none, index) => reportEnding(new Date(END - index), { activeDevices: index })));
    expect((await take(1_000)).map((report) => report['activeDevices'])).toEqual(Array.from({ length: 1_000 }, (_none, index) => index));
  });

  it('sees no duplicate, no refused report, nobody else’s, and of one instance only that one’s', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const [all, one] = [await watch(usage, tenant), await watch(usage, tenant, 'plant-2')];
    const first = reportEnding(new Date(END), { activeDevices: 1 });
    await usage.report(tenant.instance, 'plant-1', [first]);
    await usage.report(tenant.instance, 'plant-1', [first, reportEnding(new Date(END), { activeDevices: -1 })]);
    await usage.report(other.instance, 'plant-2', [reportEnding(new Date(END), { activeDevices: 99 })]);
    await usage.report(tenant.instance, 'plant-2', [reportEnding(new Date(END), { activeDevices: 2 })]);
    expect((await all.take(2)).map((report) => report['activeDevices'])).toEqual([1, 2]);
    expect((await one.take(1)).map((report) => report['activeDevices'])).toEqual([2]);
  });

  it('catches up with what was committed while the bus was away, each once and in order', async () => {
    const tenant = newTenant();
    const { take } = await watch(second, tenant);
    await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END), { activeDevices: 1 })]);
    expect((await take(1))[0]?.['activeDevices']).toBe(1);
    expect(await usage.terminate('iotistic-listener')).toBe(2);
    for (const activeDevices of [2, 3]) {
      clock.advance({ seconds: 1 });
      await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END), { activeDevices })]);
    }
    expect((await take(2)).map((report) => report['activeDevices'])).toEqual([2, 3]);
    await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END), { activeDevices: 4 })]);
    expect((await take(1))[0]?.['activeDevices']).toBe(4);
  });

  it('taken up where it stood gives what came meanwhile, and marks what may have been sent before', async () => {
    const tenant = newTenant();
    const from = (after: string | null): Promise<AsyncIterableIterator<Marked>> => usage.resume(tenant.user, tenant.id, after) as Promise<AsyncIterableIterator<Marked>>;
    const first = await from(null);
    const begun = (await first.next()).value as Marked;
    expect(begun).toEqual({ extensions: { live: { position: `${clock.now().getTime()}:` } } });
    const report = (activeDevices: number): Promise<unknown> => usage.report(tenant.instance, 'plant', [reportEnding(new Date(END), { activeDevices })]);
    for (const devices of [1, 2]) {
      clock.advance({ seconds: 1 });
      await report(devices);
    }
    await first.next();
    const position = ((await first.next()).value as Marked).extensions.live.position;
    await first.return?.();
    await report(3);
    clock.advance({ seconds: 1 });
    await report(4);
    const again = await from(position);
    const marks: unknown[] = [];
    for (let index = 0; index < 5; index += 1) {
      const { data, extensions } = (await again.next()).value as Marked;
      marks.push([data?.usageReported['activeDevices'], extensions.live.isReplay]);
    }
    await again.return?.();
    expect(marks[0]).toEqual([undefined, undefined]);
    expect(marks.slice(1)).toHaveLength(4);
    expect(marks.slice(1)).toEqual(expect.arrayContaining([[1, true], [2, true], [3, true], [4, true]]));
    const fromBegin = await from(begun.extensions.live.position);
    await fromBegin.next();
    expect(((await fromBegin.next()).value as Marked).data?.usageReported['activeDevices']).toBe(1);
    await fromBegin.return?.();
  });

  it('that is not asked to be taken up again says nothing of where it stands', async () => {
    const tenant = newTenant();
    const stream = (await usage.watch(tenant.user, tenant.id)) as AsyncIterableIterator<Record<string, unknown>>;
    open.push(stream);
    await usage.report(tenant.instance, 'plant', [reportEnding(new Date(END))]);
    expect(Object.keys((await stream.next()).value as object)).toEqual(['data']);
  });

  it('ends at once when its reader leaves, while it waits', async () => {
    const tenant = newTenant();
    const stream = (await usage.watch(tenant.user, tenant.id)) as AsyncIterableIterator<unknown>;
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('is for people: not for another tenant, an instance, or nobody', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const reasonOf = async (caller: Tenant['user']): Promise<unknown> => ((await usage.watch(caller, tenant.id)) as { errors?: { extensions?: Json }[] }).errors?.[0]?.extensions?.['reason'];
    expect(await Promise.all([other.user, tenant.instance, ANYONE].map(reasonOf))).toEqual(['CUSTOMER_NOT_FOUND', 'NOT_FOR_INSTANCES', 'CREDENTIAL_REQUIRED']);
    const stream = await usage.watch(ADMIN, tenant.id);
    expect(Symbol.asyncIterator in stream).toBe(true);
    if (Symbol.asyncIterator in stream) open.push(stream);
  });
});
