import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storable, textFault } from './text-rule.ts';

describe('a text that somebody sends', () => {
  it.each(['', ' SAVE10\n', '\ufeffAda\r\n', 'Zoë 株式会社 😀', '\t x', 'x'.repeat(32_768)])('%j is taken', (text) => expect(textFault(text)).toBeNull());

  it.each([
    ['x\u0000', 'has a control character in it'],
    ['\u0000', 'has a control character in it'],
    ['a\nb', 'has a control character in it'],
    ['a\u007f', 'has a control character in it'],
    ['\ud800', 'has half a character in it'],
    ['a\udfff', 'has half a character in it'],
    ['\ude00\ud83d', 'has half a character in it'],
    ['x'.repeat(32_769), 'is too long'],
  ])('%j %s', (text, fault) => expect(textFault(text)).toBe(fault));
});

describe('what others wrote', () => {
  it('can be stored, its lines and all else as they were', () => {
    const value = { 'na\u0000me': ['a\u0000b', 'a\tb\r\nc', '\ud800x', 1, null, true, { deep: '\udc00' }] };
    expect(storable(value)).toEqual({ 'na\ufffdme': ['a\ufffdb', 'a\tb\r\nc', '\ufffdx', 1, null, true, { deep: '\ufffd' }] });
  });

  it('is the same object where nothing is wrong with it', () => {
    const value = { id: 'sub_1', items: { data: [{ name: 'Zoë 😀' }] } };
    expect(storable(value)).toBe(value);
  });

  it('is well-formed and has no zero byte, whatever it was', () => {
    fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(storable(value));
      expect(text.replaceAll('\\\\', '')).not.toMatch(/\\u0000|\\ud[89a-f]|\p{Cs}/u);
    }));
  });
});
