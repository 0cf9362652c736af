import { createHash, generateKeyPairSync, type KeyObject, type RSAKeyPairKeyObjectOptions, sign } from 'node:crypto';
import { degradationOf, type LicenseClaims, type LicenseState, LICENSE_TYPE } from '@iotistic/contracts/license';

export const ISSUED = new Date('2026-11-20T00:00:00.000Z');
export const EXPIRES = new Date('2026-12-20T00:00:00.000Z');
/** Within the lease: what a vector's clock says unless it says otherwise. */
export const WITHIN = '2026-11-25T12:00:00.000Z';
export const CUSTOMER = 'cust_4l8kq0v2m6r1t9s3d7e5f0ga';
export const LICENSE = 'lic_1c5n9r2v6b0f4j8m3q7t1e5h';

/** A license, what the reader's clock says, and what it has to answer. */
export interface LicenseVector {
  name: string;
  token: string;
  /** RFC 3339, in milliseconds. */
  now: string;
  /** Ids that are revoked. */
  revoked?: string[];
  /** A list that is in force. */
  revocationList?: string;
  /** Both hold; the first is told. */
  precedence?: [told: LicenseState, before: LicenseState];
  expected: { state: LicenseState; valid: boolean; customerId: string | null };
  why: string;
}

export interface VectorKey {
  kid: string;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

export const seconds = (date: Date): number => date.getTime() / 1000;

export const encode = (value: unknown): string => (Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))).toString('base64url');

function withThumbprint({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): VectorKey {
  const { kty, crv, e, n, x, y } = publicKey.export({ format: 'jwk' });
  const required = JSON.parse(JSON.stringify({ crv, e, kty, n, x, y })) as Record<string, unknown>;
  const kid = createHash('sha256').update(JSON.stringify(required)).digest('base64url');
  return { kid, privateKey, jwk: { ...required, kid } };
}

const rsa = (options: RSAKeyPairKeyObjectOptions): VectorKey => withThumbprint(generateKeyPairSync('rsa', options));

/** Fresh ones at every run; the private halves end with the process. */
export function makeVectorKeys() {
  return {
    current: rsa({ modulusLength: 2048 }),
    other: rsa({ modulusLength: 2048 }),
    large: rsa({ modulusLength: 3072 }),
    weak: rsa({ modulusLength: 1024 }),
    nearly: rsa({ modulusLength: 2047 }),
    cubic: rsa({ modulusLength: 2048, publicExponent: 3 }),
    elliptic: withThumbprint(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    /** Nobody believes it. */
    absent: rsa({ modulusLength: 2048 }),
    /** Announced, one by the other, and not among the published. */
    chain: [rsa({ modulusLength: 2048 }), rsa({ modulusLength: 2048 }), rsa({ modulusLength: 2048 })] as [VectorKey, VectorKey, VectorKey],
  };
}
export type VectorKeys = ReturnType<typeof makeVectorKeys>;

export type Signing = (text: string) => Buffer;

export const rs256 = (key: VectorKey): Signing => (text) => sign('sha256', Buffer.from(text), key.privateKey);

/** The three segments, whatever is in them. */
export function compact(header: unknown, payload: unknown, signing: Signing): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${signing(signed).toString('base64url')}`;
}

export const headerOf = (key: VectorKey, changes: Record<string, unknown> = {}): Record<string, unknown> => ({ alg: 'RS256', typ: LICENSE_TYPE, kid: key.kid, ...changes });

/** The calendar as it stands in a license that expires then. */
export function calendarUntil(exp: number): Record<string, unknown> {
  const { graceUntil, readOnlyFrom, unlicensedFrom } = degradationOf(new Date(exp * 1000));
  return { exp, expiresAt: exp, degradation: { graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() } };
}

export function claimsWith(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { exp, expiresAt, degradation } = calendarUntil(seconds(EXPIRES)) as Pick<LicenseClaims, 'exp' | 'expiresAt' | 'degradation'>;
  const claims: LicenseClaims = {
    iss: 'iotistic-control-plane',
    sub: CUSTOMER,
    aud: 'iotistic-instance',
    iat: seconds(ISSUED),
    nbf: seconds(ISSUED),
    exp,
    jti: LICENSE,
    customerId: CUSTOMER,
    customerName: 'Acme',
    plan: 'professional',
    features: { canExportData: true, maxDevices: 50 },
    limits: { maxUsers: 15 },
    trial: { isTrialMode: false },
    subscription: { status: 'active', currentPeriodEndsAt: EXPIRES.toISOString() },
    degradation,
    version: 7,
    issuedAt: seconds(ISSUED),
    expiresAt,
  };
  return { ...claims, ...changes };
}

/** A license by this key with these claims. */
export const licenseBy = (key: VectorKey, changes: Record<string, unknown> = {}): string => compact(headerOf(key), claimsWith(changes), rs256(key));

const WITH_CLAIMS: readonly LicenseState[] = ['VALID', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED', 'NOT_YET_VALID'];

export function vector(state: LicenseState, name: string, token: string, why: string, more: { now?: string; revoked?: string[]; revocationList?: string; precedence?: [LicenseState, LicenseState] } = {}): LicenseVector {
  const { now = WITHIN, ...rest } = more;
  return { name, token, now, ...rest, expected: { state, valid: state === 'VALID' || state === 'GRACE', customerId: WITH_CLAIMS.includes(state) ? CUSTOMER : null }, why };
}
