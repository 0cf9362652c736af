/** An exact decimal: `digits` × 10^-`scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

const DECIMAL = /^([+-]?)(\d{1,30})(?:\.(\d{1,15}))?$/;

/** @returns null for a text that is no plain decimal. */
export function parseDecimal(text: string): Decimal | null {
  const [, sign = '', whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  if (whole === '') return null;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

export function decimal(text: string | number): Decimal {
  const parsed = parseDecimal(String(text));
  if (parsed === null) throw new TypeError(`not a decimal: ${text}`);
  return parsed;
}

function aligned(one: Decimal, other: Decimal): [bigint, bigint, number] {
  const scale = Math.max(one.scale, other.scale);
  return [one.digits * 10n ** BigInt(scale - one.scale), other.digits * 10n ** BigInt(scale - other.scale), scale];
}

export function add(one: Decimal, other: Decimal): Decimal {
  const [a, b, scale] = aligned(one, other);
  return { digits: a + b, scale };
}

export function subtract(one: Decimal, other: Decimal): Decimal {
  return add(one, { digits: -other.digits, scale: other.scale });
}

export function multiply(one: Decimal, other: Decimal): Decimal {
  return { digits: one.digits * other.digits, scale: one.scale + other.scale };
}

export function compare(one: Decimal, other: Decimal): number {
  const [a, b] = aligned(one, other);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Without superfluous zeros. */
export function decimalText({ digits, scale }: Decimal): string {
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** n / d, rounded half away from zero. */
export function divideRounded(n: bigint, d: bigint): bigint {
  const negative = n < 0n !== d < 0n;
  const [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  const rounded = (2n * a + b) / (2n * b);
  return negative ? -rounded : rounded;
}

/** To a whole number, half away from zero: how a line's amount becomes cents, once. */
export function roundToInteger({ digits, scale }: Decimal): number {
  return Number(divideRounded(digits, 10n ** BigInt(scale)));
}

/** amount × part / whole in whole cents, half away from zero. */
export function portion(amount: number, part: number, whole: number): number {
  return whole === 0 ? 0 : Number(divideRounded(BigInt(amount) * BigInt(part), BigInt(whole)));
}
