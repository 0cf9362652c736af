import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Json,
  newTenant,
  prepareDatabase,
  reportEnding,
  startUnderTest,
  subscriptionChanged,
  type UsageUnderTest,
} from '../under-test.ts';

const END = '2026-11-20T11:00:00.000Z';
const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock, { REPORT_CALLS_PER_HOUR: 60 });
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

const outcomes = async (calls: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.allSettled(calls)) {
    const word = outcome.status === 'fulfilled' ? 'in' : (/"reason":"(\w+)"/.exec(String(outcome.reason))?.[1] ?? 'other');
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
};

describe('calls of one instance', () => {
  it('are taken up to its burst and refused beyond it with the seconds to wait, while other instances go on', async () => {
    const { instance } = newTenant();
    const calls = Array.from({ length: 150 }, () => usage.report(instance, 'busy', [reportEnding(END)]));
    expect(await outcomes(calls)).toEqual({ in: 120, RATE_LIMITED: 30 });
    const refused = await usage.run(instance, 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', {
      input: { instance: 'busy', reports: [reportEnding(END)] },
    });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', retryAfterSeconds: 60 });
    expect((await usage.report(instance, 'calm', [reportEnding(END)])).accepted).toBe(1);
    clock.advance({ minutes: 1 });
    expect((await usage.report(instance, 'busy', [reportEnding(END)])).accepted).toBe(1);
  });

  it('that carry a spool of months need no more than the burst', async () => {
    const { instance } = newTenant();
    const hour = 3_600_000;
    for (let call = 0; call < 5; call += 1) {
      const reports = Array.from({ length: 1_000 }, (_, index) =>
        reportEnding(new Date(Date.parse(END) - (call * 1_000 + index) * hour)),
      );
      expect((await usage.report(instance, 'came-back', reports)).accepted).toBe(1_000);
    }
  });

  it('are counted for all processes together', async () => {
    const another = await startUnderTest(database.url, clock, { REPORT_CALLS_PER_HOUR: 60 });
    const { instance } = newTenant();
    for (let call = 0; call < 120; call += 1) await usage.report(instance, 'shared', [reportEnding(END)]);
    // The other process hears of it with its 32nd call.
    await waitFor(async () => {
      const calls = Array.from({ length: 33 }, () => another.report(instance, 'shared', [reportEnding(END)]));
      expect((await outcomes(calls))['RATE_LIMITED']).toBeGreaterThan(0);
    });
    await another.close();
  });
});

describe('instances of one customer', () => {
  const grant = async (customerId: string, maxInstances: number | null, version: number): Promise<void> => {
    const event = subscriptionChanged(customerId, version, { start: null, end: null });
    const entitlements = { ...(event['entitlements'] as Json), limits: { maxDevices: 10, maxInstances } };
    await usage.deliver('subscription.changed', { ...event, entitlements });
    await waitFor(async () => {
      const row = await usage.db
        .selectFrom('subscription_periods')
        .select(['version', 'max_instances'])
        .where('customer_id', '=', customerId)
        .executeTakeFirst();
      expect(row).toEqual({ version, max_instances: maxInstances });
    });
  };

  it('are let in up to the granted number, known ones always, and more when the operator raises it', async () => {
    const { id, instance } = newTenant();
    await grant(id, 5, 1);
    const report = (name: string): Promise<unknown> => usage.report(instance, name, [reportEnding(END)]);
    const names = Array.from({ length: 40 }, (_, index) => `site-${index}`);
    expect(await outcomes(names.map(report))).toEqual({ in: 5, TOO_MANY_INSTANCES: 35 });
    const { rows } = await usage.pool.query<{ name: string }>('select name from instances where customer_id = $1', [id]);
    expect(rows).toHaveLength(5);
    for (const { name } of rows) await report(name);
    await grant(id, 6, 2);
    expect(await outcomes(names.filter((name) => rows.every((row) => row.name !== name)).map(report))).toEqual({ in: 1, TOO_MANY_INSTANCES: 34 });
    await grant(id, null, 3);
    expect(await outcomes(names.map(report))).toEqual({ in: 40 });
  });

  it('are a thousand where nothing was granted', async () => {
    const { id, instance } = newTenant();
    await usage.pool.query(
      `insert into instances (id, customer_id, name, first_seen_at)
       select 'inst_' || n || $1, $1, 'made-' || n, now() from generate_series(1, 999) n`,
      [id],
    );
    expect((await usage.report(instance, 'the-thousandth', [reportEnding(END)])).accepted).toBe(1);
    expect(await usage.refusalOfReport(instance, 'one-more', [reportEnding(END)])).toBe('LIMIT_EXCEEDED TOO_MANY_INSTANCES');
  });
});

it('counts that limit nobody any more are removed', async () => {
  const { instance } = newTenant();
  for (let call = 0; call < 40; call += 1) await usage.report(instance, 'once-busy', [reportEnding(END)]);
  const count = async (): Promise<number> => (await usage.pool.query('select from call_budgets')).rowCount ?? -1;
  await waitFor(async () => expect(await count()).toBeGreaterThan(0));
  clock.advance({ days: 1 });
  await usage.subgraph.runScheduled();
  expect(await count()).toBe(0);
});
