import { AppError } from '@iotistic/contracts/errors';
import { applyOverride } from './entitlement-override.ts';
import type { Plan } from './plan-catalogue.ts';
import type { Subscription } from './subscription.ts';

/** A limit of a plan that a customer exceeds. */
export interface LimitExceeded {
  /** Its name, as in the license. */
  limit: string;
  allowed: number;
  current: number;
}

/** What a customer has of what plans limit, as far as billing knows it; null is not known. */
export interface CountedResources {
  /** Peak of the period that was measured last. */
  activeDevices: number | null;
}

/** Limits that billing knows the present count of. Users, alert rules and dashboards are counted elsewhere. */
const COUNTED = { maxDevices: 'activeDevices' } as const satisfies Record<string, keyof CountedResources>;

/** The limits of a plan, under the customer's override, that the customer exceeds now; none where the plan fits. */
export function limitsExceeded(
  plan: Pick<Plan, 'entitlements'>,
  override: Subscription['override'],
  counted: CountedResources,
): LimitExceeded[] {
  const { limits } = applyOverride(plan.entitlements, override);
  return Object.entries(COUNTED).flatMap(([limit, count]) => {
    const [allowed, current] = [limits[limit] ?? null, counted[count]];
    return allowed === null || current === null || current <= allowed ? [] : [{ limit, allowed, current }];
  });
}

/** @throws AppError PLAN_DOES_NOT_FIT with the first limit that is exceeded */
export function refuseUnfit(exceeded: readonly LimitExceeded[]): void {
  const [first] = exceeded;
  if (first === undefined) return;
  const message = `The plan allows ${first.allowed} of ${first.limit}, and the customer has ${first.current}.`;
  throw new AppError('CONFLICT', 'PLAN_DOES_NOT_FIT', message, { details: { ...first } });
}

/** For the audit log: `forced although maxDevices is 10 and the customer has 25`. */
export function describeForced(exceeded: readonly LimitExceeded[]): string {
  const said = exceeded.map(({ limit, allowed, current }) => `${limit} is ${allowed} and the customer has ${current}`);
  return `forced although ${said.join(', ')}`;
}
