import { degradationOf } from '@iotistic/contracts/license';
import { licenseEndOf } from '@iotistic/contracts/license-end';
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

/** The standing that this change of a subscription makes: its license ends where licensing's does. */
export function standingOf(change: Pick<EventPayload<'subscription.changed'>, 'customerId' | 'plan' | 'status' | 'trialEndsAt' | 'currentPeriodEndsAt' | 'endsAt' | 'version' | 'updatedAt' | 'entitlements'>): SubscriptionStanding {
  const toDate = (text: string | null | undefined): Date | null => (text === null || text === undefined ? null : new Date(text));
  const licensedUntil = licenseEndOf({
    status: change.status,
    trialEndsAt: toDate(change.trialEndsAt),
    periodEndsAt: toDate(change.currentPeriodEndsAt),
    endsAt: toDate(change.endsAt),
    updatedAt: new Date(change.updatedAt),
  });
  const granted = change.entitlements.limits['maxInstances'];
  const maxInstances = granted === undefined ? DEFAULT_MAX_INSTANCES : granted;
  return { customerId: change.customerId, plan: change.plan, licensedUntil, version: change.version, maxInstances };
}

/** Whether something new may be deployed: while the license is valid or in its grace. */
export function mayDeploy({ licensedUntil }: Pick<SubscriptionStanding, 'licensedUntil'>, now: Date): boolean {
  return licensedUntil === null || now < degradationOf(licensedUntil).graceUntil;
}

/** What is deployed is removed when the license of its customer ended before this instant: the calendar, and as many days more. */
export function removalThreshold(now: Date, daysAfterCalendar: number): Date {
  const calendarMs = degradationOf(new Date(0)).unlicensedFrom.getTime();
  return new Date(now.getTime() - calendarMs - daysAfterCalendar * DAY_MS);
}
