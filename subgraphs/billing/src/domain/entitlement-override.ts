import { AppError } from '@iotistic/contracts/errors';
import type { EntitlementValues } from '@iotistic/contracts/events';
import { z } from 'zod';

/** What a contract grants beyond a plan, or takes from it. It stays through every change of plan. */
export interface EntitlementOverride {
  features: Readonly<Record<string, boolean>>;
  /** null is unlimited. */
  limits: Readonly<Record<string, number | null>>;
  reason: string;
}

/** As stored in JSON. */
export const entitlementOverrideSchema: z.ZodType<EntitlementOverride> = z.object({
  features: z.record(z.string(), z.boolean()),
  limits: z.record(z.string(), z.number().int().nonnegative().nullable()),
  reason: z.string(),
});

/** What an operator says of it: features, or limits, that are given replace what was said of them before; given empty, they take it back. */
export interface OverrideChange {
  features?: Readonly<Record<string, boolean>> | null | undefined;
  limits?: Readonly<Record<string, number | null>> | null | undefined;
  reason: string;
}

/** The override after the change; null where nothing is left of it. */
export function changeOverride(previous: EntitlementOverride | null, change: OverrideChange): EntitlementOverride | null {
  const features = change.features ?? previous?.features ?? {};
  const limits = change.limits ?? previous?.limits ?? {};
  if (Object.keys(features).length === 0 && Object.keys(limits).length === 0) return null;
  return { features, limits, reason: change.reason };
}

/**
 * A plan's entitlements with a contract's own terms over them. All plans know the same features and limits.
 * @throws AppError UNKNOWN_FEATURE, UNKNOWN_LIMIT, INVALID_LIMIT
 */
export function applyOverride(plan: EntitlementValues, override: Pick<EntitlementOverride, 'features' | 'limits'> | null): EntitlementValues {
  if (override === null) return plan;
  for (const key of Object.keys(override.features)) if (!Object.hasOwn(plan.features, key)) throw new AppError('INVALID_INPUT', 'UNKNOWN_FEATURE', undefined, { details: { key } });
  for (const [key, value] of Object.entries(override.limits)) {
    if (!Object.hasOwn(plan.limits, key)) throw new AppError('INVALID_INPUT', 'UNKNOWN_LIMIT', undefined, { details: { key } });
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0)) throw new AppError('INVALID_INPUT', 'INVALID_LIMIT', undefined, { details: { key, value } });
  }
  return { features: { ...plan.features, ...override.features }, limits: { ...plan.limits, ...override.limits }, included: plan.included };
}
