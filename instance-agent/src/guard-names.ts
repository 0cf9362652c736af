/** The features that a license grants or does not. */
export const FEATURES = ['canExportData', 'canExecuteJobs', 'canScheduleJobs', 'hasRemoteAccess', 'hasOtaUpdates', 'hasApiAccess', 'hasMqttAccess', 'hasAdvancedAlerts', 'hasCustomDashboards', 'hasCustomBranding'] as const;
export type Feature = (typeof FEATURES)[number];

/** The limits of a license, but for devices: they have a guard of their own. */
export const LIMITS = ['maxUsers', 'maxAlertRules', 'maxDashboards', 'maxJobTemplates'] as const;
export type Limit = (typeof LIMITS)[number];

/** A name that no license has: a typing error in the product, which no plan mends. */
export class UnknownGuardNameError extends TypeError {
  constructor(what: string, name: unknown, known: readonly string[]) {
    super(`There is no ${what} ${JSON.stringify(name) ?? String(name)}. There are: ${known.join(', ')}`);
    this.name = 'UnknownGuardNameError';
  }
}

/** @throws UnknownGuardNameError */
export function checkFeatureName(name: Feature): Feature {
  if (!FEATURES.includes(name)) throw new UnknownGuardNameError('feature', name, FEATURES);
  return name;
}

/** @throws UnknownGuardNameError */
export function checkLimitName(name: Limit): Limit {
  if (!LIMITS.includes(name)) throw new UnknownGuardNameError('limit', name, LIMITS);
  return name;
}

/** How many there are now: what is no whole number is the product's error, never a refusal. @throws RangeError */
export function checkCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`A guard was given ${String(count)} as the number of what exists: it is a whole number from 0`);
  return count;
}

/** @throws TypeError */
export function checkCounter<F>(count: F): F {
  if (typeof count !== 'function') throw new TypeError('A guard that compares with a limit is given a function that counts what exists');
  return count;
}
