/** PostgreSQL that hangs, falls silent, or may only be read from: requests fail in their time and say that they may be sent again, and all is as before afterwards. */
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportOf, SIGN_UP } from '../documents.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** As long as two limits of a statement, and what a busy machine adds. */
const HEALED = { timeout: 90_000, interval: 250 };
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';
const QUERY = 'query ($id: ID!) { customer(id: $id) { companyName latestUsage { activeDevices } license { status } } }';

let database: TestDatabase;
let proxy: TcpProxy;
let booted: BootedPlane;
let admin: pg.Client;
let user: GraphqlClient;
let instance: GraphqlClient;
let customerId: string;
let accepted = 0;
let sent = 0;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'plane', migrate: () => Promise.resolve() });
  const url = new URL(database.url);
  proxy = await TcpProxy.start(Number(url.port));
  url.port = String(proxy.port);
  booted = await bootPlane({ environment: { DATABASE_URL: url.href, LOG_LEVEL: 'fatal' } });
  admin = new pg.Client({ connectionString: database.url, application_name: 'faults' });
  await admin.connect();
  const client = createGraphqlClient(booted.plane.url);
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'hung@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  customerId = signUp.customer.id;
  user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
  instance = client.as({ apiKey: createApiKey.secret });
  await report();
});
afterAll(async () => {
  proxy?.thaw();
  await booted?.stop();
  await admin?.end();
  await proxy?.close();
  await database?.drop();
});

async function report(): Promise<void> {
  sent += 1;
  const { reportUsage } = await instance.ask<{ reportUsage: { accepted: number } }>(REPORT, { input: { instance: 'prod', reports: [reportOf({ minutesAgo: 1 })] } });
  expect(reportUsage.accepted).toBe(1);
  accepted += 1;
}

const ready = async (): Promise<{ status: number; body: { status: string; dependencies: Record<string, string>; lacks?: Record<string, string[]> } }> => {
  const response = await fetch(`${booted.plane.url}/readyz`);
  return { status: response.status, body: (await response.json()) as never };
};

/** Codes of what was answered, whole or in part; those that were answered in vain are the point. */
async function codesOf(count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => (index % 2 === 0 ? instance.send(REPORT, { input: { instance: `other-${index}`, reports: [reportOf({ minutesAgo: 1 })] } }) : user.send(QUERY, { id: customerId }))));
  return answers.flatMap(({ errors }) => (errors ?? []).map(({ extensions }) => extensions.code));
}

async function listeners(): Promise<{ pid: number }[]> {
  const { rows } = await admin.query<{ pid: number }>("select pid from pg_stat_activity where application_name = 'iotistic-listener' and datname = current_database()");
  return rows;
}

async function isWell(): Promise<void> {
  await waitFor(report, HEALED);
  await waitFor(async () => expect((await ready()).status).toBe(200), HEALED);
  expect((await user.send(QUERY, { id: customerId })).errors).toBeUndefined();
}

describe('PostgreSQL that hangs', () => {
  it('fails requests in their time, as UNAVAILABLE, and says so in /readyz; then goes on with what it has', async () => {
    proxy.freeze({ new: true });
    const codes = await codesOf(12);
    expect(new Set(codes)).toEqual(new Set(['UNAVAILABLE']));
    const { status, body } = await ready();
    expect([status, body.dependencies['usage']]).toEqual([503, 'unavailable']);
    proxy.thaw();
    await isWell();
  }, 240_000);

  it('leaves no connection behind, and no caller that waits for one', async () => {
    await waitFor(() => expect(proxy.frozen).toBe(0), HEALED);
    await waitFor(async () => {
      const page = await (await fetch(`${booted.plane.url}/metrics`)).text();
      const waiting = [...page.matchAll(/^iotistic_db_pool_waiting\{[^}]*\} (\d+)$/gm)].map(([, count]) => Number(count));
      expect(waiting.length).toBeGreaterThan(3);
      expect(waiting.every((count) => count === 0)).toBe(true);
    }, HEALED);
  }, 120_000);
});

describe('connections that never answer again, where new ones reach the server', () => {
  it('are given up: requests go on, and what is told by LISTEN is heard on a new one', async () => {
    const before = await listeners();
    expect(before).toHaveLength(1);
    proxy.freeze({ new: false });
    await isWell();
    await waitFor(async () => {
      const now = await listeners();
      expect(now.some(({ pid }) => pid !== before[0]?.pid)).toBe(true);
    }, HEALED);
    proxy.thaw();
    // The old one was given up: its end arrives with the thaw.
    await waitFor(async () => expect((await listeners()).map(({ pid }) => pid)).not.toContain(before[0]?.pid), HEALED);
  }, 240_000);
});

describe('a server that may only be read from, as after a failover that leads to a standby', () => {
  // Sessions of ours are set to read and write whatever the server's default is: the error is a standby's, raised where it would be.
  it('is unavailable, not a fault; and as soon as it may be written to, it is', async () => {
    await admin.query(`create function usage.refuse_as_standby() returns trigger language plpgsql as $$
      begin raise exception 'cannot execute INSERT in a read-only transaction' using errcode = '25006'; end $$`);
    await admin.query('create trigger standby before insert on usage.usage_reports for each statement execute function usage.refuse_as_standby()');
    const { errors, status } = await instance.send(REPORT, { input: { instance: 'prod', reports: [reportOf({ minutesAgo: 1 })] } });
    expect([status, errors?.[0]?.extensions.code, errors?.[0]?.extensions.reason]).toEqual([503, 'UNAVAILABLE', 'DATABASE_UNAVAILABLE']);
    await admin.query('drop trigger standby on usage.usage_reports');
    await isWell();
  }, 240_000);
});

describe('whatever PostgreSQL did', () => {
  it('each report that was answered is stored', async () => {
    const { rows } = await admin.query<{ count: string }>("select count(*) from usage.usage_reports r join usage.instances i on i.no = r.instance_no where i.name = 'prod'");
    expect(Number(rows[0]?.count)).toBeGreaterThanOrEqual(accepted);
    expect(Number(rows[0]?.count)).toBeLessThanOrEqual(sent);
  });
});
