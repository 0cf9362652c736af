import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { licensingConfig } from '../config.ts';
import { createSigner } from './signer.ts';
import { makeFirstKey, readFirstKey, readGivenKey, readKey, keepKey } from './private-key.ts';
import { sealPrivateKey, unsealPrivateKey } from './key-seal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iotistic-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const given = (environment: Record<string, string>) => readGivenKey(loadConfig(licensingConfig, environment));
const idOf = (key: KeyObject | null): string | null => (key === null ? null : createSigner(key).keyId);

describe('a key that is given', () => {
  it('is the same as PEM, as PEM in one line, as that in base64, as a path and as a file', async () => {
    const file = join(folder, 'given.pem');
    await writeFile(file, pem);
    const ids = await Promise.all([{ LICENSE_PRIVATE_KEY: pem }, { LICENSE_PRIVATE_KEY: pem.replaceAll('\n', String.raw`\n`) }, { LICENSE_PRIVATE_KEY: Buffer.from(pem).toString('base64') }, { LICENSE_PRIVATE_KEY_PATH: file }, { LICENSE_PRIVATE_KEY_FILE: file }].map(async (environment) => idOf(await given(environment))));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[\w-]{43}$/);
  });

  it('may be of the older form', async () => {
    const old = createPrivateKey(pem).export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(idOf(await given({ LICENSE_PRIVATE_KEY: old }))).toBe(idOf(createPrivateKey(pem)));
    expect(await given({})).toBeNull();
  });

  it.each([
    ['no key', { LICENSE_PRIVATE_KEY: 'not a key' }, 'LICENSE_PRIVATE_KEY: is no private key'],
    ['a short key', { LICENSE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }, 'no RSA key of 2048 bits'],
    ['a key of another kind', { LICENSE_PRIVATE_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }, 'no RSA key of 2048 bits'],
    ['a path to nothing', { LICENSE_PRIVATE_KEY_PATH: '/nowhere/key.pem' }, 'LICENSE_PRIVATE_KEY_PATH: the file cannot be read'],
  ])('%s is refused in plain words, without its text', async (_name, environment, message) => {
    await expect(given(environment)).rejects.toThrow(message);
    await expect(given(environment)).rejects.not.toThrow('not a key');
  });
});

describe('a key that is made', () => {
  it('is made once, however many start at once, and only its owner may read it', async () => {
    const keys = join(folder, 'made');
    const ids = await Promise.all(Array.from({ length: 4 }, async () => idOf(await makeFirstKey(keys))));
    expect(new Set(ids).size).toBe(1);
    expect(idOf(await readFirstKey(keys))).toBe(ids[0]);
    expect(await readdir(keys)).toEqual(['license-signing-key.pem']);
    expect((await stat(join(keys, 'license-signing-key.pem'))).mode & 0o777).toBe(0o600);
  });

  it('is found by its id', async () => {
    const keys = join(folder, 'kept');
    const key = createPrivateKey(pem);
    expect(await readKey(keys, createSigner(key).keyId)).toBeNull();
    await keepKey(keys, createSigner(key).keyId, key);
    expect(idOf(await readKey(keys, createSigner(key).keyId))).toBe(idOf(key));
  });

  it('that cannot be kept is said so', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(makeFirstKey(join(file, 'keys'))).rejects.toThrow('LICENSE_KEYS_DIR');
  });
});

describe('a sealed key', () => {
  const key = createPrivateKey(pem);
  const [right, wrong] = [randomBytes(32), randomBytes(32)];

  it('is opened with what it was sealed with, under its own id, and by nothing else', () => {
    const sealed = sealPrivateKey('id', key, right);
    expect(idOf(unsealPrivateKey('id', sealed, right))).toBe(idOf(key));
    expect(unsealPrivateKey('id', sealed, wrong)).toBeNull();
    expect(unsealPrivateKey('other', sealed, right)).toBeNull();
    expect(unsealPrivateKey('id', `${sealed.slice(0, -3)}AAA`, right)).toBeNull();
    expect(unsealPrivateKey('id', 'v2.a.b.c', right)).toBeNull();
    expect(sealed).not.toBe(sealPrivateKey('id', key, right));
  });

  it('needs 32 bytes to be sealed with', () => {
    for (const text of ['short', randomBytes(16).toString('base64')]) expect(() => loadConfig(licensingConfig, { LICENSE_KEY_ENCRYPTION_KEY: text })).toThrow('LICENSE_KEY_ENCRYPTION_KEY');
    expect(loadConfig(licensingConfig, { LICENSE_KEY_ENCRYPTION_KEY: right.toString('hex') }).LICENSE_KEY_ENCRYPTION_KEY).toEqual(right);
  });
});
