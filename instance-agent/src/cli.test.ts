import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type UsageEvidence, writeUsageEvidence } from '@iotistic/contracts/usage-evidence';
import { waitFor } from '@iotistic/testkit/wait';
import { sharedEnvironment } from '@iotistic/testkit/process';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { evidenceOf } from './evidence.testkit.ts';
import { FakePlane } from './fake-plane.testkit.ts';
import { createTestKey, signLicense, testClaims } from './licenses.testkit.ts';
import { startMetricsPage, temporaryFolder } from './surroundings.testkit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = join(root, 'instance-agent/bin/iotistic-agent.js');
const key = createTestKey('key_1');
const iat = Math.floor(Date.now() / 1000);
const claims = testClaims({ iat });
const token = signLicense(key, claims);

beforeAll(() => {
  const built = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'instance-agent'], { cwd: root, encoding: 'utf8' });
  expect(built.stdout).toBe('');
}, 120_000);

function launch(args: string[], environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [binary, ...args], { env: { ...sharedEnvironment(), INSTANCE_ID: 'site-1', LOG_LEVEL: 'silent', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runToEnd(args: string[], environment: Record<string, string>): Promise<{ code: number | null; out: string; error: string }> {
  const child = launch(args, environment);
  let [out, error] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (error += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, error };
}

async function surroundings() {
  const [plane, endpoint, folder] = [await FakePlane.start(), await startMetricsPage(), await temporaryFolder()];
  onTestFinished(() => plane.stop());
  plane.keys = [key];
  plane.license = { token, jti: claims.jti };
  plane.now = () => new Date();
  endpoint.page = 'iotistic_active_devices 3\niotistic_http_requests_total 10\n';
  const environment = { BILLING_API_URL: plane.url, IOTISTIC_API_KEY: 'iotk_test', AGENT_DATA_DIR: folder, METRICS_URLS: endpoint.url };
  return { plane, endpoint, folder, environment };
}

/** The file that the plane exports of all that it has. */
async function exportEvidence(plane: FakePlane, folder: string, change: (evidence: UsageEvidence) => UsageEvidence = (same) => same): Promise<string> {
  const day = 86_400_000;
  const file = join(folder, 'evidence.jsonl');
  await writeFile(file, writeUsageEvidence(change(evidenceOf([...plane.stored.values()], { meter: 'API_CALLS', from: new Date(Date.now() - day), to: new Date(Date.now() + day), exportedAt: new Date(Date.now() + day) }))));
  return file;
}

describe('iotistic-agent once', () => {
  it('reports, fetches and ends with 0', async () => {
    const { plane, environment, folder } = await surroundings();
    const { code, out, error } = await runToEnd(['once'], environment);
    expect([code, error]).toEqual([0, '']);
    expect(out).toContain('Reports sent: 1 (accepted 1, duplicates 0, rejected 0)');
    expect(out).toContain('License: professional, licensed, expires');
    expect(plane.sequences).toEqual([1]);
    expect(await readFile(join(folder, 'license.jwt'), 'utf8')).toBe(`${token}\n`);
  });

  it('ends with 6 when the control plane is not reached, and the next one sends both reports', async () => {
    const { plane, environment } = await surroundings();
    const away = await runToEnd(['once'], { ...environment, BILLING_API_URL: 'http://127.0.0.1:9' });
    expect([away.code, away.out, away.error]).toEqual([6, '', 'The control plane cannot be reached. Reports that wait in the spool: 1.\n']);
    expect((await runToEnd(['once'], environment)).out).toContain('Reports sent: 2 (accepted 2');
    expect(plane.sequences).toEqual([1, 2]);
  });

  it('ends with 1 when it is refused, and keeps the report', async () => {
    const { plane, environment } = await surroundings();
    plane.behaviours.push({ errors: [{ message: 'The API key was revoked.', extensions: { code: 'UNAUTHENTICATED', reason: 'API_KEY_REVOKED' } }], status: 401 });
    const { code, error } = await runToEnd(['once'], environment);
    expect([code, error]).toEqual([1, 'The control plane refused: The API key was revoked. Reports that wait in the spool: 1.\n']);
  });

  it('ends with 1 when no endpoint answers, and says which', async () => {
    const { endpoint, environment } = await surroundings();
    endpoint.page = null;
    const { code, out } = await runToEnd(['once'], environment);
    expect(code).toBe(1);
    expect(out).toContain(`Not collected: ${endpoint.url}`);
  });

  it('ends with 1 and names every problem of the configuration', async () => {
    const { code, error } = await runToEnd(['once'], { BILLING_API_URL: 'nonsense', AGENT_PORT: 'x' });
    expect(code).toBe(1);
    expect(error).toMatch(/BILLING_API_URL[^]*AGENT_PORT/);
  });
});

describe('iotistic-agent doctor', () => {
  it('finds everything well and ends with 0', async () => {
    const { environment } = await surroundings();
    await runToEnd(['once'], environment);
    const { code, out } = await runToEnd(['doctor'], environment);
    const looked = out.trimEnd().split('\n').map((line) => line.split(/\s{2,}/));
    expect(looked.map(([result]) => result)).toEqual(Array.from({ length: 7 }, () => 'ok'));
    expect(looked.map(([, name]) => name)).toEqual(['configuration', 'data folder', 'license file', 'control plane', 'credential', 'clock', 'metrics']);
    expect(code).toBe(0);
  });

  it('finds each thing that is not well, in JSON as well, and ends with 1', async () => {
    const { plane, endpoint, folder, environment } = await surroundings();
    await writeFile(join(folder, 'license.jwt'), 'nonsense');
    endpoint.status = 500;
    plane.now = () => new Date(Date.now() + 3_600_000);
    const { code, out } = await runToEnd(['doctor', '--json'], environment);
    expect(code).toBe(1);
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; result: string; detail: string }[] };
    expect(ok).toBe(false);
    expect(checks.map(({ name, result }) => [name, result])).toEqual([['configuration', 'ok'], ['data folder', 'ok'], ['license file', 'failed'], ['control plane', 'ok'], ['credential', 'ok'], ['clock', 'failed'], ['metrics', 'failed']]);
    expect(checks.find(({ name }) => name === 'clock')?.detail).toMatch(/^3\d\d\d s behind the control plane$/);
  });

  it('says of a plane that is away that it cannot be reached, and of a folder that it cannot be written', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a-file'), '');
    const { code, out } = await runToEnd(['doctor'], { BILLING_API_URL: 'http://127.0.0.1:9', IOTISTIC_API_KEY: 'iotk_test', AGENT_DATA_DIR: join(folder, 'a-file', 'x') });
    expect(code).toBe(1);
    expect(out).toMatch(/^failed {2}data folder/m);
    expect(out).toMatch(/^failed {2}control plane/m);
    expect(out).toMatch(/^skipped clock/m);
  });

  it('names the problems of the configuration and ends with 1', async () => {
    const { code, out } = await runToEnd(['doctor'], { AGENT_PORT: 'x' });
    expect([code, out]).toEqual([1, 'failed  configuration  AGENT_PORT: is not a whole number\n']);
  });
});

describe('iotistic-agent license', () => {
  it('shows the license and its calendar without asking anybody', async () => {
    const { environment } = await surroundings();
    await runToEnd(['once'], environment);
    const away = { ...environment, BILLING_API_URL: 'http://127.0.0.1:9' };
    const { code, out } = await runToEnd(['license'], away);
    expect(code).toBe(0);
    expect(out).toMatch(/^State {12}licensed\nCustomer {9}Acme Corp \(cust_a\)\nPlan {13}professional, subscription active\n/);
    expect(JSON.parse((await runToEnd(['license', '--json'], away)).out)).toMatchObject({ state: 'licensed', calendar: claims.degradation });
  });

  it('says that there is none', async () => {
    expect(await runToEnd(['license'], { AGENT_DATA_DIR: await temporaryFolder() })).toEqual({ code: 0, out: 'License: unlicensed\n', error: '' });
  });
});

describe('iotistic-agent run', () => {
  it('serves the local API and ends with 0 at SIGTERM', async () => {
    const { plane, environment } = await surroundings();
    const child = launch(['run'], { ...environment, AGENT_PORT: '0' });
    const exited = once(child, 'exit');
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString('utf8'))?.[0] ?? '';
    await waitFor(async () => expect(await (await fetch(url)).json()).toMatchObject({ state: 'licensed', usage: { devices: { current: 3 } } }));
    const second = await runToEnd(['once'], environment);
    expect([second.code, second.error]).toEqual([1, expect.stringContaining('Another agent')]);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect(plane.sequences).toEqual([1]);
  });

  it('loses and doubles nothing over kill -9 at any moment and lost replies', { timeout: 60_000 }, async () => {
    const { plane, endpoint, environment } = await surroundings();
    let served = 0;
    const page = () => `iotistic_active_devices 3\niotistic_http_requests_total ${served}\n`;
    endpoint.page = page();
    await runToEnd(['once'], environment);
    for (let round = 0; round < 5; round += 1) {
      const child = launch(['run'], { ...environment, AGENT_PORT: '0', COLLECTION_INTERVAL: '100' });
      const exited = once(child, 'exit');
      const goal = plane.stored.size + 3;
      plane.behaviours.push('answer', 'lose the reply');
      await waitFor(() => {
        served += 7;
        endpoint.page = page();
        expect(plane.stored.size).toBeGreaterThanOrEqual(goal);
      }, { interval: 11 + round });
      child.kill('SIGKILL');
      await exited;
    }
    plane.behaviours.length = 0;
    expect((await runToEnd(['once'], environment)).code).toBe(0);
    expect([...plane.stored.values()].reduce((sum, { httpRequests }) => sum + httpRequests, 0)).toBe(served);
    expect(plane.sequences).toEqual(plane.sequences.map((_, index) => index + 1));
    // Each of them is chained, and each is in the archive.
    const { code, out } = await runToEnd(['verify-invoice', await exportEvidence(plane, environment.AGENT_DATA_DIR), '--json'], environment);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'AGREES', reports: plane.stored.size, counts: { asSent: plane.stored.size, notBilled: 0 } });
    expect(code).toBe(0);
  });

  it('says in a line why it does not start', async () => {
    const { environment } = await surroundings();
    const taken = new URL(environment.METRICS_URLS).port;
    const { code, error } = await runToEnd(['run'], { ...environment, AGENT_PORT: taken });
    expect([code, error]).toEqual([1, 'AGENT_PORT is taken by another process: set another one.\n']);
  });
});

describe('iotistic-agent verify-invoice', { timeout: 40_000 }, () => {
  async function withReports() {
    const all = await surroundings();
    for (const requests of [10, 25, 70]) {
      all.endpoint.page = `iotistic_active_devices 3\niotistic_http_requests_total ${requests}\n`;
      await runToEnd(['once'], all.environment);
    }
    return all;
  }

  it('ends with 0 for an invoice that agrees, and shows what it looked at', async () => {
    const { plane, folder, environment } = await withReports();
    const { code, out, error } = await runToEnd(['verify-invoice', await exportEvidence(plane, folder)], { ...environment, BILLING_API_URL: 'http://127.0.0.1:9' });
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^API_CALLS of site-1, [^\n]*\nQuantity 65: measured 65, adjusted 0\./);
    expect(out).toMatch(/^Reports in the file {2,}3\n {2}as they were sent {2,}3\n/m);
    expect(out).toMatch(/\nThe file agrees with what this instance sent\.\n$/);
  });

  it('ends with 1 for one that does not, and says what', async () => {
    const { plane, folder, environment } = await withReports();
    const [first] = plane.stored.keys();
    plane.stored.delete(first ?? '');
    const { code, out } = await runToEnd(['verify-invoice', await exportEvidence(plane, folder)], environment);
    expect(code).toBe(1);
    expect(out).toMatch(/^NOT_BILLED: Report 1 .* was sent and is not in the file: it is not billed\.$/m);
    expect(out).toMatch(/\nThe file does not agree with what this instance sent\.\n$/);
  });

  it.each([
    ["another instance's", (evidence: UsageEvidence) => ({ ...evidence, header: { ...evidence.header, instance: 'site\u001b[31m-2' } }), /^The file is of the instance site \[31m-2, this one is site-1: its own agent can check it\.\n$/],
    ["another customer's", (evidence: UsageEvidence) => ({ ...evidence, header: { ...evidence.header, customerId: 'cust_b' } }), /^The file is of the customer cust_b, the license here of cust_a\.\n$/],
    ['none', (evidence: UsageEvidence) => ({ ...evidence, hours: evidence.hours.map((hour) => ({ ...hour, own: 0.5 })) }), /^The file is no usage evidence, or it was damaged: line 2, own: /],
  ])('ends with 2 for a file that is %s', async (_name, change, words) => {
    const { plane, folder, environment } = await surroundings();
    await runToEnd(['once'], environment);
    const { code, out, error } = await runToEnd(['verify-invoice', await exportEvidence(plane, folder, change)], environment);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(words);
  });

  it('ends with 2 where there is no file, no name of one, or no configuration', async () => {
    const { folder, environment } = await surroundings();
    expect(await runToEnd(['verify-invoice', join(folder, 'none')], environment)).toMatchObject({ code: 2, out: '', error: expect.stringContaining('The file cannot be read') as string });
    expect(await runToEnd(['verify-invoice', folder], environment)).toMatchObject({ code: 2, error: expect.stringContaining('cannot be read') as string });
    expect((await runToEnd(['verify-invoice'], environment)).code).toBe(2);
    expect((await runToEnd(['verify-invoice', 'x'], { ...environment, AGENT_PORT: 'x' })).code).toBe(2);
  });
});

describe('iotistic-agent', () => {
  it.each([['a command that there is not', ['fly'], 2], ['its help', ['--help'], 0], ['its version', ['--version'], 0]])('answers %s', async (_name, args, code) => {
    expect((await runToEnd(args, {})).code).toBe(code);
  });
});
