import { minorUnitPlaces } from '@iotistic/contracts/minor-units';
import { type Decimal, decimalText, multiply, parseDecimal, roundHalfAway, shift } from './decimal.ts';

/** An amount in the currency's minor unit. */
export interface Money {
  amount: number;
  currency: string;
}

/** @throws RangeError beyond 2^53 - 1, where numbers stop being exact */
export function toAmount(value: bigint): number {
  const amount = Number(value);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`an amount beyond 2^53 - 1: ${value}`);
  return amount;
}

/** Rounded half away from zero, once. @param decimal minor units */
export function roundAmount(decimal: Decimal): number {
  return toAmount(roundHalfAway(decimal));
}

export function sumAmounts(amounts: readonly number[]): number {
  return toAmount(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n));
}

/** So many units at so much each. @param unitAmountDecimal minor units, as text */
export function priceUnits(units: number, unitAmountDecimal: string): number {
  return roundAmount(multiply(parseDecimal(unitAmountDecimal), BigInt(units)));
}

/** @param percent as text, e.g. '12.5' */
export function percentOf(amount: number, percent: string): number {
  return roundAmount(shift(multiply(parseDecimal(percent), BigInt(amount)), 2));
}

/** For people: `$29.00`, and as many places more as the amount has (`$0.005`). @param minor units, whole or as decimal text */
export function formatMoney(minor: number | string, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  const places = minorUnitPlaces(currency);
  const amount = shift(parseDecimal(String(minor)), places);
  const text = decimalText({ digits: amount.digits < 0n ? -amount.digits : amount.digits, scale: amount.scale }, places);
  const symbol = format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? currency;
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${amount.digits < 0n ? '-' : ''}${symbol}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}
