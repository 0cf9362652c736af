import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfExists, writeDurably } from './durable-file.ts';

/** The keys that licenses may be signed with, by id. */
export type KeySet = ReadonlyMap<string, KeyObject>;

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA'), n: z.string(), e: z.string() })) });

/** The license on disk, `license.jwt`: the token alone, so that it can be put there by hand. Null where there is none. */
export async function readLicenseFile(folder: string): Promise<string | null> {
  const text = (await readIfExists(join(folder, 'license.jwt')))?.trim();
  return text === undefined || text === '' ? null : text;
}

export async function writeLicenseFile(folder: string, token: string): Promise<void> {
  await writeDurably(join(folder, 'license.jwt'), `${token}\n`);
}

/** The keys fetched earlier, `jwks.json` (RFC 7517). A damaged file counts as none: the keys are fetched again. */
export async function readKeySet(folder: string): Promise<KeySet> {
  try {
    const parsed = keySetSchema.parse(JSON.parse((await readIfExists(join(folder, 'jwks.json'))) ?? '{"keys":[]}'));
    return new Map(parsed.keys.map((key) => [key.kid, createPublicKey({ key: { kty: 'RSA', n: key.n, e: key.e }, format: 'jwk' })]));
  } catch {
    return new Map();
  }
}

export async function writeKeySet(folder: string, keys: KeySet): Promise<void> {
  const jwks = { keys: [...keys].map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' })) };
  await writeDurably(join(folder, 'jwks.json'), `${JSON.stringify(jwks, null, 2)}\n`);
}
