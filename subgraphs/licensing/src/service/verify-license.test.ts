import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { openPlatform } from '@iotistic/chassis/platform';
import type { Caller } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { startTestSubgraph, type TestSubgraph } from '@iotistic/testkit/subgraph';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLicensing } from '../app.ts';
import { licensingConfig } from '../config.ts';
import { migrations } from '../repository/migrations.ts';

let keys: string;
let licensing: TestSubgraph;
const startWith = (environment: Record<string, string>) => (platform: TestSubgraph['platform']) => startLicensing(loadConfig(licensingConfig, environment), platform);
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'iotistic-keys-'));
  licensing = await startTestSubgraph({ name: 'licensing', migrations, start: startWith({ LICENSE_KEYS_DIR: keys }) });
});
afterAll(async () => {
  await licensing.close();
  await rm(keys, { recursive: true, force: true });
});

/** Another process on the same database; the answer ends it. */
async function startOther(environment: Record<string, string>): Promise<() => Promise<void>> {
  const platform = await openPlatform({ databaseUrl: licensing.databaseUrl, logLevel: 'silent', name: 'other', clock: licensing.clock });
  try {
    const other = await startWith(environment)(platform);
    return async () => {
      await platform.jobs.close();
      await other.close();
      await platform.close();
    };
  } catch (error) {
    await platform.close();
    throw error;
  }
}

const ANYONE: Caller = { kind: 'anonymous' };
const newKey = (): string => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const DAY_MS = 86_400_000;

async function licensed(days: number | null): Promise<string> {
  const at = licensing.clock.now();
  const customerId = newId('cust');
  await licensing.tell('subscription.changed', {
    customerId,
    customerName: 'Acme Corp',
    subscriptionId: 'subn_1',
    plan: 'STARTER',
    status: 'ACTIVE',
    trialEndsAt: null,
    currentPeriodStart: at.toISOString(),
    currentPeriodEndsAt: days === null ? null : new Date(at.getTime() + days * DAY_MS).toISOString(),
    endsAt: days === null ? null : new Date(at.getTime() + days * DAY_MS).toISOString(),
    entitlements: { features: { canExportData: true }, limits: { maxDevices: 10 }, included: {} },
    version: 1,
    updatedAt: at.toISOString(),
    actor: 'billing',
    reason: null,
  });
  return customerId;
}

interface License {
  id: string;
  token: string;
  status: string;
  keyId: string;
}

async function licenseOf(customerId: string): Promise<License | null> {
  const customer = await licensing.entity<{ license: License | null }>({ kind: 'admin', name: 'test' }, { __typename: 'Customer', id: customerId }, 'license { id token status keyId }');
  return customer?.license ?? null;
}

async function stateOf(token: string): Promise<{ state: string; valid: boolean }> {
  const { verifyLicense } = await licensing.read<{ verifyLicense: { state: string; valid: boolean } }>(ANYONE, 'query ($token: String!) { verifyLicense(token: $token) { valid state claims expiresAt } }', { token });
  return verifyLicense;
}

async function signingKeys(): Promise<{ id: string; status: string }[]> {
  return (await licensing.read<{ signingKeys: { id: string; status: string }[] }>(ANYONE, '{ signingKeys { id status algorithm publicKeyPem } }')).signingKeys;
}

describe('verifyLicense', () => {
  it('follows the calendar of the license, whose customer is unlicensed at its end', async () => {
    const customerId = await licensed(10);
    const token = (await licenseOf(customerId))?.token ?? '';
    const seen: [state: string, valid: boolean, status: string | undefined][] = [];
    for (const days of [0, 10, 7, 14]) {
      licensing.clock.advance({ days });
      const { state, valid } = await stateOf(token);
      seen.push([state, valid, (await licenseOf(customerId))?.status]);
    }
    expect(seen).toEqual([
      ['VALID', true, 'ACTIVE'],
      ['GRACE', true, 'GRACE'],
      ['READ_ONLY', false, 'READ_ONLY'],
      ['EXPIRED', false, undefined],
    ]);
  });

  it('takes a license as it was carried: with the line end of its own file, wrapped, in quotes, with NAME=', async () => {
    const token = (await licenseOf(await licensed(30)))?.token ?? '';
    const lines = (columns: number): string => token.match(new RegExp(`.{1,${columns}}`, 'g'))?.join('\n') ?? '';
    for (const text of [`${token}\n`, `${token}\r\n`, lines(76), `\uFEFF${lines(64)}\n`, `"${token}"`, `IOTISTIC_LICENSE_KEY='${token}'\n`]) expect(await stateOf(text)).toMatchObject({ state: 'VALID', valid: true });
    // A long text of blanks is looked through by nobody.
    expect(await stateOf(`${' '.repeat(90_000)}${token}`)).toMatchObject({ state: 'MALFORMED' });
  });

  it('answers what is wrong and shows no claims that nobody signed', async () => {
    const token = (await licenseOf(await licensed(30)))?.token ?? '';
    const [header = '', payload = '', signature = ''] = token.split('.');
    const changed = Buffer.from(payload, 'base64url').toString().replace('"maxDevices":10', '"maxDevices":99');
    const foreign = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'license+jwt', kid: 'nobody' })).toString('base64url');
    const bad = (state: string): object => ({ valid: false, state, claims: null, expiresAt: null });
    expect(await stateOf(`${header}.${Buffer.from(changed).toString('base64url')}.${signature}`)).toEqual(bad('BAD_SIGNATURE'));
    expect(await stateOf(`${foreign}.${payload}.${signature}`)).toEqual(bad('UNKNOWN_KEY'));
    expect(await stateOf('not a license')).toEqual(bad('MALFORMED'));
    expect(await stateOf(`${token}=`)).toEqual(bad('MALFORMED'));
    expect(await stateOf('a'.repeat(100_000))).toEqual(bad('MALFORMED'));
    expect(await stateOf('')).toEqual(bad('MALFORMED'));
  });
});

describe('the renewal of leases', () => {
  it('needs nobody to ask: whoever starts finds what is due', async () => {
    const customerId = await licensed(null);
    const before = await licenseOf(customerId);
    licensing.clock.advance({ days: 16 });
    const stopOther = await startOther({ LICENSE_KEYS_DIR: keys });
    await waitFor(async () => expect((await licenseOf(customerId))?.id).not.toBe(before?.id));
    await stopOther();
    expect(await licensing.rows('select action from license_history where customer_id = $1 order by position', [customerId])).toEqual([{ action: 'GENERATED' }, { action: 'RENEWED' }]);
  });
});

describe('signing keys', () => {
  it('processes that start at once on one directory agree on one', async () => {
    const stops = await Promise.all([1, 2, 3].map(() => startOther({ LICENSE_KEYS_DIR: keys })));
    await Promise.all(stops.map((stop) => stop()));
    expect((await signingKeys()).filter(({ status }) => status !== 'ANNOUNCED')).toMatchObject([{ status: 'CURRENT', algorithm: 'RS256', publicKeyPem: expect.stringContaining('BEGIN PUBLIC KEY') as string }]);
  });

  it('a key that was made elsewhere is refused, since the private half of the current one is there', async () => {
    await expect(startOther({ LICENSE_KEYS_DIR: join(keys, 'elsewhere') })).rejects.toThrow('LICENSE_KEYS_DIR: its key is not the one that this database knows');
  });

  it('a key that is given takes the place of the current one, which verifies on and does not come back', async () => {
    const customerId = await licensed(null);
    const old = await licenseOf(customerId);
    const stopOther = await startOther({ LICENSE_KEYS_DIR: keys, LICENSE_PRIVATE_KEY: newKey() });
    licensing.clock.advance({ seconds: 6 });
    const known = await signingKeys();
    const current = known.find(({ status }) => status === 'CURRENT');
    expect(known.find(({ id }) => id === old?.keyId)).toMatchObject({ status: 'VERIFYING' });
    expect(current?.id).not.toBe(old?.keyId);
    expect(await stateOf(old?.token ?? '')).toMatchObject({ state: 'VALID' });
    await stopOther();
    // Whoever is started with the old one signs with the new one, and does not start where that is not to be had.
    const stopThird = await startOther({ LICENSE_KEYS_DIR: keys, LICENSE_PRIVATE_KEY_PATH: join(keys, 'license-signing-key.pem') });
    await stopThird();
    expect((await signingKeys()).find(({ status }) => status === 'CURRENT')?.id).toBe(current?.id);
    await expect(startOther({ LICENSE_KEYS_DIR: join(keys, 'nothing'), LICENSE_PRIVATE_KEY_PATH: join(keys, 'license-signing-key.pem') })).rejects.toThrow('was replaced');
  });
});
