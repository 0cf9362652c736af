import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { licensingConfig } from '../config.ts';
import { loadPrivateKey } from './private-key.ts';
import { createSigner } from './signer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iotistic-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const load = (environment: Record<string, string>) => loadPrivateKey(loadConfig(licensingConfig, { LICENSE_KEYS_DIR: join(folder, 'none'), ...environment }));
const keyIdOf = async (environment: Record<string, string>): Promise<string> => (await createSigner((await load(environment)).privateKey)).keyId;

describe('a key that is given', () => {
  it('is the same as PEM, as that in base64, as a path and as a file', async () => {
    const file = join(folder, 'given.pem');
    await writeFile(file, pem);
    const ids = await Promise.all([{ LICENSE_PRIVATE_KEY: pem }, { LICENSE_PRIVATE_KEY: Buffer.from(pem).toString('base64') }, { LICENSE_PRIVATE_KEY_PATH: file }, { LICENSE_PRIVATE_KEY_FILE: file }].map(keyIdOf));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[\w-]{43}$/);
    expect((await load({ LICENSE_PRIVATE_KEY: pem })).given).toBe(true);
  });

  it.each([
    ['no key', { LICENSE_PRIVATE_KEY: 'not a key' }, 'LICENSE_PRIVATE_KEY: is no private key'],
    ['a short key', { LICENSE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }, 'no RSA key of 2048 bits'],
    ['a key of another kind', { LICENSE_PRIVATE_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }, 'no RSA key of 2048 bits'],
    ['a path to nothing', { LICENSE_PRIVATE_KEY_PATH: '/nowhere/key.pem' }, 'LICENSE_PRIVATE_KEY_PATH: the file cannot be read'],
    ['none in production', { NODE_ENV: 'production' }, 'LICENSE_PRIVATE_KEY: is required in production'],
  ])('%s is refused in plain words, without its text', async (_name, environment, message) => {
    await expect(load(environment)).rejects.toThrow(message);
    await expect(load(environment)).rejects.not.toThrow('not a key');
  });
});

describe('a key that is made', () => {
  it('is made once, however many start at once, and only its owner may read it', async () => {
    const LICENSE_KEYS_DIR = join(folder, 'made');
    const ids = await Promise.all(Array.from({ length: 4 }, () => keyIdOf({ LICENSE_KEYS_DIR })));
    expect(new Set(ids).size).toBe(1);
    expect(await keyIdOf({ LICENSE_KEYS_DIR, NODE_ENV: 'production' })).toBe(ids[0]);
    expect(await readdir(LICENSE_KEYS_DIR)).toEqual(['license-signing-key.pem']);
    expect((await stat(join(LICENSE_KEYS_DIR, 'license-signing-key.pem'))).mode & 0o777).toBe(0o600);
    expect((await load({ LICENSE_KEYS_DIR })).given).toBe(false);
  });

  it('that cannot be kept is said so', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(load({ LICENSE_KEYS_DIR: join(file, 'keys') })).rejects.toThrow('LICENSE_KEYS_DIR');
  });
});
