import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** So many letters and digits, each as likely as the others: bytes beyond the last whole round of the alphabet are thrown away. */
export function randomText(length: number): string {
  const limit = 256 - (256 % ALPHABET.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < limit && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

/** `sub_1a2B…`: 24 letters and digits after the prefix. */
export function randomId(prefix: string): string {
  return `${prefix}_${randomText(24)}`;
}
