import { MAX_TEXT_CHARACTERS } from './input-limits.ts';

/**
 * Control characters (the zero byte, which PostgreSQL stores in no text, among them) and halves of a character, which
 * are no UTF-8 and no JSON for a database.
 */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;
const UNSTORABLE_ALL = /[\p{Cc}\p{Cs}]/gu;
/** What ends a line or indents one: texts of others may have several lines. */
const LAYOUT = /[\t\n\r]/;

/**
 * What is wrong with a text that somebody sends us; null where nothing is. White space at its ends means nothing, line
 * ends included.
 */
export function textFault(text: string): string | null {
  if (text.length > MAX_TEXT_CHARACTERS) return 'is too long';
  if (!UNSTORABLE.test(text)) return null;
  const found = UNSTORABLE.exec(text.trim())?.[0];
  if (found === undefined) return null;
  return /\p{Cs}/u.test(found) ? 'has half a character in it' : 'has a control character in it';
}

/**
 * A text of somebody who does not follow our rule (Stripe's objects, which others may have named), so that it can be
 * stored: what cannot be becomes U+FFFD.
 */
export function storableText(text: string): string {
  if (!UNSTORABLE.test(text)) return text;
  return text.replaceAll(UNSTORABLE_ALL, (found) => (LAYOUT.test(found) ? found : '\uFFFD'));
}

/** The same of every text and every name within a value of JSON. A value without any such text is returned as it is. */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return mapped(value, (each: unknown) => storable(each)) as T;
  const entries = Object.entries(value);
  const clean = entries.map(([key, each]) => [storableText(key), storable<unknown>(each)] as const);
  const isSame = clean.every(([key, each], index) => key === entries[index]?.[0] && each === entries[index]?.[1]);
  return isSame ? value : (Object.fromEntries(clean) as T);
}

function mapped(list: readonly unknown[], change: (each: unknown) => unknown): readonly unknown[] {
  const changed = list.map(change);
  return changed.every((each, index) => each === list[index]) ? list : changed;
}
