/** The disk of PostgreSQL is full: requests are refused as UNAVAILABLE, /readyz says so by name, the log stays short, and all goes on when there is room. */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { createLog } from '@iotistic/chassis/log';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from '../built.ts';
import { reportOf, SIGN_UP } from '../documents.ts';

const DISK_MEGABYTES = 220;
const MAX_LOG_BYTES = 1_500_000;
const HEALED = { timeout: 150_000, interval: 250 };
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-full-'));
chmodSync(folder, 0o711);
const disk = join(folder, 'disk');
mkdirSync(disk, { mode: 0o711 });
/** Only root makes a small disk. */
const hasDisk = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m,mode=0711`, 'tmpfs', disk]).status === 0;
if (!hasDisk) process.stderr.write('only root can mount a small disk: the full disk of PostgreSQL is skipped\n');

describe.skipIf(!hasDisk)('a disk that is full', () => {
  let server: EmbeddedPostgres;
  let plane: StartedProcess;
  let url: string;
  let instance: GraphqlClient;
  let user: GraphqlClient;
  let customerId: string;
  let accepted = 0;

  beforeAll(async () => {
    await build();
    server = await startEmbeddedPostgres({ dataDir: join(disk, 'postgres'), log: createLog({ level: 'silent', name: 'full-postgres' }), durable: false });
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    plane = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(port), DATA_DIR: join(folder, 'plane'), DATABASE_URL: server.url, LOG_LEVEL: 'warn' }, { cwd: ROOT });
    await untilReady(`${url}/readyz`, plane, 240_000);
    const client = createGraphqlClient(url);
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'full@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
    customerId = signUp.customer.id;
    user = client.as({ bearer: signUp.session.token });
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
    instance = client.as({ apiKey: createApiKey.secret });
    await report();
  }, 600_000);
  afterAll(async () => {
    await plane?.stop('SIGKILL');
    rmSync(join(disk, 'filler'), { force: true });
    await server?.stop();
    if (hasDisk) spawnSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function report(): Promise<void> {
    const { errors } = await instance.send(REPORT, { input: { instance: 'prod', reports: Array.from({ length: 100 }, () => reportOf({ minutesAgo: 1 })) } });
    expect(errors).toBeUndefined();
    accepted += 100;
  }

  const ready = async (): Promise<{ status: string; lacks?: Record<string, string[]> }> => (await (await fetch(`${url}/readyz`)).json()) as never;

  /** Takes all that is left. */
  function fill(): void {
    const file = openSync(join(disk, 'filler'), 'a');
    const block = Buffer.alloc(64 * 1024, 1);
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  it('is named in /readyz, refuses reports as UNAVAILABLE, and fills no log', async () => {
    const before = plane.output().length;
    fill();
    await waitFor(async () => {
      fill();
      const { status, lacks } = await ready();
      expect(status).toBe('unavailable');
      // A server that cannot write its log ends itself, and does not come up before there is room.
      expect(Object.values(lacks ?? {}).flat()).toContainEqual(expect.stringMatching(/^database: (its disk is full|it does not answer)/));
    }, HEALED);
    const codes: (string | undefined)[] = [];
    await waitFor(async () => {
      fill();
      const { errors, status } = await instance.send(REPORT, { input: { instance: 'prod', reports: Array.from({ length: 1_000 }, () => reportOf({ minutesAgo: 1 })) } });
      if (errors === undefined) accepted += 1_000;
      codes.push(errors?.[0]?.extensions.code);
      expect([status, errors?.[0]?.extensions.code, errors?.[0]?.extensions.reason]).toEqual([503, 'UNAVAILABLE', 'DATABASE_UNAVAILABLE']);
    }, HEALED);
    expect([...new Set(codes)].filter((code) => code !== undefined)).toEqual(['UNAVAILABLE']);
    expect(plane.output().length - before).toBeLessThan(MAX_LOG_BYTES);
  }, 360_000);

  it('costs nothing that was answered, once it has room again', async () => {
    rmSync(join(disk, 'filler'));
    await waitFor(report, HEALED);
    await waitFor(async () => expect((await ready()).status).toBe('ready'), HEALED);
    const stored = async (name: string): Promise<number> => (await user.ask<{ customer: { usageReports: { totalCount: number } } }>('query ($id: ID!, $name: String) { customer(id: $id) { usageReports(first: 1, instance: $name) { totalCount } } }', { id: customerId, name })).customer.usageReports.totalCount;
    expect(await stored('prod')).toBeGreaterThanOrEqual(accepted);
  }, 480_000);
});
