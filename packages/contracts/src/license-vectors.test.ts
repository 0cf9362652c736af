import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { followAnnouncements } from './key-announcement.ts';
import { LICENSE_STATES, type LicenseState, verifyLicense } from './license.ts';
import { isNewerList, revocationOf, verifyRevocationList } from './revocation-list.ts';
import type { FindLicenseKey } from './signed-document.ts';
import { verifySignedTime } from './signed-time.ts';

interface Vector {
  name: string;
  token: string;
  why: string;
}
interface LicenseVector extends Vector {
  now: string;
  revoked?: string[];
  revocationList?: string;
  precedence?: [told: LicenseState, before: LicenseState];
  expected: { state: LicenseState; valid: boolean; customerId: string | null };
}
interface VectorFile {
  description: string[];
  keys: { name: string; kid: string; kty: string }[];
  vectors: LicenseVector[];
  revocationLists: (Vector & { held: { epoch: number; iat: number } | null; expected: { state: string; epoch: number | null; isNewer: boolean }; lookups: { jti: string; kid: string; revokedAt: string | null }[] })[];
  keyAnnouncements: (Omit<Vector, 'token'> & { believed: string[]; announcements: string[]; expected: { learned: string[] }; license?: { token: string; now: string; state: LicenseState } })[];
  signedTimes: (Vector & { asked: { nonce: string; instance: string }; expected: { now: string | null } })[];
}

const text = readFileSync(join(import.meta.dirname, '../../../docs/license-vectors.json'), 'utf8');
const file = JSON.parse(text) as VectorFile;
const keys = new Map(file.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
const findKey: FindLicenseKey = (kid) => keys.get(kid) ?? null;

/** In the order in which docs/license-format.md tells them; MALFORMED stands for the form and again for the claims. */
const ORDER: readonly LicenseState[] = ['MALFORMED', 'UNKNOWN_KEY', 'BAD_SIGNATURE', 'MALFORMED', 'WRONG_ISSUER', 'REVOKED', 'NOT_YET_VALID', 'EXPIRED'];
const SIGNED: readonly LicenseState[] = ['VALID', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED', 'NOT_YET_VALID', 'WRONG_ISSUER'];

function isRevoked(vector: LicenseVector): (jti: string, kid: string) => boolean {
  if (vector.revocationList === undefined) return (jti) => vector.revoked?.includes(jti) ?? false;
  const { state, claims } = verifyRevocationList(vector.revocationList, findKey);
  expect(state).toBe('GOOD');
  return (jti, kid) => revocationOf(claims, jti, kid) !== null;
}

describe('each license among the vectors has the state that is written there', () => {
  it.each(file.vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const { state, valid, claims } = verifyLicense(vector.token, { findKey, now: new Date(vector.now), isRevoked: isRevoked(vector) });
    expect({ state, valid, customerId: claims?.customerId ?? null }, vector.why).toEqual(vector.expected);
  });
});

describe('each of the other documents among the vectors has the answer that is written there', () => {
  it.each(file.revocationLists.map((vector) => [vector.name, vector] as const))('%s', (_name, { token, held, expected, lookups, why }) => {
    const { state, claims } = verifyRevocationList(token, findKey);
    expect({ state, epoch: claims?.epoch ?? null, isNewer: claims !== null && isNewerList(claims, held) }, why).toEqual(expected);
    expect(lookups.map(({ jti, kid }) => ({ jti, kid, revokedAt: revocationOf(claims, jti, kid)?.toISOString() ?? null }))).toEqual(lookups);
  });

  it.each(file.keyAnnouncements.map((vector) => [vector.name, vector] as const))('%s', (_name, { believed, announcements, expected, license, why }) => {
    const believes: FindLicenseKey = (kid) => (believed.includes(kid) ? findKey(kid) : null);
    const learned = followAnnouncements(announcements, believes);
    expect([...learned.keys()].toSorted(), why).toEqual(expected.learned.toSorted());
    const read = license && verifyLicense(license.token, { findKey: (kid) => learned.get(kid) ?? believes(kid), now: new Date(license.now) });
    expect(read?.state).toBe(license?.state);
  });

  it.each(file.signedTimes.map((vector) => [vector.name, vector] as const))('%s', (_name, { token, asked, expected, why }) => {
    expect(verifySignedTime(token, asked, findKey)?.toISOString() ?? null, why).toBe(expected.now);
  });
});

/** A second opinion: jose, which knows nothing of ours, on the signature alone. */
async function joseVerifies(token: string): Promise<boolean> {
  try {
    await compactVerify(token, ({ kid }) => keys.get(String(kid)) as KeyObject, { algorithms: ['RS256'] });
    return true;
  } catch {
    return false;
  }
}

it('another library finds the same signatures good and bad', async () => {
  const told = file.vectors.filter(({ expected }) => SIGNED.includes(expected.state) || expected.state === 'BAD_SIGNATURE');
  const disagreed: string[] = [];
  for (const { name, token, expected } of told) if ((await joseVerifies(token)) === (expected.state === 'BAD_SIGNATURE')) disagreed.push(name);
  expect(disagreed).toEqual([]);
});

describe('the file of vectors', () => {
  it('tells every state, in sixty vectors and more, each under a name of its own', () => {
    expect(file.vectors.length).toBeGreaterThanOrEqual(60);
    expect(new Set(file.vectors.map(({ expected }) => expected.state))).toEqual(new Set(LICENSE_STATES));
    for (const section of [file.vectors, file.revocationLists, file.keyAnnouncements, file.signedTimes]) {
      expect(section.length).toBeGreaterThan(0);
      expect(new Set(section.map(({ name }) => name)).size).toBe(section.length);
      for (const { name, why } of section) expect(why, name).not.toBe('');
    }
  });

  it('has a license of which both hold for each two neighbours in the order', () => {
    const pairs = new Set(file.vectors.map(({ precedence }) => precedence?.join(' before ')));
    for (const [index, told] of ORDER.slice(0, -1).entries()) expect(pairs, told).toContain(`${told} before ${ORDER[index + 1]}`);
    expect(file.vectors.filter(({ precedence, expected }) => precedence !== undefined && precedence[0] !== expected.state)).toEqual([]);
  });

  it('has no private key, in clear or within a token', () => {
    const segments = text.match(/[\w-]{16,}/g)?.map((segment) => Buffer.from(segment, 'base64url').toString('latin1')) ?? [];
    expect(segments.length).toBeGreaterThan(200);
    const secret = /"(d|p|q|dp|dq|qi|k)"\s*:|PRIVATE/;
    for (const clear of [text, ...segments]) expect(clear).not.toMatch(secret);
    expect(JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))).toMatch(secret);
    for (const { name, kid } of file.keys) expect([name, keys.get(kid)?.type]).toEqual([name, 'public']);
  });
});
