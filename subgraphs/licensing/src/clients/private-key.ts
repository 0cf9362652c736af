import { createPrivateKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '@iotistic/chassis/config';
import type { LicensingConfig } from '../config.ts';

const MODULUS_BITS = 2_048;
const FILE_NAME = 'license-signing-key.pem';

export interface LoadedKey {
  privateKey: KeyObject;
  /** Whether the operator gave it, or it is the one that was made here. */
  given: boolean;
}

/**
 * The key that licenses are signed with: as given, else the one in LICENSE_KEYS_DIR, which is made there once, unless
 * this is production. Processes that start together on one directory get the same key.
 * @throws ConfigError for a key that cannot be used, and for none in production.
 */
export async function loadPrivateKey(config: LicensingConfig): Promise<LoadedKey> {
  if (config.LICENSE_PRIVATE_KEY !== undefined) return { privateKey: parsePrivateKey(config.LICENSE_PRIVATE_KEY, 'LICENSE_PRIVATE_KEY'), given: true };
  if (config.LICENSE_PRIVATE_KEY_PATH !== undefined) return { privateKey: parsePrivateKey(await readGivenFile(config.LICENSE_PRIVATE_KEY_PATH), 'LICENSE_PRIVATE_KEY_PATH'), given: true };
  const file = join(config.LICENSE_KEYS_DIR, FILE_NAME);
  const kept = await readIfThere(file);
  if (kept !== null) return { privateKey: parsePrivateKey(kept, 'LICENSE_KEYS_DIR'), given: false };
  if (config.NODE_ENV === 'production') throw new ConfigError(['LICENSE_PRIVATE_KEY: is required in production; so is enough LICENSE_PRIVATE_KEY_PATH or LICENSE_PRIVATE_KEY_FILE']);
  return { privateKey: parsePrivateKey(await generateOnce(config.LICENSE_KEYS_DIR, file), 'LICENSE_KEYS_DIR'), given: false };
}

function parsePrivateKey(text: string, name: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw new ConfigError([`${name}: is no private key in PEM, or that in base64`]);
  }
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MODULUS_BITS) throw new ConfigError([`${name}: is no RSA key of ${MODULUS_BITS} bits or more`]);
  return key;
}

async function readGivenFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) throw new ConfigError(['LICENSE_PRIVATE_KEY_PATH: the file cannot be read']);
  return text;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError(['LICENSE_KEYS_DIR: the key in it cannot be read']);
  }
}

/** Written whole beside its place, then linked there: who comes second finds the first one's key. */
async function generateOnce(folder: string, file: string): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const aside = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(aside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`LICENSE_KEYS_DIR: a key cannot be kept there (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`]);
  } finally {
    await rm(aside, { force: true });
  }
}
