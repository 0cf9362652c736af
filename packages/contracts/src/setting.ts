/** What no editor shows at either end: blanks of every width, line ends, the mark that Windows begins a file with, zero-width characters. */
const ENDS = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;
const QUOTED = /^(["'])(.*)\1$/s;

/**
 * A setting as it was meant, from the environment or a file: without what is invisible at its ends, and without the quotes
 * around it that `docker run --env-file` and systemd leave there. null when nothing is left, which counts as unset.
 */
export function readSetting(text: string | undefined): string | null {
  const trimmed = (text ?? '').replaceAll(ENDS, '');
  const [, quote = '', inner] = QUOTED.exec(trimmed) ?? [];
  // Quotes within are no pair around the whole: "A" <a@example.com>, "B".
  const value = inner === undefined || inner.includes(quote) ? trimmed : inner.replaceAll(ENDS, '');
  return value === '' ? null : value;
}
