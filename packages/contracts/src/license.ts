import type { KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { z } from 'zod';

export const LICENSE_ISSUER = 'iotistic-control-plane';
export const LICENSE_AUDIENCE = 'iotistic-instance';
export const LICENSE_TYPE = 'license+jwt';
export const REVOCATIONS_TYPE = 'revocations+jwt';
export const LICENSE_ALGORITHM = 'RS256';
/** An older product guard compares `count >= maxDevices`: -1 or null would block everything, so unlimited is the largest int32. */
export const UNLIMITED = 2_147_483_647;

const DAY_SECONDS = 86_400;
export const LEASE_DAYS = 30;
export const GRACE_DAYS = 7;
export const READ_ONLY_DAYS = 14;
/** An air-gap license may last a year; nothing lasts longer. */
export const MAX_LIFETIME_DAYS = 366;
/** Longest text that is looked at, in characters: ours have about 1,600. */
export const MAX_LICENSE_CHARACTERS = 8_192;
/** Clocks may differ by this much before a license counts as not yet valid. */
const FUTURE_TOLERANCE_SECONDS = 300;

const seconds = z.number().int().nonnegative().max(253_402_300_799);
const instant = z.iso.datetime();

export const licenseClaimsSchema = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  jti: z.string(),
  customerId: z.string(),
  customerName: z.string(),
  plan: z.string(),
  features: z.record(z.string(), z.union([z.boolean(), z.number().int()])),
  limits: z.record(z.string(), z.number().int()),
  trial: z.object({ isTrialMode: z.boolean(), trialEndsAt: instant.optional() }),
  subscription: z.object({ status: z.string(), currentPeriodEndsAt: instant.nullable() }),
  degradation: z.object({ graceUntil: instant, readOnlyFrom: instant, unlicensedFrom: instant }),
  version: z.number().int().positive(),
  issuedAt: seconds,
  expiresAt: seconds,
});
export type LicenseClaims = z.infer<typeof licenseClaimsSchema>;

export const LICENSE_STATES = ['VALID', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED', 'NOT_YET_VALID', 'BAD_SIGNATURE', 'UNKNOWN_KEY', 'WRONG_ISSUER', 'MALFORMED'] as const;
export type LicenseState = (typeof LICENSE_STATES)[number];

/** The public key with this id, or null where there is none. */
export type FindLicenseKey = (kid: string) => KeyObject | null;

export interface LicenseVerdict {
  state: LicenseState;
  /** VALID and GRACE: everything works. */
  valid: boolean;
  /** Null unless the signature is good. */
  claims: LicenseClaims | null;
}

/** The calendar of a license that expires then (SPEC 6): a pure function, signed into the license. */
export function degradationOf(expiresAt: Date): { graceUntil: Date; readOnlyFrom: Date; unlicensedFrom: Date } {
  const graceUntil = new Date(expiresAt.getTime() + GRACE_DAYS * DAY_SECONDS * 1000);
  return { graceUntil, readOnlyFrom: graceUntil, unlicensedFrom: new Date(graceUntil.getTime() + READ_ONLY_DAYS * DAY_SECONDS * 1000) };
}

/** Where on its calendar a license is at this time. */
export function calendarState(claims: Pick<LicenseClaims, 'exp' | 'degradation'>, now: Date): 'VALID' | 'GRACE' | 'READ_ONLY' | 'EXPIRED' {
  if (now.getTime() < claims.exp * 1000) return 'VALID';
  if (now < new Date(claims.degradation.graceUntil)) return 'GRACE';
  if (now < new Date(claims.degradation.unlicensedFrom)) return 'READ_ONLY';
  return 'EXPIRED';
}

/**
 * Checks a license. It answers, it does not throw. The first of these that holds is the state:
 * MALFORMED (text, size, header, algorithm, type) · UNKNOWN_KEY · BAD_SIGNATURE · MALFORMED (claims, lifetime) ·
 * WRONG_ISSUER (issuer, audience) · REVOKED · NOT_YET_VALID · VALID · GRACE · READ_ONLY · EXPIRED.
 * The algorithm is looked at before any key (RFC 8725, 3.1), and only the canonical text of a token passes: jose alone
 * accepts 16 variants of the last character.
 */
export async function verifyLicense(token: string, options: { findKey: FindLicenseKey; now: Date; isRevoked?: (jti: string) => boolean }): Promise<LicenseVerdict> {
  const header = readSegment(token, 0);
  if (header === null || header['alg'] !== LICENSE_ALGORITHM || header['typ'] !== LICENSE_TYPE || typeof header['kid'] !== 'string') return refusal('MALFORMED');
  if (Object.keys(header).some((name) => !['alg', 'typ', 'kid'].includes(name))) return refusal('MALFORMED');
  const key = options.findKey(header['kid']);
  if (key === null) return refusal('UNKNOWN_KEY');
  try {
    await compactVerify(token, key, { algorithms: [LICENSE_ALGORITHM] });
  } catch {
    return refusal('BAD_SIGNATURE');
  }
  const parsed = licenseClaimsSchema.safeParse(readSegment(token, 1));
  if (!parsed.success || !hasBoundedLifetime(parsed.data)) return refusal('MALFORMED');
  const claims = parsed.data;
  if (claims.iss !== LICENSE_ISSUER || claims.aud !== LICENSE_AUDIENCE) return refusal('WRONG_ISSUER');
  const state = stateOf(claims, options.now, options.isRevoked);
  return { state, valid: state === 'VALID' || state === 'GRACE', claims };
}

function stateOf(claims: LicenseClaims, now: Date, isRevoked: ((jti: string) => boolean) | undefined): LicenseState {
  if (isRevoked?.(claims.jti) === true) return 'REVOKED';
  if (Math.max(claims.nbf, claims.iat) > now.getTime() / 1000 + FUTURE_TOLERANCE_SECONDS) return 'NOT_YET_VALID';
  return calendarState(claims, now);
}

function hasBoundedLifetime(claims: LicenseClaims): boolean {
  return claims.exp >= claims.iat && claims.exp - claims.iat <= MAX_LIFETIME_DAYS * DAY_SECONDS && claims.sub === claims.customerId;
}

function refusal(state: LicenseState): LicenseVerdict {
  return { state, valid: false, claims: null };
}

/** A segment of a compact JWS as an object; null unless the text is exactly what its bytes, and its JSON, encode to (no duplicate names, no white space). */
function readSegment(token: string, index: 0 | 1): Record<string, unknown> | null {
  if (token.length > MAX_LICENSE_CHARACTERS) return null;
  const segments = token.split('.');
  if (segments.length !== 3 || segments.some((segment) => segment === '' || Buffer.from(segment, 'base64url').toString('base64url') !== segment)) return null;
  try {
    const text = Buffer.from(segments[index] ?? '', 'base64url').toString('utf8');
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && JSON.stringify(value) === text ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
