/** A whole number that a report can carry; null for what says nothing: NaN, what is not finite, negative, or too large. */
export function usableValue(value: number): number | null {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : null;
}

/** Why a value says nothing; null when it does say something. */
export function unusableBecause(value: number): string | null {
  if (Number.isNaN(value)) return 'says NaN';
  if (usableValue(value) !== null) return null;
  return value < 0 ? 'says a negative number' : 'says more than a report can carry';
}
