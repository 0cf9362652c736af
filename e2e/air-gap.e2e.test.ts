/** An instance that never reaches us: its usage comes out as a file, its license goes in as one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import type { GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { type Agent, createAgent } from 'iotistic-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, ROOT } from './built.ts';
import { SIGN_UP } from './documents.ts';

const AGENT = join(ROOT, 'instance-agent/bin/iotistic-agent.js');
const IMPORT = 'mutation ($input: ImportUsageFileInput!) { importUsageFile(input: $input) { accepted late duplicates rejected { reason } latest { activeDevices instance { name } } answer { fileId file } } }';
const folder = mkdtempSync(join(tmpdir(), 'iotistic-air-gap-'));
let booted: BootedPlane;
let user: GraphqlClient;
let customerId: string;
let license: string;
let publicKey: string;

interface ImportedUsage {
  accepted: number;
  duplicates: number;
  rejected: unknown[];
  answer: { fileId: string; file: string };
}

async function issue(days: number): Promise<string> {
  const { issueAirGapLicense } = await booted.admin.ask<{ issueAirGapLicense: { license: { token: string } } }>('mutation ($input: IssueAirGapLicenseInput!) { issueAirGapLicense(input: $input) { license { token } } }', { input: { customerId, days, reason: 'bunker' } });
  return issueAirGapLicense.license.token;
}

async function currentKey(): Promise<string> {
  const { signingKeys } = await booted.client.ask<{ signingKeys: { status: string; publicKeyPem: string }[] }>('{ signingKeys { status publicKeyPem } }');
  return signingKeys.find(({ status }) => status === 'CURRENT')?.publicKeyPem ?? '';
}

beforeAll(async () => {
  await build();
  booted = await bootPlane();
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'bunker@example.com', password: 'correct horse', companyName: 'Bunker Inc' } });
  customerId = signUp.customer.id;
  user = booted.client.as({ bearer: signUp.session.token });
  license = await issue(90);
  publicKey = await currentKey();
});
afterAll(async () => {
  await booted.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing answers at that address. */
const environmentOf = (name: string): Record<string, string> => ({ BILLING_API_URL: 'http://127.0.0.1:9', INSTANCE_ID: name, AGENT_DATA_DIR: join(folder, name), IOTISTIC_LICENSE_KEY: license, LICENSE_PUBLIC_KEY: publicKey, LOG_LEVEL: 'silent' });

async function startAgent(name: string): Promise<Agent> {
  const agent = createAgent({ environment: environmentOf(name), localApi: false, schedule: false });
  await agent.start();
  return agent;
}

async function measure(agent: Agent, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await agent.record({ activeDevices: 2, totalDevices: 2, mqttMessagesPublished: 5 });
    await agent.collectAndReport().catch(() => undefined);
  }
}

const imported = async (file: string, client = user): Promise<ImportedUsage> => (await client.ask<{ importUsageFile: ImportedUsage }>(IMPORT, { input: { customerId, file } })).importUsageFile;
const refusal = async (file: string, id = customerId): Promise<unknown> => (await user.send(IMPORT, { input: { customerId: id, file } })).errors?.[0]?.extensions?.['reason'];

describe('an instance without a network', () => {
  it('gets its usage counted and its license renewed by two files, and either twice changes nothing', async () => {
    const agent = await startAgent('bunker-1');
    await measure(agent, 3);
    expect(agent.licenseStatus()).toMatchObject({ state: 'licensed', license: { airGap: true }, spool: { pending: 3 } });
    const [file = ''] = await agent.exportUsage();
    expect(agent.licenseStatus().spool.pending).toBe(3);
    const first = await imported(file);
    expect(first).toMatchObject({ accepted: 3, duplicates: 0, rejected: [], latest: { activeDevices: 2, instance: { name: 'bunker-1' } } });
    expect(await imported(file)).toMatchObject({ accepted: 0, duplicates: 3, answer: { fileId: first.answer.fileId } });
    license = await issue(200);
    const { answer } = await imported(file, booted.admin);
    expect(await agent.importAnswer(answer.file)).toMatchObject({ settled: 3, license: 'accepted', revocations: 'accepted' });
    expect(await agent.importAnswer(answer.file)).toMatchObject({ settled: 0, license: 'unchanged', revocations: 'unchanged' });
    expect(agent.licenseStatus()).toMatchObject({ state: 'licensed', spool: { pending: 0 }, problems: [] });
    await agent.stop();
  });

  it('follows the keys and the revocations that the answers bring, though its own key is pinned', async () => {
    const agent = await startAgent('bunker-2');
    await measure(agent, 1);
    for (let turn = 0; turn < 2; turn += 1) await booted.admin.ask('mutation { rotateSigningKey { signingKey { id } } }');
    const [file = ''] = await agent.exportUsage();
    const { answer } = await imported(file);
    expect(await agent.importAnswer(answer.file)).toMatchObject({ settled: 1 });
    await booted.admin.ask('mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { id } } }', { input: { customerId, reason: 'unpaid' } });
    await measure(agent, 1);
    const [next = ''] = await agent.exportUsage();
    expect(await agent.importAnswer((await imported(next)).answer.file)).toMatchObject({ settled: 1, license: null, revocations: 'accepted' });
    expect(agent.licenseStatus()).toMatchObject({ state: 'grace', license: { revokedAt: expect.any(String) as string } });
    await booted.admin.ask('mutation ($input: ReinstateLicenseInput!) { reinstateLicense(input: $input) { license { id } } }', { input: { customerId, reason: 'paid' } });
    license = await issue(30);
    await measure(agent, 1);
    const [last = ''] = await agent.exportUsage();
    expect(await agent.importAnswer((await imported(last)).answer.file)).toMatchObject({ settled: 1, license: 'accepted' });
    expect(agent.licenseStatus().state).toBe('licensed');
    await agent.stop();
  });

  it('has every tampering named, on both sides', async () => {
    publicKey = await currentKey();
    const agent = await startAgent('bunker-3');
    const other = await startAgent('bunker-4');
    await measure(agent, 2);
    const [file = ''] = await agent.exportUsage();
    const [head = '', body = '', tail = ''] = file.split('.');
    expect(await refusal(`${head}.${body.slice(0, -4)}AAAA.${tail}`)).toBe('FILE_TAMPERED');
    expect(await refusal(file.slice(0, -30))).toMatch(/FILE_TAMPERED|FILE_MALFORMED/);
    expect(await refusal('hello')).toBe('FILE_MALFORMED');
    expect(await refusal('x'.repeat(1_000_001))).toBe('FILE_TOO_LARGE');
    expect(await refusal(file, 'cust_000000000000000000000000')).toBe('CUSTOMER_NOT_FOUND');
    const { answer } = await imported(file);
    const [, payload = ''] = answer.file.split('.');
    const forged = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"accepted":2', '"accepted":9')).toString('base64url');
    await expect(agent.importAnswer(answer.file.replace(payload, forged))).rejects.toMatchObject({ reason: 'TAMPERED' });
    await expect(agent.importAnswer('hello')).rejects.toMatchObject({ reason: 'MALFORMED' });
    await expect(other.importAnswer(answer.file)).rejects.toMatchObject({ reason: 'OTHER_INSTANCE' });
    expect(agent.licenseStatus().spool.pending).toBe(2);
    expect(await agent.importAnswer(answer.file)).toMatchObject({ settled: 2 });
    await agent.stop();
    await other.stop();
  });

  it('is not taken for another machine of its name, until the operator says that it was replaced', async () => {
    rmSync(join(folder, 'bunker-1', 'instance-key.pem'));
    const agent = await startAgent('bunker-1');
    await measure(agent, 1);
    const [file = ''] = await agent.exportUsage();
    expect(await refusal(file)).toBe('INSTANCE_KEY_CHANGED');
    const { forgetInstanceKey } = await booted.admin.ask<{ forgetInstanceKey: { forgotten: boolean } }>('mutation ($input: ForgetInstanceKeyInput!) { forgetInstanceKey(input: $input) { forgotten } }', { input: { customerId, instance: 'bunker-1' } });
    expect(forgetInstanceKey.forgotten).toBe(true);
    expect(await imported(file)).toMatchObject({ accepted: 1 });
    await agent.stop();
  });

  it('by its command line: alone on the folder, and beside an agent that runs there', async () => {
    const environment = { ...environmentOf('bunker-5'), AGENT_PORT: String(await findFreePort()), COLLECTION_INTERVAL: '500' };
    const run = (...args: string[]): StartedProcess => startProcess(process.execPath, [AGENT, ...args], environment, { cwd: ROOT });
    const agent = await startAgent('bunker-5');
    await measure(agent, 2);
    await agent.stop();
    const alone = run('export', '--out', join(folder, 'out'));
    expect(await alone.exited).toBe(0);
    const file = readFileSync(alone.output().trim().split('\n').at(-1) ?? '', 'utf8');
    const answer = join(folder, 'answer.jwt');
    writeFileSync(answer, (await imported(file)).answer.file);
    const daemon = run('run');
    await untilReady(`http://127.0.0.1:${environment.AGENT_PORT}/healthz`, daemon);
    const beside = run('import', answer);
    expect([await beside.exited, beside.output()]).toEqual([0, expect.stringContaining('Reports settled: 2')]);
    const more = run('export');
    expect([await more.exited, more.output().trim().split('.').length]).toEqual([0, 3]);
    writeFileSync(answer, 'hello');
    const wrong = run('import', answer);
    expect([await wrong.exited, wrong.output()]).toEqual([1, expect.stringContaining('MALFORMED')]);
    expect(await daemon.stop('SIGTERM')).toBe(0);
  });
});
