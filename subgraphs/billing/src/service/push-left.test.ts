import { type Database, openDatabase } from '@iotistic/chassis/database';
import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { createLog } from '@iotistic/chassis/log';
import { migrateSchema } from '@iotistic/chassis/migrate';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BillingApp } from '../app.ts';
import { migrations } from '../repository/migrations.ts';
import type { BillingTables } from '../repository/tables.ts';
import { pushLeftMeterEvents } from './push-meter-events.ts';
import { remindOfTrialEnd } from './remind-of-trial-end.ts';

const log = createLog({ level: 'silent', name: 'test' });
const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let billing: Database<BillingTables>;
let app: BillingApp;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'push_left', migrate: (url) => migrateSchema({ url, schema: 'billing', migrations, log }) });
  billing = openDatabase<BillingTables>({ url: database.url, schema: 'billing', log });
  // Nothing of what is looked at here comes to Stripe.
  app = { db: billing.db, clock, log, stripe: {}, exclusive: { run: (_key: string, work: () => Promise<unknown>) => work() }, config: { CONSOLE_URL: 'http://127.0.0.1:3100/' } } as unknown as BillingApp;
});
afterAll(async () => {
  await billing.close();
  await database.drop();
});

const PERIOD = sql`timestamptz '2026-11-15T00:00:00Z', timestamptz '2026-12-15T00:00:00Z'`;

/** Customers with something that waits to be told: with a period it cannot be told at present, since their subscription at Stripe is gone; without one it is nobody's. */
async function insertWaiting(prefix: string, count: number, measuredAt: string, hasPeriod: boolean): Promise<void> {
  const numbered = sql`generate_series(1, ${count}::int) n`;
  await sql`insert into customers (id, stripe_customer_id) select ${prefix} || n, 'cus_' || ${prefix} || n from ${numbered}`.execute(billing.db);
  if (hasPeriod) await sql`insert into billing_periods (customer_id, period_start, period_end, plan, book, is_trial, stripe_subscription_id) select ${prefix} || n, ${PERIOD}, 'PROFESSIONAL', 'book', false, 'sub_' || n from ${numbered}`.execute(billing.db);
  await sql`insert into metered_quantities (customer_id, meter, period_start, period_end, quantity, revision, measured_at, status) select ${prefix} || n, 'DEVICES', ${PERIOD}, n, 1, ${measuredAt}::timestamptz, 'PENDING' from ${numbered}`.execute(billing.db);
}

async function waiting(prefix: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from metered_quantities where customer_id like ${prefix} || '%' and status = 'PENDING'`.execute(billing.db);
  return rows[0]?.count ?? 0;
}

describe('what a meter stands at, its job being lost', () => {
  it('has its turn in the schedule, however many there are before it of whom nothing can be told', async () => {
    await insertWaiting('cust_stuck', 450, '2026-11-16T00:00:00Z', true);
    await insertWaiting('cust_good', 1, '2026-11-18T00:00:00Z', false);
    const rounds = new FairRounds();
    // Two hundred are looked at in a run.
    for (let run = 0; run < 3; run += 1) await pushLeftMeterEvents(app, new AbortController().signal, rounds);
    expect(await waiting('cust_good')).toBe(0);
    expect(await waiting('cust_stuck')).toBe(450);
    // And those come again once all others had their turn.
    const looked = vi.spyOn(app.exclusive, 'run');
    await pushLeftMeterEvents(app, new AbortController().signal, rounds);
    expect(looked).toHaveBeenCalledTimes(200);
  }, 240_000);
});

describe('a trial that ends', () => {
  it('is reminded of once, page by page, and those that were cost no transaction at the next look', async () => {
    await sql`insert into customers (id, email, license_name) select 'cust_trial' || n, 'trial' || n || '@example.com', 'Trial' from generate_series(1, 600) n`.execute(billing.db);
    await sql`
      insert into subscriptions (id, customer_id, plan, status, trial_ends_at, current_period_start, current_period_ends_at, cancel_at_period_end, entitlements, version, updated_at, book, discounts, is_contract)
      select 'subn_trial' || n, 'cust_trial' || n, 'TRIAL', 'TRIALING', timestamptz '2026-11-22T12:00:00Z' + (n % 7) * interval '1 second', timestamptz '2026-11-08T12:00:00Z', timestamptz '2026-11-22T12:00:00Z', false,
        '{"features":{},"limits":{},"included":{}}', 1, timestamptz '2026-11-08T12:00:00Z', 'book', '[]', false
      from generate_series(1, 600) n`.execute(billing.db);
    const mails = async (): Promise<number> => (await sql<{ count: number }>`select count(*)::int as count from mails where key like 'trial_ending:subn_trial%'`.execute(billing.db)).rows[0]?.count ?? 0;
    await remindOfTrialEnd(app, new AbortController().signal);
    expect(await mails()).toBe(600);
    const transaction = vi.spyOn(billing.db, 'transaction');
    await remindOfTrialEnd(app, new AbortController().signal);
    expect(transaction).not.toHaveBeenCalled();
    expect(await mails()).toBe(600);
  }, 240_000);
});
