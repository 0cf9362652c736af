import { createPrivateKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '@iotistic/chassis/config';
import { isLicenseKey } from '@iotistic/contracts/signed-document';
import type { LicensingConfig } from '../config.ts';

const MODULUS_BITS = 2_048;
/** Of the first key of a folder; those that follow bear their ids. */
const FIRST_FILE_NAME = 'license-signing-key.pem';

/** The key that the operator gave, or null. @throws ConfigError for one that cannot be used. */
export async function readGivenKey(config: LicensingConfig): Promise<KeyObject | null> {
  if (config.LICENSE_PRIVATE_KEY !== undefined) return parsePrivateKey(config.LICENSE_PRIVATE_KEY, 'LICENSE_PRIVATE_KEY');
  if (config.LICENSE_PRIVATE_KEY_PATH !== undefined) return parsePrivateKey(await readGivenFile(config.LICENSE_PRIVATE_KEY_PATH), 'LICENSE_PRIVATE_KEY_PATH');
  return null;
}

export async function generatePrivateKey(): Promise<KeyObject> {
  return (await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS })).privateKey;
}

/** The first key of a folder, made there once: processes that start together get the same. @throws ConfigError */
export async function makeFirstKey(folder: string): Promise<KeyObject> {
  const kept = await readFirstKey(folder);
  if (kept !== null) return kept;
  const text = await writeOnce(folder, FIRST_FILE_NAME, await generatePrivateKey());
  return parsePrivateKey(text, 'LICENSE_KEYS_DIR');
}

/** @throws ConfigError for one that cannot be read. */
export async function readFirstKey(folder: string): Promise<KeyObject | null> {
  return readKeyFile(folder, FIRST_FILE_NAME);
}

/** Null where the folder has no key of this id. */
export async function readKey(folder: string, keyId: string): Promise<KeyObject | null> {
  return readKeyFile(folder, fileNameOf(keyId));
}

/** @throws ConfigError */
export async function keepKey(folder: string, keyId: string, privateKey: KeyObject): Promise<void> {
  await writeOnce(folder, fileNameOf(keyId), privateKey);
}

/** A thumbprint is base64url: a name that every file system takes, but for those that do not tell cases apart. */
function fileNameOf(keyId: string): string {
  return `license-${Buffer.from(keyId, 'base64url').toString('hex').slice(0, 32)}.pem`;
}

function parsePrivateKey(text: string, name: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw new ConfigError([`${name}: is no private key in PEM, or that in base64`]);
  }
  if (!isLicenseKey(key)) throw new ConfigError([`${name}: is no RSA key of ${MODULUS_BITS} bits or more`]);
  return key;
}

async function readGivenFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) throw new ConfigError(['LICENSE_PRIVATE_KEY_PATH: the file cannot be read']);
  return text;
}

async function readKeyFile(folder: string, name: string): Promise<KeyObject | null> {
  try {
    return parsePrivateKey(await readFile(join(folder, name), 'utf8'), 'LICENSE_KEYS_DIR');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError(['LICENSE_KEYS_DIR: the key in it cannot be read']);
  }
}

/** Written whole beside its place, then linked there: who comes second finds the first one's key. */
async function writeOnce(folder: string, name: string, privateKey: KeyObject): Promise<string> {
  const file = join(folder, name);
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
