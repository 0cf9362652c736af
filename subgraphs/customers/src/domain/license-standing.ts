import { degradationOf } from '@iotistic/contracts/license';
import type { EventPayload } from '@iotistic/contracts/events';

/** What billing says of a customer, as far as deployments go by it. */
export interface SubscriptionStanding {
  customerId: string;
  plan: string;
  /** Where its license ends unless it is paid on; null where nothing ends it. */
  licensedUntil: Date | null;
  version: number;
  /** Instances that the customer may have; null is unlimited. */
  maxInstances: number | null;
}

/** What a customer may have whose entitlements do not say. */
export const DEFAULT_MAX_INSTANCES = 1_000;

const DAY_MS = 86_400_000;
/** Subscriptions in these states grant nothing beyond the moment that put them there, also where no period says so. */
const ENDED = new Set(['CANCELED', 'INCOMPLETE_EXPIRED', 'UNPAID']);

/** The standing that this change of a subscription makes: its license ends where licensing's does. */
export function standingOf(change: Pick<EventPayload<'subscription.changed'>, 'customerId' | 'plan' | 'status' | 'trialEndsAt' | 'currentPeriodEndsAt' | 'version' | 'updatedAt' | 'entitlements'>): SubscriptionStanding {
  const ends = [change.currentPeriodEndsAt, change.status === 'TRIALING' ? change.trialEndsAt : null].filter((end) => end !== null).map((end) => Date.parse(end));
  if (ends.length === 0 && ENDED.has(change.status)) ends.push(Date.parse(change.updatedAt));
  const granted = change.entitlements.limits['maxInstances'];
  const maxInstances = granted === undefined ? DEFAULT_MAX_INSTANCES : granted;
  const licensedUntil = ends.length === 0 ? null : new Date(Math.min(...ends));
  return { customerId: change.customerId, plan: change.plan, licensedUntil, version: change.version, maxInstances };
}

/** Whether something new may be deployed: while the license is valid or in its grace (SPEC 6). */
export function mayDeploy({ licensedUntil }: Pick<SubscriptionStanding, 'licensedUntil'>, now: Date): boolean {
  return licensedUntil === null || now < degradationOf(licensedUntil).graceUntil;
}

/** What is deployed is removed when the license of its customer ended before this instant: the calendar, and as many days more. */
export function removalThreshold(now: Date, daysAfterCalendar: number): Date {
  const calendarMs = degradationOf(new Date(0)).unlicensedFrom.getTime();
  return new Date(now.getTime() - calendarMs - daysAfterCalendar * DAY_MS);
}
