import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { followAnnouncements } from '@iotistic/contracts/key-announcement';
import { verifyRevocationList } from '@iotistic/contracts/revocation-list';
import { ADMIN, ANYONE, type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

interface Key {
  id: string;
  status: string;
  publicKeyPem: string;
  compromisedAt: string | null;
}

const KEYS = '{ signingKeys { id status publicKeyPem compromisedAt } }';
const ROTATE = 'mutation ($emergency: Boolean!) { rotateSigningKey(input: { emergency: $emergency }) { signingKey { id status } reissue { id total done } } }';
let licensing: LicensingUnderTest;

async function keysOf(status: string): Promise<Key[]> {
  return (await licensing.read<{ signingKeys: Key[] }>(ANYONE, KEYS)).signingKeys.filter((key) => key.status === status);
}

async function rotate(emergency = false): Promise<{ signingKey: Key; reissue: { id: string; total: number } }> {
  return (await licensing.read<{ rotateSigningKey: { signingKey: Key; reissue: { id: string; total: number } } }>(ADMIN, ROTATE, { emergency })).rotateSigningKey;
}

async function untilReissued(): Promise<{ total: number; done: number }> {
  return waitFor(async () => {
    const { licenseReissues } = await licensing.read<{ licenseReissues: { total: number; done: number; finishedAt: string | null }[] }>(ADMIN, '{ licenseReissues { total done finishedAt } }');
    expect(licenseReissues.every(({ finishedAt }) => finishedAt !== null)).toBe(true);
    return licenseReissues[0] as { total: number; done: number };
  });
}

describe('a rotation', () => {
  beforeAll(async () => {
    licensing = await startLicensingUnderTest();
  });
  afterAll(() => licensing.close());

  it('makes the announced key the current one, announces the next, and issues every license anew', async () => {
    const customers = await Promise.all(Array.from({ length: 7 }, () => licensing.licensed()));
    const old = await licensing.licenseOf(customers[0] ?? '');
    await waitFor(async () => expect(await keysOf('ANNOUNCED')).toHaveLength(1));
    const [announced] = await keysOf('ANNOUNCED');
    const { signingKey, reissue } = await rotate();
    expect(signingKey).toEqual({ id: announced?.id, status: 'CURRENT' });
    expect(reissue.total).toBe(7);
    expect(await untilReissued()).toMatchObject({ total: 7, done: 7 });
    expect((await keysOf('VERIFYING')).map(({ id }) => id)).toEqual([old?.keyId]);
    expect((await keysOf('ANNOUNCED'))[0]?.id).not.toBe(announced?.id);
    for (const customerId of customers) {
      expect((await licensing.licenseOf(customerId))?.keyId).toBe(announced?.id);
      expect((await licensing.history(customerId)).map(({ action, reason }) => [action, reason])).toEqual([['GENERATED', null], ['RENEWED', 'signing key rotated']]);
    }
    expect(await licensing.stateOf(old?.token ?? '')).toBe('VALID');
  });

  it('at the same moment by three operators leaves one key current, and each license signed with it', async () => {
    const customerId = await licensing.licensed();
    const answers = await Promise.all([1, 2, 3].map(() => licensing.ask(ADMIN, ROTATE, { emergency: false })));
    const done = answers.filter(({ errors }) => errors === undefined);
    expect(done.length).toBeGreaterThanOrEqual(1);
    expect(answers.flatMap(({ errors }) => errors ?? []).every(({ extensions }) => extensions?.['reason'] === 'BUSY')).toBe(true);
    await untilReissued();
    const [current, ...others] = await keysOf('CURRENT');
    expect(others).toEqual([]);
    await waitFor(async () => expect((await licensing.licenseOf(customerId))?.keyId).toBe(current?.id));
  });

  it('while licenses are issued leaves none that nobody can verify', async () => {
    const issuing = (async () => Promise.all(Array.from({ length: 40 }, () => licensing.licensed())))();
    await rotate(true);
    const customers = await issuing;
    await rotate(true);
    await untilReissued();
    for (const customerId of customers) expect(await licensing.stateOf((await licensing.licenseOf(customerId))?.token ?? '')).toBe('VALID');
  });

  it('in an emergency ends the belief in the old key at once: in what it signed, and by name on the list', async () => {
    const customerId = await licensing.licensed();
    const old = await licensing.licenseOf(customerId);
    const before = await licensing.fetchLicense(customerId);
    const { signingKey } = await rotate(true);
    expect(await licensing.stateOf(old?.token ?? '')).toBe('UNKNOWN_KEY');
    const [retired] = (await keysOf('RETIRED')).filter(({ id }) => id === old?.keyId);
    expect(retired?.compromisedAt).toBe(licensing.clock.now().toISOString());
    await untilReissued();
    const after = await licensing.fetchLicense(customerId);
    expect(after.license?.keyId).toBe(signingKey.id);
    const [current] = await keysOf('CURRENT');
    const list = verifyRevocationList(after.revocationList, (kid) => (kid === current?.id ? createPublicKey(current.publicKeyPem) : null));
    expect(list.claims?.keys).toContainEqual({ kid: old?.keyId, revokedAt: Math.floor(licensing.clock.now().getTime() / 1000) });
    expect(after.revocationList).not.toBe(before.revocationList);
  });

  it('can be followed from the first key on, by whoever slept through all of them', async () => {
    const customerId = await licensing.licensed();
    const { signingKeys } = await licensing.read<{ signingKeys: Key[] }>(ANYONE, KEYS);
    const { signingKeyEvents } = await licensing.read<{ signingKeyEvents: { action: string; keyId: string }[] }>(ADMIN, '{ signingKeyEvents { action keyId } }');
    const imported = signingKeyEvents.find(({ action }) => action === 'IMPORTED')?.keyId;
    const first = signingKeys.find(({ id }) => id === imported) as Key;
    const { keyAnnouncements, license } = await licensing.fetchLicense(customerId);
    const learned = followAnnouncements(keyAnnouncements, (kid): KeyObject | null => (kid === first.id ? createPublicKey(first.publicKeyPem) : null));
    expect(learned.has(license?.keyId ?? '')).toBe(true);
    expect(learned.size).toBe(signingKeys.length - 1);
  });

  it('is on record: each key with what happened to it, when and by whom', async () => {
    const { signingKeyEvents } = await licensing.read<{ signingKeyEvents: { action: string; actor: string }[] }>(ADMIN, '{ signingKeyEvents { at action keyId actor requestId } }');
    const said = new Set(signingKeyEvents.map(({ action, actor }) => `${action} ${actor}`));
    for (const line of ['IMPORTED licensing', 'ANNOUNCED licensing', 'CURRENT admin:operator', 'COMPROMISED admin:operator']) expect(said).toContain(line);
  });

  it('is seen by another process that shares the folder, and signs there too', async () => {
    const stop = await licensing.startOther({});
    const { signingKey } = await rotate();
    await untilReissued();
    const seen = await licensing.inOther<{ signingKeys: Key[] }>({}, ANYONE, KEYS);
    expect(seen.signingKeys.find(({ status }) => status === 'CURRENT')?.id).toBe(signingKey.id);
    await stop();
  });
});

describe('an old key', () => {
  beforeAll(async () => {
    licensing = await startLicensingUnderTest();
  });
  afterAll(() => licensing.close());

  it('is retired when the last license that it signed has run its calendar, and not a moment before', async () => {
    const customerId = await licensing.licensed();
    const license = await licensing.licenseOf(customerId);
    await rotate();
    await untilReissued();
    const end = new Date(license?.expiresAt ?? '').getTime() + 21 * 86_400_000;
    licensing.clock.set(new Date(end - 1000).toISOString());
    await licensing.subgraph.runScheduled();
    expect((await keysOf('VERIFYING')).map(({ id }) => id)).toContain(license?.keyId);
    expect(await licensing.stateOf(license?.token ?? '')).toBe('READ_ONLY');
    licensing.clock.set(new Date(end).toISOString());
    await licensing.subgraph.runScheduled();
    expect((await keysOf('RETIRED')).map(({ id }) => id)).toContain(license?.keyId);
    expect(await licensing.stateOf(license?.token ?? '')).toBe('UNKNOWN_KEY');
  });

  it('that signed a license for an instance without a network verifies for all its days', async () => {
    const customerId = await licensing.licensed();
    const { issueAirGapLicense } = await licensing.read<{ issueAirGapLicense: { license: { token: string } } }>(ADMIN, 'mutation ($id: ID!) { issueAirGapLicense(input: { customerId: $id, days: 300, reason: "x" }) { license { token } } }', { id: customerId });
    await rotate();
    await rotate();
    await untilReissued();
    licensing.clock.advance({ days: 299 });
    await licensing.subgraph.runScheduled();
    expect(await licensing.stateOf(issueAirGapLicense.license.token)).toBe('VALID');
  });
});

describe('private keys', () => {
  const secret = randomBytes(32).toString('base64');
  let environment: Record<string, string> = {};
  beforeEach(async () => {
    environment = { LICENSE_KEY_ENCRYPTION_KEY: secret };
    licensing = await startLicensingUnderTest(environment);
  });
  afterEach(() => licensing.close());

  it('are kept in the database, encrypted, where there is a key to encrypt them with; every process finds them there', async () => {
    const customerId = await licensing.licensed();
    await rotate();
    await untilReissued();
    const rows = await licensing.rows<{ sealed_private_key: string }>('select sealed_private_key from signing_keys');
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const { sealed_private_key: sealed } of rows) expect(sealed).toMatch(/^v1\.[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await readdir(licensing.keys)).toEqual(['license-signing-key.pem']);
    const stop = await licensing.startOther({ NODE_ENV: 'production', LICENSE_KEYS_DIR: '/nowhere' });
    await stop();
    expect(await licensing.stateOf((await licensing.licenseOf(customerId))?.token ?? '')).toBe('VALID');
  });

  it('are not opened with another one: the process says so and does not start', async () => {
    await rotate();
    await expect(licensing.startOther({ LICENSE_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') })).rejects.toThrow('LICENSE_KEY_ENCRYPTION_KEY: does not open');
  });
});

describe('a plane in production that has no place for private keys', () => {
  it('says so when it shall rotate, and goes on', async () => {
    const keys = await startLicensingUnderTest();
    const pem = await import('node:fs/promises').then(({ readFile }) => readFile(`${keys.keys}/license-signing-key.pem`, 'utf8'));
    await keys.close();
    licensing = await startLicensingUnderTest({ NODE_ENV: 'production', LICENSE_PRIVATE_KEY: pem });
    const customerId = await licensing.licensed();
    expect(await licensing.refusal(ADMIN, ROTATE, { emergency: false })).toBe('KEYS_NOT_KEPT');
    expect(await licensing.stateOf((await licensing.licenseOf(customerId))?.token ?? '')).toBe('VALID');
    expect(await keysOf('ANNOUNCED')).toEqual([]);
    await licensing.close();
  });
});
