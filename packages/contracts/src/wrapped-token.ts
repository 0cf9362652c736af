import { readSetting } from './setting.ts';

const ASSIGNMENT = /^(?:export\s*)?[A-Z][A-Z0-9_]*\s*=/;
const INVISIBLE = /[\s\p{Cc}\p{Cf}]+/gu;
const LINE_END = /[\s\p{Cf}]*[\r\n][\s\p{Cf}]*/gu;

/** A key as it was given out: without the `NAME=` and the quotes of the line that it was copied with, and without the line ends of a terminal. */
export function unwrapKey(text: string): string {
  return (readSetting((readSetting(text) ?? '').replace(ASSIGNMENT, '')) ?? '').replaceAll(LINE_END, '');
}

/**
 * A token as it was given out: without any white space (it is long, and what shows it wraps and indents it, and ends it with a
 * line), without marks that no editor shows, and without the `NAME=` and the quotes of the line that it was copied with.
 * Its time grows with the text and no faster: the reader of anybody's text goes by it.
 */
export function unwrapToken(text: string): string {
  const visible = text.replaceAll(INVISIBLE, '');
  return readSetting((readSetting(visible) ?? '').replace(ASSIGNMENT, '')) ?? '';
}

/** What is wrong with it, without a word of it; null for what may be one. */
export function tokenProblem(token: string, maxCharacters: number, what: string): string | null {
  if (token === '') return `is not ${what}: nothing stands behind the name`;
  if (token.length > maxCharacters) return `is not ${what}: it has ${token.length} characters, and ${maxCharacters} at most`;
  if (/^["']|["']$/.test(token)) return `is not ${what}: it begins or ends with a quote that has no other`;
  const strange = /[^\x21-\x7e]/u.exec(token);
  if (strange !== null) return `is not ${what}: its character ${strange.index + 1} (U+${(strange[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}) is in none`;
  return null;
}
