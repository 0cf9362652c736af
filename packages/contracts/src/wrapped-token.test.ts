import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrapToken } from './wrapped-token.ts';

const TOKEN = `${'eyJhbGciOiJSUzI1NiJ9'.repeat(8)}.${'eyJzdWIiOiJjdXN0XzEifQ-_'.repeat(40)}.${'c2lnbmF0dXJl'.repeat(20)}`;
const wrapped = (columns: number, end: string, indent = ''): string => (TOKEN.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []).map((line) => `${indent}${line}`).join(end);

describe('a token that was carried by hand', () => {
  it.each([
    ['with the line end of a file', `${TOKEN}\n`],
    ['with the line end of Windows', `${TOKEN}\r\n`],
    ['with the mark that Windows begins a file with', `\uFEFF${TOKEN}\r\n`],
    ['wrapped at 76 columns', wrapped(76, '\n')],
    ['wrapped at 64 columns, as openssl and mail do', `${wrapped(64, '\r\n')}\r\n`],
    ['wrapped and indented, as YAML has it', wrapped(70, '\n', '    ')],
    ['in quotes', `"${TOKEN}"`],
    ['in single quotes, wrapped', `'${wrapped(76, '\n')}'\n`],
    ['of a line of .env', `IOTISTIC_LICENSE_KEY=${TOKEN}\n`],
    ['of a line of a shell', `export IOTISTIC_LICENSE_KEY="${TOKEN}"\n`],
    ['of a quoted line', `"LICENSE=${TOKEN}"`],
    ['with zero-width characters of a chat', `\u200B${wrapped(40, '\u200B')}`],
    ['as it is', TOKEN],
  ])('is read %s', (_how, text) => {
    expect(unwrapToken(text)).toBe(TOKEN);
  });

  it('is not made out of what is none: other characters stay', () => {
    expect(['', ' \n', 'a"b', `${TOKEN}=`, 'name=x', '"a.b.c'].map(unwrapToken)).toEqual(['', '', 'a"b', `${TOKEN}=`, 'name=x', '"a.b.c']);
  });

  it('is the same however blanks are strewn over it, and read once more', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(TOKEN.length), fc.constantFrom(' ', '\t', '\n', '\r\n', '\u00A0', '\uFEFF', '\u2028')), { maxLength: 40 }), (strewn) => {
        const text = strewn.reduce((so, [at, blank]) => `${so.slice(0, at)}${blank}${so.slice(at)}`, TOKEN);
        expect(unwrapToken(text)).toBe(TOKEN);
        expect(unwrapToken(unwrapToken(text))).toBe(TOKEN);
      }),
    );
  });
});
