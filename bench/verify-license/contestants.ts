import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { degradationOf, LICENSE_AUDIENCE, LICENSE_ISSUER, LICENSE_TYPE, type LicenseClaims, verifyLicense } from '@iotistic/contracts/license';
import { jwtVerify } from 'jose';

export interface Contestant {
  key: string;
  name: string;
  /** Verifies the token with this index. @throws where it is not good: fast is only what says yes to a good one. */
  verify(index: number): void | Promise<void>;
}

/** Several, so that nothing is fast because it saw the same text a moment ago. */
export const TOKENS = 64;
const DAY_MS = 86_400_000;

/** All check the same tokens with the same key, which was read once. */
export function createContestants(): Contestant[] {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');
  const now = new Date();
  const tokens = Array.from({ length: TOKENS }, (_, index) => signLicense(privateKey, kid, claimsOf(index, now)));
  const parts = tokens.map((token) => {
    const end = token.lastIndexOf('.');
    return { signed: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') };
  });
  const findKey = (asked: string): KeyObject | null => (asked === kid ? publicKey : null);
  const refused = (): never => {
    throw new Error('a good license was refused');
  };
  return [
    {
      key: 'bare',
      name: 'crypto.verify',
      verify: (index) => {
        const { signed, signature } = parts[index] ?? refused();
        if (!verify('sha256', signed, publicKey, signature)) refused();
      },
    },
    {
      key: 'ours',
      name: 'verifyLicense',
      verify: (index) => {
        if (verifyLicense(tokens[index] ?? refused(), { findKey, now, isRevoked: () => false }).state !== 'VALID') refused();
      },
    },
    {
      key: 'jose',
      name: 'jwtVerify of jose',
      verify: async (index) => {
        const { payload } = await jwtVerify(tokens[index] ?? refused(), publicKey, { algorithms: ['RS256'], issuer: LICENSE_ISSUER, audience: LICENSE_AUDIENCE, typ: LICENSE_TYPE, currentDate: now });
        if (payload.jti === undefined) refused();
      },
    },
  ];
}

function signLicense(key: KeyObject, kid: string, claims: LicenseClaims): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'RS256', typ: LICENSE_TYPE, kid })}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

/** As long as the real ones: all features and limits of a plan. */
function claimsOf(index: number, now: Date): LicenseClaims {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expires = new Date(issuedAt * 1000 + 30 * DAY_MS);
  const { graceUntil, readOnlyFrom, unlicensedFrom } = degradationOf(expires);
  const customerId = `cust_${String(index).padStart(24, '0')}`;
  return {
    iss: LICENSE_ISSUER,
    sub: customerId,
    aud: LICENSE_AUDIENCE,
    iat: issuedAt,
    nbf: issuedAt,
    exp: expires.getTime() / 1000,
    jti: `lic_${String(index).padStart(24, '0')}`,
    customerId,
    customerName: 'Acme Corp',
    plan: 'professional',
    features: {
      maxDevices: 50,
      dataRetentionDays: 365,
      canExecuteJobs: true,
      canExportData: true,
      canScheduleJobs: true,
      hasAdvancedAlerts: true,
      hasApiAccess: true,
      hasCustomBranding: false,
      hasCustomDashboards: true,
      hasMqttAccess: true,
      hasOtaUpdates: true,
      hasRemoteAccess: true,
    },
    limits: { maxAlertRules: 100, maxDashboards: 20, maxJobTemplates: 50, maxUsers: 15 },
    trial: { isTrialMode: false },
    subscription: { status: 'active', currentPeriodEndsAt: expires.toISOString() },
    degradation: { graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() },
    version: 7,
    issuedAt,
    expiresAt: expires.getTime() / 1000,
  };
}
