import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { buildMissingIndexes } from './event-table-migrations.ts';
import { forgetEvents, forgettingOf } from './forget-events.ts';
import { createLog } from './log.ts';
import { createEventTables, migrateSchema } from './migrate.ts';
import type { EventTables } from './outbox.ts';

const log = createLog({ level: 'silent', name: 'test' });
const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let customers: Database<EventTables>;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'forget', migrate: (url) => migrateSchema({ url, schema: 'customers', migrations: { '0001_initial': { up: createEventTables } }, log }) });
  customers = openDatabase({ url: database.url, schema: 'customers', log });
});
afterAll(async () => {
  await customers.close();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate outbox, inbox`.execute(customers.db);
});

/** So many of each age. */
async function insert(count: number, days: number, isWaiting = false): Promise<void> {
  const at = new Date(clock.now().getTime() - days * 86_400_000);
  await sql`insert into outbox (id, name, payload, request_id, created_at, relayed_at) select ${`evnt_${days}_${isWaiting}_`} || n, 'customer.updated', '{}', 'r', ${at}, ${isWaiting ? null : at}::timestamptz from generate_series(1, ${count}::int) n`.execute(customers.db);
  if (!isWaiting) await sql`insert into inbox (event_id, handled_at) select ${`evnt_${days}_`} || n, ${at} from generate_series(1, ${count}::int) n`.execute(customers.db);
}

async function counts(): Promise<{ outbox: number; inbox: number }> {
  const { rows } = await sql<{ outbox: number; inbox: number }>`select (select count(*) from outbox) as outbox, (select count(*) from inbox) as inbox`.execute(customers.db);
  return rows[0] as { outbox: number; inbox: number };
}

async function planOf(statement: string): Promise<string> {
  const { rows } = await sql<Record<'QUERY PLAN', string>>`explain ${sql.raw(statement)}`.execute(customers.db);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('old events', () => {
  it('are forgotten after their time, what waits to be handed on never, and what was handled stays known longer than what was said', async () => {
    await insert(3, 40);
    await insert(3, 33);
    await insert(3, 10);
    await insert(2, 40, true);
    await forgettingOf({ db: customers.db, clock, log }).run(new AbortController().signal);
    expect(await counts()).toEqual({ outbox: 5, inbox: 6 });
  });

  it('are forgotten in batches, and no more of them than a pass may take', async () => {
    await insert(25, 40);
    const before = { relayedBefore: clock.now(), handledBefore: clock.now() };
    expect(await forgetEvents(customers.db, before, undefined, { batch: 5, maxBatches: 2 })).toBe(20);
    expect(await counts()).toEqual({ outbox: 15, inbox: 15 });
    expect(await forgetEvents(customers.db, before, undefined, { batch: 5 })).toBe(30);
  });

  it('are left to the next pass when the process is about to end', async () => {
    await insert(5, 40);
    const ending = new AbortController();
    ending.abort();
    expect(await forgetEvents(customers.db, { relayedBefore: clock.now(), handledBefore: clock.now() }, ending.signal)).toBe(0);
  });

  it('are found by an index, however many there are that are not old', async () => {
    await insert(5_000, 10);
    await insert(10, 40);
    await sql`analyze outbox, inbox`.execute(customers.db);
    const before = `'2026-10-21T12:00:00Z'`;
    expect(await planOf(`select position from outbox where relayed_at < ${before} order by relayed_at limit 5000`)).toContain('outbox_relayed');
    expect(await planOf(`select event_id from inbox where handled_at < ${before} order by handled_at limit 5000`)).toContain('inbox_handled');
  });

  it('have the indexes also where a large table got none at its migration, or the making was broken off', async () => {
    await sql`drop index outbox_relayed`.execute(customers.db);
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query("update pg_index set indisvalid = false where indexrelid = 'customers.inbox_handled'::regclass");
    await admin.end();
    await buildMissingIndexes(customers.db);
    const { rows } = await sql<{ name: string }>`select relname as name from pg_index join pg_class on oid = indexrelid where indisvalid and relname in ('outbox_relayed', 'inbox_handled') order by 1`.execute(customers.db);
    expect(rows.map(({ name }) => name)).toEqual(['inbox_handled', 'outbox_relayed']);
  });
});
