/** `npm start` as a person runs it in an ordinary place: settings from a Windows file, a port of its own, a full disk behind a pipe, a clock that was moved, another Node. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { simulate } from '@iotistic/testkit/boot';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { reportOf, SIGN_UP } from './documents.ts';
import { liveThroughFirstDay } from './whole-flow.ts';

const TOKEN = 'an-operators-token-of-many-characters';
const folder = mkdtempSync(join(tmpdir(), 'iotistic-ordinary-'));
const dataDir = join(folder, 'data');
let port: number;
let stripePort: number;
let plane: StartedProcess;
let client: GraphqlClient;
let admin: GraphqlClient;

beforeAll(async () => {
  await build();
  [port, stripePort] = [await findFreePort(), await findFreePort()];
  const environment = { ADMIN_API_TOKEN: `"${TOKEN}"\r`, PORT: ` ${port}\r\n`, DATA_DIR: `${dataDir}\r`, STRIPE_SIMULATOR_PORT: `'${stripePort}'`, LOG_LEVEL: '\ufeffwarn\r', CORS_ORIGINS: '\r', REDIS_URL: ' ' };
  plane = startProcess(process.execPath, [mainOf('control-plane')], environment, { cwd: ROOT });
  await untilReady(`http://127.0.0.1:${port}/readyz`, plane);
  client = createGraphqlClient(`http://127.0.0.1:${port}`);
  admin = client.as({ bearer: TOKEN });
}, 240_000);
afterAll(async () => {
  await plane?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** @param output a file instead of a pipe for standard output; `head`: a pipe whose reader goes after the first bytes */
function iotctl(argv: readonly string[], { output, environment = {} }: { output?: string; environment?: Record<string, string> } = {}): Promise<Ended> {
  const file = output === undefined || output === 'head' ? null : openSync(output, 'w');
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/iotctl.js'), ...argv], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, IOTCTL_URL: `http://127.0.0.1:${port}/\r`, IOTCTL_TOKEN: `${TOKEN}\r\n`, ...environment },
    stdio: ['ignore', file ?? 'pipe', 'pipe'],
  });
  if (file !== null) closeSync(file);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (output === 'head') child.stdout?.destroy();
  });
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
  });
}

describe('settings from a file that Windows wrote, or with quotes around them', () => {
  it('are read as they were meant: the operator gets in, and a customer lives through its first day', async () => {
    await liveThroughFirstDay({ client, admin }, 'windows');
    expect(existsSync(join(dataDir, 'postgres'))).toBe(true);
    expect((await fetch(`http://127.0.0.1:${stripePort}/_sim/health`)).status).toBe(200);
  });
});

describe('iotctl', () => {
  it.skipIf(!existsSync('/dev/full'))('says that its answer could not be written where the disk is full', async () => {
    const { code, stderr } = await iotctl(['customers', 'list'], { output: '/dev/full' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'The answer could not be written: No space left on device (ENOSPC)\n' });
  });

  it('is quiet when its reader has read enough', async () => {
    expect(await iotctl(['--help'], { output: 'head' })).toMatchObject({ code: 0, stderr: '' });
  });

  it('says the same in a terminal of one column, and uncoloured', async () => {
    const wide = await iotctl(['customers', 'list']);
    expect(wide).toMatchObject({ code: 0, stderr: '' });
    expect(await iotctl(['customers', 'list'], { environment: { COLUMNS: '1', NO_COLOR: '1', TERM: 'dumb' } })).toEqual(wide);
    expect(wide.stdout).not.toContain('\u001B');
  });
});

describe('a plane whose time was moved', () => {
  it('is asked for its own time: iotctl shows and exports what was reported up to then', async () => {
    await simulate(`http://127.0.0.1:${stripePort}`, '/_sim/time', { days: 20 });
    const { plane: told } = await client.ask<{ plane: { now: string } }>('{ plane { now } }');
    const now = Date.parse(told.now);
    expect(now - Date.now()).toBeGreaterThan(19 * 86_400_000);
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'later@example.com', password: 'correct horse' } });
    const { id } = signUp.customer;
    const { createApiKey } = await client.as({ bearer: signUp.session.token }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: id, name: 'k' } });
    const report = { ...reportOf({ minutesAgo: 0, mqttMessagesPublished: 1 }), intervalStart: new Date(now - 3_660_000).toISOString(), intervalEnd: new Date(now - 60_000).toISOString() };
    expect(await client.as({ apiKey: createApiKey.secret }).ask('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', { input: { instance: 'plant-1', reports: [report] } })).toEqual({ reportUsage: { accepted: 1 } });
    const shown = await iotctl(['usage', 'show', '--customer', id, '--days', '7']);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^Usage Reports \(Last 7 Days\):$/m);
    expect(shown.stdout).toContain(report.intervalEnd.slice(0, 10));
    const exported = await iotctl(['usage', 'export', '--customer', id, '--granularity', 'hour']);
    expect(exported.stdout).toContain(report.intervalStart.slice(0, 10));
    const { stdout } = await iotctl(['doctor', '--json', '--timeout', '60']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; detail: string }[] };
    expect(checks.find(({ name }) => name === 'time')?.detail).toContain(told.now.slice(0, 10));
  }, 400_000);
});

describe('a mail', () => {
  it('leads to the port that this plane has', async () => {
    const mails = await waitFor(() => {
      const files = readdirSync(join(dataDir, 'mail')).filter((name) => name.endsWith('.eml'));
      expect(files.length).toBeGreaterThan(0);
      return files.map((name) => readFileSync(join(dataDir, 'mail', name), 'utf8').replaceAll(/=\r\n/g, ''));
    });
    for (const mail of mails) {
      expect(mail).toContain(`http://127.0.0.1:${port}/`);
      expect(mail).not.toContain('127.0.0.1:3100');
    }
  });
});

/** Other Nodes to run the built product with, for who has them: files, with a colon in between. */
const OTHER_NODES = (process.env['NODE_BINARIES'] ?? '').split(delimiter).filter((path) => path !== '');
if (OTHER_NODES.length === 0) process.stderr.write('no NODE_BINARIES: the built product is started with this Node only\n');

describe.skipIf(OTHER_NODES.length === 0)('another Node', () => {
  it.each(OTHER_NODES)('%s runs the built product', async (node) => {
    const [other, data] = [await findFreePort(), mkdtempSync(join(folder, 'node-'))];
    const started = startProcess(node, ['--max-semi-space-size=64', mainOf('control-plane')], { PORT: String(other), DATA_DIR: data, ADMIN_API_TOKEN: TOKEN, LOG_LEVEL: 'warn' }, { cwd: ROOT });
    try {
      await untilReady(`http://127.0.0.1:${other}/readyz`, started);
      const anyone = createGraphqlClient(`http://127.0.0.1:${other}`);
      await liveThroughFirstDay({ client: anyone, admin: anyone.as({ bearer: TOKEN }) }, 'node');
    } finally {
      expect(await started.stop()).toBe(0);
    }
    expect(started.output()).not.toMatch(/DeprecationWarning|ExperimentalWarning|MaxListeners/);
  });
});
