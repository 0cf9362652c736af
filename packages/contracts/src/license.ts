import { z } from 'zod';
import { type FindLicenseKey, readSignedDocument } from './signed-document.ts';

export const LICENSE_ISSUER = 'iotistic-control-plane';
export const LICENSE_AUDIENCE = 'iotistic-instance';
export const LICENSE_TYPE = 'license+jwt';
/** An older product guard compares `count >= maxDevices`: -1 or null would block everything, so unlimited is the largest int32. */
export const UNLIMITED = 2_147_483_647;

const DAY_SECONDS = 86_400;
/** A license that is fetched while nothing ends is VALID for so many days from then, at least. */
export const LEASE_DAYS = 30;
/** Leases begin in windows of so many days: who fetches at its very end still has LEASE_DAYS. */
export const LEASE_WINDOW_DAYS = 7;
export const GRACE_DAYS = 7;
export const READ_ONLY_DAYS = 14;
/** From the beginning of its window to its end; one more for whoever counts differently. */
const MAX_LEASE_DAYS = LEASE_WINDOW_DAYS + LEASE_DAYS + 1;
/** A license for an instance without a network may last a year, and says so; nothing lasts longer. */
export const MAX_AIR_GAP_DAYS = 365;
/** Longest text that is looked at, in characters: ours have about 1,600. */
export const MAX_LICENSE_CHARACTERS = 8_192;
/** Clocks may differ by this much before a license counts as not yet valid. */
const FUTURE_TOLERANCE_SECONDS = 300;

/** Seconds since 1970, within the years that have four digits. */
export const epochSeconds = z.number().int().nonnegative().max(253_402_300_799);
const instant = z.iso.datetime();

export const licenseClaimsSchema = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  iat: epochSeconds,
  nbf: epochSeconds,
  exp: epochSeconds,
  jti: z.string(),
  customerId: z.string(),
  customerName: z.string(),
  plan: z.string(),
  features: z.record(z.string(), z.union([z.boolean(), z.number().int()])),
  limits: z.record(z.string(), z.number().int()),
  trial: z.object({ isTrialMode: z.boolean(), trialEndsAt: instant.optional() }),
  subscription: z.object({ status: z.string(), currentPeriodEndsAt: instant.nullable() }),
  degradation: z.object({ graceUntil: instant, readOnlyFrom: instant, unlicensedFrom: instant }),
  /** For an instance without a network: issued on request, for longer than a lease. */
  airGap: z.literal(true).optional(),
  /** How many revocations were taken back before it: it follows all that were revoked, whatever their issue time. */
  reinstatement: z.number().int().positive().optional(),
  version: z.number().int().positive(),
  issuedAt: epochSeconds,
  expiresAt: epochSeconds,
});
export type LicenseClaims = z.infer<typeof licenseClaimsSchema>;

export const LICENSE_STATES = ['VALID', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED', 'NOT_YET_VALID', 'BAD_SIGNATURE', 'UNKNOWN_KEY', 'WRONG_ISSUER', 'MALFORMED'] as const;
export type LicenseState = (typeof LICENSE_STATES)[number];

export interface LicenseVerdict {
  state: LicenseState;
  /** VALID and GRACE: everything works. */
  valid: boolean;
  /** Null unless the signature is good. */
  claims: LicenseClaims | null;
}

/** The calendar of a license that expires then: a pure function, signed into the license. */
export function degradationOf(expiresAt: Date): { graceUntil: Date; readOnlyFrom: Date; unlicensedFrom: Date } {
  const graceUntil = new Date(expiresAt.getTime() + GRACE_DAYS * DAY_SECONDS * 1000);
  return { graceUntil, readOnlyFrom: graceUntil, unlicensedFrom: new Date(graceUntil.getTime() + READ_ONLY_DAYS * DAY_SECONDS * 1000) };
}

/** The instants of a license's life, in order. */
export interface LicenseCalendar {
  expiresAt: Date;
  graceUntil: Date;
  readOnlyFrom: Date;
  unlicensedFrom: Date;
}

/** The calendar that is in force: the one that was signed, or from its revocation on the one that begins there, whichever is earlier. */
export function calendarOf(claims: Pick<LicenseClaims, 'iat' | 'exp' | 'degradation'>, revokedAt: Date | null = null): LicenseCalendar {
  const { graceUntil, readOnlyFrom, unlicensedFrom } = claims.degradation;
  const signed = { expiresAt: new Date(claims.exp * 1000), graceUntil: new Date(graceUntil), readOnlyFrom: new Date(readOnlyFrom), unlicensedFrom: new Date(unlicensedFrom) };
  if (revokedAt === null || revokedAt >= signed.expiresAt) return signed;
  const expiresAt = new Date(Math.max(revokedAt.getTime(), claims.iat * 1000));
  const begun = degradationOf(expiresAt);
  const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
  return { expiresAt, graceUntil: earlier(begun.graceUntil, signed.graceUntil), readOnlyFrom: earlier(begun.readOnlyFrom, signed.readOnlyFrom), unlicensedFrom: earlier(begun.unlicensedFrom, signed.unlicensedFrom) };
}

/** Where on its calendar a license is at this time. Each instant belongs to the state that it begins. */
export function calendarState(calendar: LicenseCalendar, now: Date): 'VALID' | 'GRACE' | 'READ_ONLY' | 'EXPIRED' {
  if (now < calendar.expiresAt) return 'VALID';
  if (now < calendar.graceUntil) return 'GRACE';
  if (now < calendar.unlicensedFrom) return 'READ_ONLY';
  return 'EXPIRED';
}

/**
 * Checks a license. It answers, it does not throw. The first of these that holds is the state:
 * MALFORMED (text, size, header, algorithm, type) · UNKNOWN_KEY · BAD_SIGNATURE · MALFORMED (claims, lifetime) ·
 * WRONG_ISSUER (issuer, audience) · REVOKED · NOT_YET_VALID · VALID · GRACE · READ_ONLY · EXPIRED.
 */
export function verifyLicense(token: string, options: { findKey: FindLicenseKey; now: Date; isRevoked?: (jti: string, kid: string) => boolean }): LicenseVerdict {
  const document = readSignedDocument(token, { type: LICENSE_TYPE, maxCharacters: MAX_LICENSE_CHARACTERS, findKey: options.findKey });
  if (document.state !== 'GOOD') return refusal(document.state);
  const parsed = licenseClaimsSchema.safeParse(document.payload);
  if (!parsed.success || !isConsistent(parsed.data)) return refusal('MALFORMED');
  const claims = parsed.data;
  if (claims.iss !== LICENSE_ISSUER || claims.aud !== LICENSE_AUDIENCE) return refusal('WRONG_ISSUER');
  const state = options.isRevoked?.(claims.jti, document.kid) === true ? 'REVOKED' : stateOf(claims, options.now);
  return { state, valid: state === 'VALID' || state === 'GRACE', claims };
}

function stateOf(claims: LicenseClaims, now: Date): LicenseState {
  if (Math.max(claims.nbf, claims.iat) > now.getTime() / 1000 + FUTURE_TOLERANCE_SECONDS) return 'NOT_YET_VALID';
  return calendarState(calendarOf(claims), now);
}

/** What the schema cannot say: a bounded lifetime, one customer, one issue and one end, a calendar in order. */
function isConsistent(claims: LicenseClaims): boolean {
  const lifetimeDays = (claims.exp - claims.iat) / DAY_SECONDS;
  const { expiresAt, graceUntil, readOnlyFrom, unlicensedFrom } = calendarOf(claims);
  const isOrdered = expiresAt <= graceUntil && graceUntil.getTime() === readOnlyFrom.getTime() && readOnlyFrom <= unlicensedFrom;
  const saysOnce = claims.sub === claims.customerId && claims.issuedAt === claims.iat && claims.expiresAt === claims.exp;
  return lifetimeDays >= 0 && lifetimeDays <= (claims.airGap === true ? MAX_AIR_GAP_DAYS + 1 : MAX_LEASE_DAYS) && saysOnce && isOrdered;
}

function refusal(state: LicenseState): LicenseVerdict {
  return { state, valid: false, claims: null };
}
