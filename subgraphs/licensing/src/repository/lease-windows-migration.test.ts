import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { createLog } from '@iotistic/chassis/log';
import { type Migrations, migrateSchema } from '@iotistic/chassis/migrate';
import { openPlatform } from '@iotistic/chassis/platform';
import { newId } from '@iotistic/contracts/ids';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLicensing } from '../app.ts';
import { licensingConfig } from '../config.ts';
import { migrations } from './migrations.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-11-20T12:00:00.000Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS);
let database: TestDatabase;
let keys: string;

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'iotistic-keys-'));
  const { '0004_lease_windows': _later, ...before } = migrations as Migrations & Record<'0004_lease_windows', unknown>;
  database = await createTestDatabase({ template: 'licensing_before_windows', migrate: (url) => migrateSchema({ url, schema: 'licensing', migrations: before, log: createLog({ level: 'silent', name: 'test' }) }) });
});
afterAll(async () => {
  await database.drop();
  rmSync(keys, { recursive: true, force: true });
});

it('a license from before is followed at once by one of 30 days, which begins later than the one that is held', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('set search_path to licensing');
  const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
  await client.query(`insert into signing_keys (id, public_key_pem, status, created_at) values ('kid-old', $1, 'VERIFYING', now())`, [pem]);
  const customers = { paying: newId('cust'), trying: newId('cust') };
  for (const [id, status, end, issued] of [[customers.paying, 'ACTIVE', daysAgo(-4), daysAgo(12)], [customers.trying, 'TRIALING', daysAgo(-10), daysAgo(4)]] as const) {
    await client.query(`insert into entitlements (customer_id, customer_name, plan, status, trial_ends_at, period_ends_at, features, limits, version, updated_at) values ($1, 'Acme', 'STARTER', $2, null, $3, '{}', '{}', 3, $4)`, [id, status, end, issued]);
    await client.query(`insert into licenses (id, customer_id, version, plan, key_id, token, issued_at, expires_at, unlicensed_from, renew_at) values ($1, $2, 3, 'STARTER', 'kid-old', 'x', $3, $4, $5, null)`, [newId('lic'), id, issued, end, daysAgo(-31)]);
  }
  const clock = createTestClock(NOW.toISOString());
  const platform = await openPlatform({ databaseUrl: database.url, logLevel: 'silent', name: 'licensing', clock });
  const licensing = await startLicensing(loadConfig(licensingConfig, { LICENSE_KEYS_DIR: keys }), platform);
  await licensing.runScheduled();
  const inForce = async (customerId: string): Promise<{ issued_at: Date; expires_at: Date; renew_at: Date | null }> =>
    (await client.query('select issued_at, expires_at, renew_at from licenses where customer_id = $1 and superseded_at is null', [customerId])).rows[0] as never;
  const paying = await inForce(customers.paying);
  expect(paying.issued_at.getTime()).toBeGreaterThan(daysAgo(12).getTime());
  expect(paying.expires_at.getTime()).toBeGreaterThanOrEqual(daysAgo(-30).getTime());
  expect(paying.renew_at).not.toBeNull();
  // What reaches its end already stays as it is.
  expect(await inForce(customers.trying)).toEqual({ issued_at: daysAgo(4), expires_at: daysAgo(-10), renew_at: null });
  await client.end();
  await platform.jobs.close();
  await licensing.close();
  await platform.close();
});
