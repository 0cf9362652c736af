import { LEASE_DAYS } from '@iotistic/contracts/license';
import type { Entitlement } from './entitlement.ts';

/** The stretch of time that one license covers. Whole seconds, as a token says them. */
export interface Lease {
  issuedAt: Date;
  expiresAt: Date;
  /** When the next license is due; null when this one reaches as far as any may. */
  renewAt: Date | null;
  /** For an instance without a network: as many days as were asked for, whatever the period. */
  airGapDays?: number;
}

const DAY_SECONDS = 86_400;
const LEASE_SECONDS = LEASE_DAYS * DAY_SECONDS;
/** A license is renewed from its half-life on. */
const WINDOW_SECONDS = LEASE_SECONDS / 2;
/** Subscriptions in these states grant nothing beyond the moment that put them there, also where no period says so. */
const ENDED = new Set(['CANCELED', 'INCOMPLETE_EXPIRED', 'UNPAID']);

const toSeconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

/**
 * The lease due at this time. Leases begin every 15 days from the entitlement's last change, whoever asks and whenever:
 * a function of its arguments, so that all processes sign the same. Each lasts 30 days, or to the end of the period; none
 * begins once one reaches that end. Where the period ended before the change, the lease is empty and its calendar runs
 * from the period's end.
 */
export function leaseAt(entitlement: Pick<Entitlement, 'status' | 'trialEndsAt' | 'periodEndsAt' | 'updatedAt'>, now: Date): Lease {
  const end = endOf(entitlement);
  const first = Math.min(toSeconds(entitlement.updatedAt), end);
  const last = end === Infinity ? Infinity : Math.max(0, Math.ceil((end - first - LEASE_SECONDS) / WINDOW_SECONDS));
  const index = Math.min(Math.max(0, Math.floor((toSeconds(now) - first) / WINDOW_SECONDS)), last);
  const issuedAt = first + index * WINDOW_SECONDS;
  return {
    issuedAt: new Date(issuedAt * 1000),
    expiresAt: new Date(Math.min(end, issuedAt + LEASE_SECONDS) * 1000),
    renewAt: index < last ? new Date((issuedAt + WINDOW_SECONDS) * 1000) : null,
  };
}

/** Where the paid period or the trial ends, in seconds; a subscription without an end of its period has none. */
function endOf({ status, trialEndsAt, periodEndsAt, updatedAt }: Pick<Entitlement, 'status' | 'trialEndsAt' | 'periodEndsAt' | 'updatedAt'>): number {
  const ends = [periodEndsAt, status === 'TRIALING' ? trialEndsAt : null].filter((end) => end !== null);
  if (ends.length === 0 && ENDED.has(status)) return toSeconds(updatedAt);
  return Math.min(Infinity, ...ends.map(toSeconds));
}

/** The lease of an instance without a network: from now, for as long as was asked; nothing renews it. */
export function airGapLease(days: number, now: Date): Lease {
  const issuedAt = toSeconds(now);
  return { issuedAt: new Date(issuedAt * 1000), expiresAt: new Date((issuedAt + days * DAY_SECONDS) * 1000), renewAt: null, airGapDays: days };
}
