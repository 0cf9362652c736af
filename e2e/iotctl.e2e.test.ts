/** The operator's program as a process of its own, through every command, against a plane; and against what is no plane, or none any more. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { build, ROOT } from './built.ts';
import { PayingCustomer } from './paying-customer.ts';

interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}

interface Running {
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** As a reader does that has read enough. */
  closeOutput(): void;
  ended: Promise<Ended>;
}

// Some sixty processes, one after the other: on a busy machine each takes its second.
vi.setConfig({ testTimeout: 180_000 });

let booted: BootedPlane;
let customer: PayingCustomer;
const folder = mkdtempSync(join(tmpdir(), 'iotctl-e2e-'));
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  await build();
  booted = await bootPlane({ environment: { SIMULATED_DEPLOYMENT_MS: '200' } });
  customer = await PayingCustomer.signUp(booted, 'acme@example.com');
  writeFileSync(path('token'), booted.plane.adminToken, { mode: 0o600 });
}, 120_000);
afterAll(async () => {
  await booted?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(argv: readonly string[], environment: Record<string, string> = {}, input = ''): Running {
  const settings = { IOTCTL_URL: booted.plane.url, IOTCTL_TOKEN_FILE: path('token'), XDG_CONFIG_HOME: path('config'), HOME: folder, PATH: process.env['PATH'] ?? '', ...environment };
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/iotctl.js'), ...argv], { cwd: folder, env: settings, stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
  });
  return { stdout: () => stdout, stderr: () => stderr, kill: (signal) => void child.kill(signal), closeOutput: () => child.stdout.destroy(), ended };
}

const run = (argv: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Ended> => start(argv, environment, input).ended;

/** The one document on standard output of a command that ends with this code. */
async function json<T = Record<string, never>>(argv: readonly string[], code = 0, environment: Record<string, string> = {}, input = ''): Promise<T> {
  const ended = await run([...argv, '--json'], environment, input);
  expect(ended, argv.join(' ')).toMatchObject({ code });
  return JSON.parse(ended.stdout) as T;
}

/** What a person reads, of a command that went well. */
async function text(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(argv);
  expect({ code, stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
  // No colours where nobody looks.
  expect(stdout).not.toContain('\u001B');
  return stdout;
}

describe('customers', () => {
  it('are added, listed, shown, upgraded and deactivated', async () => {
    const added = await json<{ customer: { id: string; email: string; license: { token: string } | null } }>(['customers', 'add', '--email', 'bob@example.com', '--company', 'Bob & Co']);
    const { id } = added.customer;
    expect(added.customer.license?.token).toMatch(/^eyJ/);
    const [list, shown, dryRun] = await Promise.all([
      json<{ customers: { id: string }[]; totalCount: number }>(['customers', 'list', '--limit', '1']),
      text(['customers', 'show', id]),
      json<{ quote: { total: { amount: number } } }>(['customers', 'upgrade', id, '--plan', 'starter', '--dry-run']),
    ]);
    expect(list).toMatchObject({ totalCount: 2, hasMore: true, customers: [{ id }] });
    expect(shown).toMatch(/Company: +Bob & Co/);
    expect(dryRun.quote.total.amount).toBe(2900);
    const { checkoutSession } = await json<{ checkoutSession: { sessionId: string; url: string } }>(['customers', 'upgrade', id, '--plan', 'starter']);
    await booted.simulate(`/_sim/checkout/${checkoutSession.sessionId}/complete`, { card: '4242424242424242' });
    await expect.poll(async () => (await booted.admin.ask<{ customer: { subscription: { plan: { key: string } } } }>('query ($id: ID!) { customer(id: $id) { subscription { plan { key } } } }', { id })).customer.subscription.plan.key, { interval: 100 }).toBe('STARTER');
    // Who pays already is not changed by accident.
    expect(await run(['customers', 'upgrade', id, '--plan', 'professional'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--yes') as string });
    expect(await json(['customers', 'upgrade', id, '--plan', 'professional', '--yes'])).toMatchObject({ from: 'STARTER', subscription: { plan: { key: 'PROFESSIONAL' } } });
    expect(await json(['customers', 'deactivate', id, '--reason', 'test', '--yes'])).toMatchObject({ customer: { status: 'DEACTIVATED' } });
  });
});

describe('usage', () => {
  it('is shown, watched and exported', async () => {
    const watching = start(['usage', 'watch', '--customer', customer.id, '--count', '2', '--json']);
    await expect.poll(watching.stderr).toContain('Listening');
    await customer.report({ activeDevices: 8 });
    await customer.report({ activeDevices: 9 });
    const watched = await watching.ended;
    expect(watched.code).toBe(0);
    const lines = watched.stdout.trim().split('\n').map((line) => JSON.parse(line) as { report?: { activeDevices: number } });
    expect(lines.flatMap(({ report }) => (report === undefined ? [] : [report.activeDevices]))).toEqual([8, 9]);
    const [shown, told, csv] = await Promise.all([
      text(['usage', 'show', '--customer', customer.id, '--days', '30']),
      json<{ statistics: Record<string, number>; warning: boolean; reports: object[] }>(['usage', 'show', '--customer', customer.id, '--limit', '1']),
      text(['usage', 'export', '--customer', customer.id]),
      run(['usage', 'export', '--customer', customer.id, '--granularity', 'hour', '--out', path('usage.csv')]),
    ]);
    expect(shown).toMatch(/Peak Active: +9 devices/);
    expect(shown).toContain('WARNING: 90.0% of device limit used!');
    expect(told).toMatchObject({ warning: true, totalReports: 2, statistics: { reports: 2, peakActive: 9, currentActive: 9, limit: 10, remaining: 1 } });
    expect(told.reports).toHaveLength(1);
    expect(csv).toMatch(/^start,end,devices,/);
    expect(readFileSync(path('usage.csv'), 'utf8')).toMatch(/^start,end,devices,/);
    await expect.poll(async () => (await booted.admin.ask<{ fleetUsage: { edges: object[] } }>('{ fleetUsage { edges { node { instances } } } }')).fleetUsage.edges.length, { interval: 100 }).toBeGreaterThan(0);
    const fleet = await json<{ customers: { id: string; utilization: number }[] }>(['usage', 'show', '--all']);
    expect(fleet.customers[0]).toMatchObject({ id: customer.id, utilization: 0.9, warning: true });
  });
});

describe('licenses and keys', () => {
  it('are shown, verified with and without the plane, revoked, reinstated and rotated', async () => {
    writeFileSync(path('license'), await text(['licenses', 'show', customer.id, '--raw']));
    writeFileSync(path('public.pem'), await text(['keys', 'list', '--pem']));
    const [shown, online, offline, piped] = await Promise.all([
      text(['licenses', 'show', customer.id]),
      json(['licenses', 'verify', path('license')]),
      json(['licenses', 'verify', path('license'), '--key', path('public.pem')], 0, { IOTCTL_URL: 'http://127.0.0.1:9' }),
      json(['licenses', 'verify', '-'], 1, {}, 'no license'),
    ]);
    expect(shown).not.toContain(readFileSync(path('license'), 'utf8').trim());
    expect(online).toMatchObject({ valid: true, state: 'VALID', offline: false });
    expect(offline).toMatchObject({ valid: true, state: 'VALID', offline: true, claims: { customerId: customer.id } });
    expect(piped).toMatchObject({ valid: false, state: 'MALFORMED' });
    expect(await json(['licenses', 'revoke', customer.id, '--reason', 'test', '--yes'])).toMatchObject({ license: { status: 'REVOKED' } });
    expect(await json(['licenses', 'revoke', customer.id, '--reason', 'test', '--yes'], 1)).toMatchObject({ error: { code: 'CONFLICT', reason: 'ALREADY_REVOKED' } });
    expect(await json(['licenses', 'reinstate', customer.id, '--reason', 'test', '--yes'])).toMatchObject({ license: { status: 'ACTIVE' } });
    const { history } = await json<{ history: { action: string }[] }>(['licenses', 'history', customer.id]);
    expect(history.map(({ action }) => action).slice(0, 2)).toEqual(['REINSTATED', 'REVOKED']);
    const { signingKey } = await json<{ signingKey: { id: string } }>(['keys', 'rotate', '--yes']);
    const { signingKeys } = await json<{ signingKeys: { id: string; status: string }[] }>(['keys', 'list']);
    expect(signingKeys.find(({ status }) => status === 'CURRENT')?.id).toBe(signingKey.id);
  });

  it('that are generated here are for their owner alone, and never overwritten', async () => {
    expect(await json(['keys', 'generate', '--out', path('keys')])).toMatchObject({ files: { privateKey: path('keys/license-private.pem') } });
    const before = readFileSync(path('keys/license-private.pem'), 'utf8');
    expect(statSync(path('keys/license-private.pem')).mode & 0o777).toBe(0o600);
    expect((await run(['keys', 'generate', '--out', path('keys')])).code).toBe(1);
    expect(readFileSync(path('keys/license-private.pem'), 'utf8')).toBe(before);
  });
});

describe('deployments', () => {
  it('are queued, followed, listed, retried and removed', async () => {
    const { deployment } = await json<{ deployment: { id: string; instance: { id: string } } }>(['deployments', 'add', customer.id, 'eu-west-1']);
    const followed = await run(['deployments', 'logs', '-f', deployment.id, '--json']);
    expect(followed).toMatchObject({ code: 0, stderr: '' });
    const lines = followed.stdout.trim().split('\n').map((line) => JSON.parse(line) as { line: string; progress: number });
    expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
    const [listed, whole] = await Promise.all([json<{ deployments: { id: string; status: string; progress: number }[] }>(['deployments', 'list', '--customer', customer.id]), json<{ deployment: { log: string[] } }>(['deployments', 'logs', deployment.id])]);
    expect(listed.deployments).toMatchObject([{ id: deployment.id, status: 'SUCCEEDED', progress: 100 }]);
    expect(lines.map(({ line }) => line)).toEqual(whole.deployment.log);
    await json(['deployments', 'remove', deployment.id, '--yes']);
    expect((await run(['deployments', 'logs', '-f', deployment.id])).code).toBe(0);
    expect(await json(['deployments', 'list', '--status', 'removed'])).toMatchObject({ deployments: [{ id: deployment.id, status: 'REMOVED' }] });
    expect(await json(['deployments', 'retry', 'depl_aaaaaaaaaaaaaaaaaaaaaaaa'], 3)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

describe('Stripe, its events and the queues', () => {
  it('are synced, reconciled, listed and replayed', async () => {
    const [synced, customers, differences, events, queues, doctor] = await Promise.all([
      json<{ changes: { action: string }[] }>(['stripe', 'sync', '--dry-run']),
      json(['stripe', 'reconcile', '--customer', customer.id]),
      json(['stripe', 'reconcile']),
      json<{ webhookEvents: { id: string; status: string }[] }>(['webhooks', 'list', '--limit', '2']),
      json<{ queues: { name: string }[] }>(['queues', 'list']),
      run(['doctor', '--json']),
    ]);
    expect(synced.changes.every(({ action }) => action === 'KEPT')).toBe(true);
    expect(customers).toMatchObject({ reconciliation: { customerId: customer.id } });
    expect(differences).toEqual({ differences: [], hasMore: false });
    expect(events.webhookEvents).toHaveLength(2);
    expect(queues.queues.length).toBeGreaterThan(0);
    const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; result: string }[] };
    expect(checks.filter(({ result }) => result === 'failed' || result === 'skipped')).toEqual([]);
    expect(doctor.code).toBe(checks.some(({ result }) => result === 'warning') ? 1 : 0);
    const [event] = events.webhookEvents;
    expect(await json(['webhooks', 'replay', event?.id ?? ''])).toMatchObject({ webhookEvents: [{ id: event?.id }] });
    expect(await json(['webhooks', 'replay', '--failed', '--dry-run'])).toEqual({ dryRun: true, webhookEvents: [] });
    expect(await json(['webhooks', 'replay', 'evt_nothing'], 3)).toMatchObject({ error: { reason: 'WEBHOOK_EVENT_NOT_FOUND' } });
  });
});

describe('profiles', () => {
  it('take the place of the environment, with a token from standard input', async () => {
    const clean = { IOTCTL_URL: '', IOTCTL_TOKEN_FILE: '' };
    expect(await json(['profile', 'add', 'here', '--url', booted.plane.url, '--token-file', '-'], 0, clean, booted.plane.adminToken)).toEqual({ profile: { name: 'here', url: booted.plane.url, hasToken: true, isCurrent: true } });
    expect(statSync(path('config/iotctl/profiles.json')).mode & 0o777).toBe(0o600);
    const [listed, used] = await Promise.all([run(['profile', 'list'], clean), run(['customers', 'list'], clean)]);
    expect(used.code).toBe(0);
    expect(listed.stdout).not.toContain(booted.plane.adminToken);
    expect((await run(['profile', 'remove', 'here', '--yes'], clean)).code).toBe(0);
    expect((await run(['customers', 'list'], clean)).code).toBe(6);
  });

  it('are completed in a shell', async () => {
    const [script, words] = await Promise.all([text(['completion', 'bash']), text(['complete', '--', 'customers', ''])]);
    expect(script).toContain('iotctl');
    expect(words).toMatch(/^list\t/m);
  });
});

describe('faults', () => {
  it('of the credential, the id and the request are their exit codes', async () => {
    const [unknown, own, missing, none, live, usage] = await Promise.all([
      json(['customers', 'list'], 4, { IOTCTL_TOKEN: 'not-the-token-of-anybody' }),
      json(['customers', 'list'], 4, { IOTCTL_TOKEN: await sessionToken() }),
      json(['customers', 'show', 'cust_aaaaaaaaaaaaaaaaaaaaaaaa'], 3),
      json(['customers', 'list'], 4, { IOTCTL_TOKEN_FILE: '' }),
      run(['usage', 'watch', '--customer', customer.id], { IOTCTL_TOKEN: 'not-the-token-of-anybody' }),
      json(['customers', 'add', '--email', 'nobody'], 2),
    ]);
    expect(unknown).toMatchObject({ error: { code: 'UNAUTHENTICATED', reason: 'INVALID_CREDENTIAL', requestId: expect.stringMatching(/^req_/) as string } });
    expect(own).toMatchObject({ error: { code: 'FORBIDDEN', reason: 'ADMIN_ONLY' } });
    expect(missing).toMatchObject({ error: { code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' } });
    expect(none).toMatchObject({ error: { reason: 'CREDENTIAL_REQUIRED' } });
    expect(live).toMatchObject({ code: 4, stdout: '' });
    expect(usage).toMatchObject({ error: { reason: 'INVALID_EMAIL' } });
  });

  async function sessionToken(): Promise<string> {
    const { logIn } = await booted.client.ask<{ logIn: { session: { token: string } } }>('mutation ($input: LogInInput!) { logIn(input: $input) { session { token } } }', { input: { email: 'acme@example.com', password: 'correct horse' } });
    return logIn.session.token;
  }

  it('of the way there are plain sentences and 6', async () => {
    const proxy = createServer((_request, response) => void response.writeHead(503, { 'content-type': 'text/html' }).end('<html>Sorry</html>'));
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void proxy.close());
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const ended = await Promise.all([
      run(['customers', 'list'], { IOTCTL_URL: url }),
      run(['customers', 'list'], { IOTCTL_URL: 'http://127.0.0.1:9' }),
      run(['customers', 'list'], { IOTCTL_URL: booted.plane.url.replace('http:', 'https:') }),
      run(['doctor'], { IOTCTL_URL: 'http://127.0.0.1:9' }),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([6, 6, 6, 6]);
    for (const { stderr } of ended.slice(0, 3)) expect(stderr.trim()).toMatch(/^[A-Z][^\n]+\.$|\?$/);
  });

  it('of a reader that has read enough end quietly with 0', async () => {
    const reading = start(['customers', 'list', '--json']);
    reading.closeOutput();
    expect(await reading.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('by Ctrl-C in the middle end with 130, by SIGTERM with 143, and leave no socket behind', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void silent.close());
    const arrived = new Promise((resolve) => {
      silent.once('request', resolve);
    });
    const asking = start(['customers', 'list'], { IOTCTL_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    await arrived;
    asking.kill('SIGINT');
    expect(await asking.ended).toMatchObject({ code: 130, stdout: '', stderr: '\nInterrupted.\n' });
    for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
      const watching = start(['usage', 'watch', '--customer', customer.id]);
      await expect.poll(watching.stderr).toContain('Listening');
      watching.kill(signal);
      expect((await watching.ended).code).toBe(code);
    }
  });

  it('of a connection that breaks do not end a live operation: it is made again', async () => {
    const sockets = new Set<Socket>();
    const cable = createTcpServer((near) => {
      const far = connect(Number(new URL(booted.plane.url).port), '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => [near, far].forEach((each) => each.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => {
      cable.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void cable.close());
    const watching = start(['usage', 'watch', '--customer', customer.id, '--count', '1'], { IOTCTL_URL: `http://127.0.0.1:${(cable.address() as AddressInfo).port}` });
    await expect.poll(watching.stderr).toContain('Listening');
    for (const socket of sockets) socket.destroy();
    await expect.poll(watching.stderr).toMatch(/connection was lost[\s\S]*Listening/);
    await customer.report({ activeDevices: 3 });
    expect(await watching.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('active 3') as string });
  });

  it('the token is never seen: not in what is printed, not on the command line', async () => {
    const ended = await run(['--token', booted.plane.adminToken, 'customers', 'list']);
    expect(ended.code).toBe(2);
    expect(`${ended.stdout}${ended.stderr}`).not.toContain(booted.plane.adminToken);
  });
});
