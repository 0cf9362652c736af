const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const NOT_A_NUMBER = /^nan$/i;

/**
 * A number as Prometheus reads one, which is Go's strconv.ParseFloat without hexadecimal digits and underscores.
 * @returns null for what is none, and for a decimal that is larger than a double holds.
 */
export function readGoFloat(text: string): number | null {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : null;
  }
  const [, sign] = INFINITE.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return NOT_A_NUMBER.test(text) ? NaN : null;
}
