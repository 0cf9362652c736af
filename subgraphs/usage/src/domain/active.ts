import { DAY_MS } from './trend.ts';

/** Longer than a month and the days that a weekend or a holiday adds to it. */
const ACTIVE_DAYS = 35;

/** Since when an instance must have reported to count as active now, with its devices. It counts again with its next report; what was billed stays. */
export function activeSince(now: Date): Date {
  return new Date(now.getTime() - ACTIVE_DAYS * DAY_MS);
}

/** What is active of a customer. */
export interface ActiveNow {
  instances: number;
  /** As their newest reports say. */
  activeDevices: number;
  totalDevices: number;
  /** Instances that reported once, and not since then. */
  goneInstances: number;
}

export const NOTHING_ACTIVE: ActiveNow = { instances: 0, activeDevices: 0, totalDevices: 0, goneInstances: 0 };
