import { eventQueueOf } from '@iotistic/chassis/outbox';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN, type CustomersUnderTest, prepareDatabase, startUnderTest } from './under-test.ts';

const clock = createTestClock();
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ template: 'customers', migrate: prepareDatabase });
});
afterAll(() => database.drop());

const CREATE = 'mutation ($email: String!) { createCustomer(input: { email: $email }) { customer { id } } }';
const waiting = async (customers: CustomersUnderTest): Promise<number> => (await customers.db.selectFrom('outbox').select('id').where('relayed_at', 'is', null).execute()).length;

it('stops at once, also while its events are on their way, and the next start hands on what was left', async () => {
  for (let round = 0; round < 8; round += 1) {
    const customers = await startUnderTest(database.url, clock);
    await Promise.all(Array.from({ length: round }, (_, index) => customers.data(ADMIN, CREATE, { email: `${round}-${index}@example.com` })));
    await customers.close();
  }
  const customers = await startUnderTest(database.url, clock);
  await expect.poll(() => waiting(customers)).toBe(0);
  const events = (await customers.published()).length;
  expect(events).toBe(28);
  // A job for each event, each once: what was handed on before a stop is not there twice.
  await expect.poll(async () => (await customers.platform.jobs.counts(eventQueueOf('billing'))).waiting).toBe(events);
  await customers.close();
});

it('is ready while its database answers', async () => {
  const customers = await startUnderTest(database.url, clock);
  expect(await customers.subgraph.ready()).toBe(true);
  await customers.close();
});

