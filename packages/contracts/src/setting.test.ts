import { describe, expect, it } from 'vitest';
import { readSetting } from './setting.ts';

describe('a setting', () => {
  it.each([
    ['a carriage return, as a Windows .env has', 'secret\r'],
    ['a line end, as `echo` writes', 'secret\n'],
    ['both', 'secret\r\n'],
    ['blanks and tabs', ' \t secret \t'],
    ['a byte order mark', '\ufeffsecret'],
    ['no-break spaces', '\u00a0secret\u00a0\u202f'],
    ['zero-width spaces', '\u200bsecret\u2060'],
    ['double quotes', '"secret"'],
    ['single quotes', "'secret'"],
    ['quotes with blanks outside and inside', ' " secret\r\n" \n'],
  ])('is the same with %s around it', (_what, text) => {
    expect(readSetting(text)).toBe('secret');
  });

  it.each([undefined, '', ' ', '\r\n', '\ufeff', '""', "' '"])('of %j is none', (text) => {
    expect(readSetting(text)).toBeNull();
  });

  it.each(['"Iotistic" <billing@example.com>', 'it\'s', '"', 'a b', '-----BEGIN KEY-----\nAB\n-----END KEY-----', '"a" and "b"', '"mixed\''])('keeps %j as it is', (text) => {
    expect(readSetting(text)).toBe(text);
  });
});
