import { PLAN_KEYS } from '@iotistic/contracts/events';
import type { Entitlement } from './entitlement.ts';

export type LicenseAction = 'GENERATED' | 'RENEWED' | 'UPGRADED' | 'DOWNGRADED' | 'REVOKED' | 'REINSTATED';

type Grant = Pick<Entitlement, 'plan' | 'features' | 'limits'> & { expiresAt: Date };

/**
 * What history calls a new license beside the one that it replaces. The plan decides; within one plan what it grants
 * does, where a single loss counts as one; with the same grants an earlier end is a loss, anything else a renewal.
 */
export function actionOf(previous: Grant | null, next: Grant): LicenseAction {
  if (previous === null) return 'GENERATED';
  const step = PLAN_KEYS.indexOf(next.plan) - PLAN_KEYS.indexOf(previous.plan) || compareGrants(previous, next);
  if (step !== 0) return step > 0 ? 'UPGRADED' : 'DOWNGRADED';
  return next.expiresAt < previous.expiresAt ? 'DOWNGRADED' : 'RENEWED';
}

function compareGrants(previous: Grant, next: Grant): number {
  const steps = [
    ...namesOf(previous.features, next.features).map((name) => Number(next.features[name] ?? false) - Number(previous.features[name] ?? false)),
    ...namesOf(previous.limits, next.limits).map((name) => Math.sign(bound(next.limits[name]) - bound(previous.limits[name]) || 0)),
  ];
  return Math.min(0, ...steps) || Math.max(0, ...steps);
}

/** Unlimited is above every number; a limit that is not named grants nothing. */
function bound(limit: number | null | undefined): number {
  return limit === null ? Number.MAX_VALUE : (limit ?? 0);
}

function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}
