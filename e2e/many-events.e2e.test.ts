/** A subgraph of its own process, in the memory of a small container, on a database that keeps a million events. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EventPayload } from '@iotistic/contracts/events';
import { systemClock } from '@iotistic/chassis/clock';
import { openDatabase } from '@iotistic/chassis/database';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type EventHandlers, startInbox } from '@iotistic/chassis/inbox';
import { createJobs, type Jobs } from '@iotistic/chassis/jobs';
import { createLog } from '@iotistic/chassis/log';
import { createEventTables, migrateSchema } from '@iotistic/chassis/migrate';
import type { EventTables } from '@iotistic/chassis/outbox';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf } from './built.ts';

const HEAP_MB = 512;
const MANY = 1_000_000;
/** As many as one day of a middling fleet. */
const SOME = 200_000;
const log = createLog({ level: 'silent', name: 'test' });
const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
let database: TestDatabase;
let admin: pg.Pool;
let usage: StartedProcess | null = null;

async function start(): Promise<string> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  usage = startProcess(process.execPath, [`--max-old-space-size=${HEAP_MB}`, mainOf('subgraphs/usage')], { LOG_LEVEL: 'warn', DATABASE_URL: database.url, PORT: String(port), CALLER_PUBLIC_KEY: keys.publicKey });
  await untilReady(`${url}/readyz`, usage);
  return url;
}

async function stop(): Promise<void> {
  await usage?.stop();
  usage = null;
}

/** The most that the process ever had. */
function peakMb(): number {
  const status = readFileSync(`/proc/${usage?.child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function countOf(sql: string, parameters: readonly unknown[] = []): Promise<number> {
  const { rows } = await admin.query<{ count: string }>(sql, [...parameters]);
  return Number(rows[0]?.count);
}
const eventJobs = (): Promise<number> => countOf("select count(*) from bullmq.job where queue = 'billing-events'");
/** How often the relay has compared the queues with what it knows: it looks for unfinished work each time. */
const checks = (): Promise<number> => countOf("select coalesce(seq_scan, 0) + coalesce(idx_scan, 0) as count from pg_stat_user_tables where schemaname = 'usage' and relname = 'relay_catch_ups'");

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'many_events', migrate: () => Promise.resolve() });
  admin = new pg.Pool({ connectionString: database.url, max: 2 });
  admin.on('error', () => undefined);
  await migrateSchema({ url: database.url, schema: 'billing', migrations: { '0001_initial': { up: createEventTables } }, log });
  await start();
  await waitFor(async () => expect(await countOf('select count(*) from usage.relay_state where epoch is not null')).toBe(1));
  await stop();
  await admin.query(`insert into usage.outbox (id, name, payload, request_id, created_at, relayed_at)
    select 'evnt_' || n, 'usage.recorded', jsonb_build_object('customerId', 'cust_' || n, 'periodStart', '2026-11-01T00:00:00.000Z', 'periodEnd', '2026-12-01T00:00:00.000Z',
      'quantities', jsonb_build_object('DEVICES', n, 'MQTT_MESSAGES', n, 'MQTT_BYTES', n, 'HTTP_BYTES', n, 'API_CALLS', n, 'STORAGE_BYTES', n), 'revision', n, 'at', '2026-11-20T12:00:00.000Z'),
      'req_1', now() - interval '12 hours', now() - random() * interval '12 hours' from generate_series(1, $1::int) n`, [MANY]);
}, 900_000);
afterEach(stop);
afterAll(async () => {
  await admin.end();
  await database.drop();
});

describe('a subgraph that keeps a million events', () => {
  it('starts in 512 MB, answers, stays flat, and hands on none of them again', async () => {
    const url = await start();
    const atStart = peakMb();
    const before = await checks();
    await waitFor(async () => expect(await checks()).toBeGreaterThan(before + 3), { timeout: 240_000, interval: 500 });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await eventJobs()).toBe(0);
    expect(peakMb()).toBeLessThan(atStart + 100);
    process.stdout.write(`a start with ${MANY} kept events: ${Math.round(atStart)} MB when ready, ${Math.round(peakMb())} MB at most later\n`);
  }, 400_000);

  it('has the reader asked in pages when the queues are lost, within the same memory, and hands on what that reader lacks', async () => {
    await admin.query('delete from usage.outbox where position > $1', [SOME]);
    await admin.query("insert into billing.inbox select id, now() from usage.outbox where position % 400 <> 0");
    await admin.query('drop schema bullmq cascade');
    await start();
    const atStart = peakMb();
    const handled = new Set<string>();
    const jobs: Jobs = await createJobs({ databaseUrl: database.url, redisUrl: undefined, log });
    const billing = openDatabase<EventTables>({ url: database.url, schema: 'billing', log });
    const handlers = { 'usage.recorded': ({ customerId }: EventPayload<'usage.recorded'>) => Promise.resolve(handled.add(customerId)) } as unknown as EventHandlers<'billing'>;
    startInbox({ reader: 'billing', db: billing.db, jobs, clock: systemClock, log, relay: { answer: () => Promise.resolve() }, handlers });
    try {
      await waitFor(
        async () => {
          expect(await countOf('select count(*) from usage.relay_catch_ups')).toBe(0);
          expect(await countOf('select count(*) from billing.inbox')).toBe(SOME);
        },
        { timeout: 600_000, interval: 500 },
      );
      expect(handled.size).toBe(SOME / 400);
      // A question for a thousand events, and a job for each that was lacking.
      expect(await eventJobs()).toBeLessThanOrEqual(SOME / 1_000 + SOME / 400 + 5);
      expect(peakMb()).toBeLessThan(atStart + 150);
      process.stdout.write(`${SOME} kept events asked about: ${Math.round(atStart)} MB when ready, ${Math.round(peakMb())} MB at most later\n`);
    } finally {
      await jobs.close();
      await billing.close();
    }
  }, 900_000);
});
