import type { SubscriptionStatus } from './events.ts';

/** What of a subscription decides where its licenses end. */
export interface LicensedTerm {
  status: SubscriptionStatus;
  trialEndsAt: Date | null;
  /** Where the paid period or the trial ends; when it became past due for a past-due one. */
  periodEndsAt: Date | null;
  /** Where a subscription that is in force is known to end: canceled at its period's end, or a contract with an end. */
  endsAt: Date | null;
  /** When it came to be so. */
  updatedAt: Date;
}

/** These grant nothing beyond the moment that put them there, also where no period says so. */
const ENDED: ReadonlySet<SubscriptionStatus> = new Set(['CANCELED', 'INCOMPLETE_EXPIRED', 'UNPAID', 'PAST_DUE']);

/**
 * Where the licenses of a subscription end, as far as is known; null while it goes on. An active one goes on from period to
 * period unless its end is said; what is past due ended when it became so.
 */
export function licenseEndOf({ status, trialEndsAt, periodEndsAt, endsAt, updatedAt }: LicensedTerm): Date | null {
  if (status === 'ACTIVE') return endsAt;
  const ends = [endsAt, periodEndsAt, status === 'TRIALING' ? trialEndsAt : null].filter((end) => end !== null);
  if (ends.length > 0) return new Date(Math.min(...ends.map((end) => end.getTime())));
  return ENDED.has(status) ? updatedAt : null;
}
