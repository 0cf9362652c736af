import { createHash } from 'node:crypto';
import { LEASE_DAYS, LEASE_WINDOW_DAYS } from '@iotistic/contracts/license';
import { licenseEndOf } from '@iotistic/contracts/license-end';
import type { Entitlement } from './entitlement.ts';

/** The time that one license covers. Whole seconds, as a token says them. */
export interface Lease {
  issuedAt: Date;
  expiresAt: Date;
  /** When the next license is due; null when this one reaches as far as any may. */
  renewAt: Date | null;
  /** For an instance without a network: as many days as were asked for, whatever the period. */
  airGapDays?: number;
}

type Leased = Pick<Entitlement, 'customerId' | 'status' | 'trialEndsAt' | 'periodEndsAt' | 'endsAt' | 'updatedAt'>;

const DAY_SECONDS = 86_400;
const LEASE_SECONDS = LEASE_DAYS * DAY_SECONDS;
const WINDOW_SECONDS = LEASE_WINDOW_DAYS * DAY_SECONDS;

const toSeconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);
const toDate = (seconds: number): Date => new Date(seconds * 1000);

/**
 * The lease of this time: a function of its arguments, so that all processes sign the same. Time is cut into windows of a
 * week; a lease begins with its window (or with the entitlement, where that changed within it) and lasts until 30 days after
 * the window's end, so that whoever fetches has 30 days at least. Where the end is known it lasts no longer than that, and no
 * window begins another once a lease reaches it. What ended before it changed has an empty lease at its end.
 */
export function leaseAt(entitlement: Leased, now: Date): Lease {
  const endsAt = licenseEndOf(entitlement);
  const end = endsAt === null ? Infinity : toSeconds(endsAt);
  const first = Math.min(toSeconds(entitlement.updatedAt), end);
  const offset = windowOffsetOf(entitlement.customerId);
  const windowOf = (seconds: number): number => Math.floor((seconds - offset) / WINDOW_SECONDS) * WINDOW_SECONDS + offset;
  // The first window whose lease reaches the end is the last one.
  const last = end === Infinity ? Infinity : Math.max(windowOf(first), lastWindow(end, windowOf));
  const window = Math.min(Math.max(windowOf(toSeconds(now)), windowOf(first)), last);
  const windowEnd = window + WINDOW_SECONDS;
  const expires = Math.min(end, windowEnd + LEASE_SECONDS);
  return { issuedAt: toDate(Math.max(window, first)), expiresAt: toDate(expires), renewAt: expires === end ? null : toDate(windowEnd) };
}

function lastWindow(end: number, windowOf: (seconds: number) => number): number {
  const window = windowOf(end - LEASE_SECONDS);
  // A lease of the window before reaches it to the second.
  return window === end - LEASE_SECONDS ? window - WINDOW_SECONDS : window;
}

/** Where in the week a customer's windows begin, seconds: spread evenly over all customers, so that their licenses are signed evenly over the week. */
function windowOffsetOf(customerId: string): number {
  return createHash('sha256').update(`lease window ${customerId}`).digest().readUInt32BE() % WINDOW_SECONDS;
}

/** The lease of an instance without a network: from now, for as long as was asked; nothing renews it. */
export function airGapLease(days: number, now: Date): Lease {
  const issuedAt = toSeconds(now);
  return { issuedAt: toDate(issuedAt), expiresAt: toDate(issuedAt + days * DAY_SECONDS), renewAt: null, airGapDays: days };
}
