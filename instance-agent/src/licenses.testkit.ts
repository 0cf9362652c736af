import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { KEY_ANNOUNCEMENT_TYPE, keyIdOf } from '@iotistic/contracts/key-announcement';
import { degradationOf, LICENSE_AUDIENCE, LICENSE_ISSUER, LICENSE_TYPE, type LicenseClaims } from '@iotistic/contracts/license';
import { REVOCATIONS_TYPE } from '@iotistic/contracts/revocation-list';

export interface TestKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  publicKeyPem: string;
}

/** With its thumbprint as id, unless another is given. */
export function createTestKey(kid?: string): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid: kid ?? keyIdOf(publicKey), privateKey, publicKey, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export const DAY_MS = 86_400_000;
export const START = new Date('2026-11-20T12:00:00.000Z');

/** Claims as licensing makes them: issued at START for 30 days, unless told otherwise. */
export function testClaims(changes: Partial<LicenseClaims> = {}): LicenseClaims {
  const iat = changes.iat ?? START.getTime() / 1000;
  const exp = changes.exp ?? iat + 30 * 86_400;
  const calendar = degradationOf(new Date(exp * 1000));
  const version = changes.version ?? 1;
  return {
    iss: LICENSE_ISSUER,
    sub: changes.customerId ?? 'cust_a',
    aud: LICENSE_AUDIENCE,
    iat,
    nbf: iat,
    exp,
    jti: `lic_${changes.customerId ?? 'cust_a'}_${version}_${iat}`,
    customerId: 'cust_a',
    customerName: 'Acme Corp',
    plan: 'professional',
    features: { maxDevices: 50, canExportData: true },
    limits: { maxUsers: 15 },
    trial: { isTrialMode: false },
    subscription: { status: 'active', currentPeriodEndsAt: new Date(exp * 1000).toISOString() },
    degradation: { graceUntil: calendar.graceUntil.toISOString(), readOnlyFrom: calendar.readOnlyFrom.toISOString(), unlicensedFrom: calendar.unlicensedFrom.toISOString() },
    version,
    issuedAt: iat,
    expiresAt: exp,
    ...changes,
  };
}

export function signLicense(key: TestKey, claims: LicenseClaims): string {
  return signDocument(key, LICENSE_TYPE, claims);
}

/** Anything else that the control plane signs. */
export function signDocument(key: TestKey, type: string, payload: object): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
  const input = `${encode({ alg: 'RS256', typ: type, kid: key.kid })}.${encode(payload)}`;
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key.privateKey).toString('base64url')}`;
}

/** A list of revocations: ids of licenses with the second at which they were revoked, and keys that are compromised. */
export function signList(key: TestKey, list: { epoch?: number; iat?: number; revoked?: Record<string, number>; keys?: { kid: string; revokedAt: number }[] } = {}): string {
  const { epoch = 0, iat = START.getTime() / 1000, revoked = {}, keys = [] } = list;
  return signDocument(key, REVOCATIONS_TYPE, { iss: LICENSE_ISSUER, iat, epoch, jtis: Object.keys(revoked), revokedAt: Object.values(revoked), keys });
}

/** `announced`, made known by a key that is known already. */
export function announce(announced: TestKey, by: TestKey): string {
  const { n, e } = announced.publicKey.export({ format: 'jwk' });
  return signDocument(by, KEY_ANNOUNCEMENT_TYPE, { iss: LICENSE_ISSUER, iat: 1, key: { kty: 'RSA', kid: announced.kid, n, e } });
}
