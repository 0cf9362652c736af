import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newTenant, prepareDatabase, reportEnding, startUnderTest, type UsageUnderTest } from '../under-test.ts';

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

it('who reports now waits for no spool that catches up, and nothing of either is lost', async () => {
  const [fleet, live] = [newTenant(), newTenant()];
  const backlog = (): ReturnType<typeof reportEnding>[] => Array.from({ length: 1_000 }, (_each, hour) => reportEnding(new Date(Date.parse('2026-11-19T00:00:00Z') - hour * 3_600_000)));
  let done = 0;
  const spools = Promise.all(Array.from({ length: 8 }, (_each, index) => usage.report(fleet.instance, `plant-${index}`, backlog()).finally(() => (done += 1))));
  // Behind them all.
  const answer = await usage.report(live.instance, 'plant', [reportEnding('2026-11-20T12:00:00Z')]);
  const doneBefore = done;
  expect((await spools).map(({ accepted }) => accepted)).toEqual(Array.from({ length: 8 }, () => 1_000));
  expect([answer.accepted, doneBefore < 8]).toEqual([1, true]);
});
