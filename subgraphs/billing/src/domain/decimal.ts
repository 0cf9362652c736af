/** An exact decimal: `digits` divided by ten to the `scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

/** Stripe's own bound for prices: 12 decimal places. */
const FORM = /^(-?)(\d{1,30})(?:\.(\d{1,12}))?$/;

/** @throws RangeError for what is no decimal of at most 30 digits before and 12 after the point */
export function parseDecimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = ''] = FORM.exec(text) ?? [];
  if (whole === '') throw new RangeError(`no decimal: ${JSON.stringify(text)}`);
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

export function multiply({ digits, scale }: Decimal, by: bigint): Decimal {
  return { digits: digits * by, scale };
}

/** Divided by ten to the `places`, exactly. */
export function shift({ digits, scale }: Decimal, places: number): Decimal {
  return { digits, scale: scale + places };
}

/** To a whole number; a half goes away from zero, as Stripe's does. */
export function roundHalfAway({ digits, scale }: Decimal): bigint {
  const one = 10n ** BigInt(scale);
  const magnitude = digits < 0n ? -digits : digits;
  const rounded = (magnitude * 2n + one) / (one * 2n);
  return digits < 0n ? -rounded : rounded;
}

/** Without superfluous zeros, but with at least so many decimal places. */
export function decimalText({ digits, scale }: Decimal, minimumPlaces = 0): string {
  const magnitude = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const fraction = magnitude.slice(magnitude.length - scale).replace(/0+$/, '').padEnd(minimumPlaces, '0');
  const whole = magnitude.slice(0, magnitude.length - scale);
  return `${digits < 0n ? '-' : ''}${scale === 0 ? magnitude : whole}${scale === 0 ? (minimumPlaces > 0 ? `.${'0'.repeat(minimumPlaces)}` : '') : fraction === '' ? '' : `.${fraction}`}`;
}
