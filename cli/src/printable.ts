import { minorUnitPlaces } from '@iotistic/contracts/minor-units';
import Table from 'cli-table3';
import { stripVTControlCharacters } from 'node:util';

const RULE_CHARACTERS = 61;
/** What a terminal acts upon instead of showing it: control characters, and those that turn the direction of writing around. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text of somebody else's: a customer may call itself what it likes, and must not write on the operator's screen. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNPRINTABLE, '\uFFFD');
}

/** "2026-11-20 09:30:00 UTC"; a hyphen for null. */
export function formatInstant(instant: string | null | undefined): string {
  return instant === null || instant === undefined ? '-' : `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** 0.84 → "84.0%"; a hyphen where there is no limit. */
export function formatShare(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(1)}%`;
}

/** Minor units as an amount: 2900 USD → "$29.00", 2900 EUR → "29.00 EUR". */
export function formatMoney({ amount, currency }: { amount: number; currency: string }): string {
  const places = minorUnitPlaces(currency);
  const digits = String(Math.abs(amount)).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  const sign = amount < 0 ? '-' : '';
  return currency === 'USD' ? `${sign}$${text}` : `${sign}${text} ${currency}`;
}

export function formatLimit(value: number | null | undefined): string {
  return value === null || value === undefined ? 'unlimited' : String(value);
}

export type Details = readonly (readonly [name: string, value: string])[];

export const rule = (character = '─', width = RULE_CHARACTERS): string => character.repeat(width);

/** A title, and below it names and values between two rules. */
export function formatDetails(title: string, details: Details): string {
  const width = Math.max(16, ...details.map(([name]) => name.length + 1));
  return [title, rule(), ...details.map(([name, value]) => `${`${name}:`.padEnd(width + 1)} ${printable(value)}`), rule()].join('\n');
}

/** Rows under a head, between two rules. The last column is as wide as it needs to be. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[], options: { right?: readonly number[] } = {}): string {
  const none = Object.fromEntries(['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((name) => [name, '']));
  const table = new Table({ chars: { ...none, middle: ' │ ' }, style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 }, colAligns: head.map((_, index) => (options.right?.includes(index) === true ? 'right' : 'left')) });
  table.push([...head], ...rows.map((row) => row.map(printable)));
  const lines = table.toString().split('\n').map((line) => line.trimEnd());
  const line = rule('─', Math.max(...lines.map((text) => stripVTControlCharacters(text).length)));
  return [line, lines[0] ?? '', line, ...lines.slice(1), ...(rows.length > 0 ? [line] : [])].join('\n');
}
