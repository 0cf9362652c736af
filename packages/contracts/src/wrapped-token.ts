import { readSetting } from './setting.ts';

const ASSIGNMENT = /^(?:export)?[A-Z][A-Z0-9_]*=/;
const INVISIBLE = /[\s\p{Cc}\p{Cf}]+/gu;

/**
 * A token as it was given out: without any white space (it is long, and what shows it wraps and indents it, and ends it with a
 * line), without marks that no editor shows, and without the `NAME=` and the quotes of the line that it was copied with.
 * Its time grows with the text and no faster: the reader of anybody's text goes by it.
 */
export function unwrapToken(text: string): string {
  const visible = text.replaceAll(INVISIBLE, '');
  return readSetting((readSetting(visible) ?? '').replace(ASSIGNMENT, '')) ?? '';
}
