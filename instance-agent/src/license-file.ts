import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { failpoint } from '@iotistic/contracts/failpoints';
import { z } from 'zod';
import { readIfExists, writeDurably } from './durable-file.ts';
import type { LicenseOrder } from './license-states.ts';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';

/** The keys that licenses may be signed with, by id. */
export type KeySet = ReadonlyMap<string, KeyObject>;

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA'), n: z.string(), e: z.string() })) });
const orderSchema = z.object({ customerId: z.string(), version: z.number(), iat: z.number(), reinstatement: z.number().optional(), airGap: z.literal(true).optional() });

/** The license, and a copy of it: a file that a crash, a disk or a hand damaged takes no right away. */
export const LICENSE_FILES = ['license.jwt', 'license.backup.jwt'] as const;
const MARK_FILE = 'license-mark.json';

/** The licenses on disk, the first one first: tokens alone, so that one can be put there by hand. */
export async function readLicenseFiles(folder: string): Promise<{ file: string; token: string }[]> {
  const texts = await Promise.all(LICENSE_FILES.map(async (file) => ({ file, token: unwrapToken((await readIfExists(join(folder, file)).catch(() => null)) ?? '') })));
  return texts.filter(({ token }) => token !== '');
}

/** The license file alone; null where there is none. */
export async function readLicenseFile(folder: string): Promise<string | null> {
  return (await readLicenseFiles(folder)).find(({ file }) => file === LICENSE_FILES[0])?.token ?? null;
}

/** Writes the license, its copy, and last the mark below which no license is taken again: whatever dies in between, one of the files is good. */
export async function writeLicenseFiles(folder: string, token: string, order: LicenseOrder): Promise<void> {
  for (const file of LICENSE_FILES) {
    await writeDurably(join(folder, file), `${token}\n`);
    await failpoint('agent.license-replaced');
  }
  const { customerId, version, iat, reinstatement, airGap } = order;
  await writeDurably(join(folder, MARK_FILE), `${JSON.stringify({ customerId, version, iat, reinstatement, airGap })}\n`);
}

/** What the newest license that was ever held here said of itself: an older file is not taken for it. */
export async function readLicenseMark(folder: string): Promise<LicenseOrder | null> {
  try {
    const { reinstatement, airGap, ...mark } = orderSchema.parse(JSON.parse((await readIfExists(join(folder, MARK_FILE))) ?? ''));
    return { ...mark, ...(reinstatement === undefined ? {} : { reinstatement }), ...(airGap === undefined ? {} : { airGap }) };
  } catch {
    return null;
  }
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
