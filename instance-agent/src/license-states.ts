import type { LicenseClaims, LicenseState, LicenseVerdict } from '@iotistic/contracts/license';

/** What an instance is in. From `grace` on the calendar of the license runs; `expired` and `unlicensed` have the unlicensed limits. */
export const KEEPER_STATES = ['unlicensed', 'licensed', 'grace', 'read-only', 'expired'] as const;
export type KeeperState = (typeof KEEPER_STATES)[number];

/**
 * What can happen to a license: another one was taken, or one was refused; time went on; the one held appeared on the list
 * of revocations; the clock was corrected by a time that was signed for us; the agent was started anew.
 */
export const KEEPER_EVENTS = ['accepted', 'refused', 'elapsed', 'revoked', 'corrected', 'restarted'] as const;
export type KeeperEvent = (typeof KEEPER_EVENTS)[number];

/** Where the calendar of the license held says that it stands. */
export const STATE_OF = { VALID: 'licensed', GRACE: 'grace', READ_ONLY: 'read-only', EXPIRED: 'expired' } as const satisfies Record<string, KeeperState>;

const ANY_LICENSED: readonly KeeperState[] = ['licensed', 'grace', 'read-only', 'expired'];
const ANY: readonly KeeperState[] = KEEPER_STATES;

/**
 * Every state, every event, and where it may lead: within what is allowed, the calendar says where it does. Time and
 * revocations lead on only; a refusal leads nowhere; back leads nothing but another license, or a clock that had run ahead.
 */
export const TRANSITIONS: Readonly<Record<KeeperState, Readonly<Record<KeeperEvent, readonly KeeperState[]>>>> = {
  unlicensed: { accepted: ANY_LICENSED, refused: ['unlicensed'], elapsed: ['unlicensed'], revoked: ['unlicensed'], corrected: ['unlicensed'], restarted: ANY },
  licensed: { accepted: ANY_LICENSED, refused: ['licensed'], elapsed: ANY_LICENSED, revoked: ANY_LICENSED, corrected: ANY_LICENSED, restarted: ANY },
  grace: { accepted: ANY_LICENSED, refused: ['grace'], elapsed: ['grace', 'read-only', 'expired'], revoked: ['grace', 'read-only', 'expired'], corrected: ANY_LICENSED, restarted: ANY },
  'read-only': { accepted: ANY_LICENSED, refused: ['read-only'], elapsed: ['read-only', 'expired'], revoked: ['read-only', 'expired'], corrected: ANY_LICENSED, restarted: ANY },
  expired: { accepted: ANY_LICENSED, refused: ['expired'], elapsed: ['expired'], revoked: ['expired'], corrected: ANY_LICENSED, restarted: ANY },
};

/** What became of a license that was offered: taken, the very one that is held, or refused with the reason. */
export type OfferOutcome = 'accepted' | 'unchanged' | 'OTHER_CUSTOMER' | 'OLDER' | Exclude<LicenseState, 'VALID' | 'GRACE' | 'READ_ONLY' | 'EXPIRED'>;

/** What orders the licenses of a customer. */
export type LicenseOrder = Pick<LicenseClaims, 'customerId' | 'version' | 'iat' | 'reinstatement' | 'airGap'>;

/**
 * Whether a license was superseded by the other: by what the subscription said, by a revocation that was taken back, by its
 * lease, in this order. One for an instance without a network gives way to a lease of the same version, which begins earlier.
 */
export function isOlder(license: LicenseOrder, than: LicenseOrder): boolean {
  const steps = [license.version - than.version, (license.reinstatement ?? 0) - (than.reinstatement ?? 0)];
  const step = steps.find((difference) => difference !== 0);
  if (step !== undefined) return step < 0;
  if (than.airGap === true && license.airGap !== true) return false;
  return license.iat < than.iat;
}

/**
 * Whether a license with a good signature replaces the one held. Where on its calendar it stands does not matter: a
 * cancelled customer's newest license is the truth as well.
 */
export function judgeOffer(held: (LicenseOrder & { jti?: string }) | null, offered: LicenseVerdict): OfferOutcome {
  if (offered.claims === null || !Object.hasOwn(STATE_OF, offered.state)) return offered.state as OfferOutcome;
  if (held === null) return 'accepted';
  const claims = offered.claims;
  if (claims.customerId !== held.customerId) return 'OTHER_CUSTOMER';
  if (isOlder(claims, held)) return 'OLDER';
  return claims.jti === held.jti ? 'unchanged' : 'accepted';
}
