import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText, multiply, parseDecimal, roundHalfAway, shift } from './decimal.ts';

describe('a decimal', () => {
  it.each([
    ['0', 0n, 0],
    ['12.5', 125n, 1],
    ['0.01', 1n, 2],
    ['-0.5', -5n, 1],
    ['007', 7n, 0],
    ['0.000000000001', 1n, 12],
  ])('%s is read exactly', (text, digits, scale) => {
    expect(parseDecimal(text)).toEqual({ digits, scale });
  });

  it.each(['', '.', '.5', '5.', '1e3', '+1', ' 1', '1 ', '0x1', 'NaN', 'Infinity', '1,5', '0.0000000000001', '1'.repeat(31), '--1', '1\n'])('%j is none', (text) => {
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });

  it.each([
    ['0.4', 0n],
    ['0.5', 1n],
    ['1.5', 2n],
    ['2.5', 3n],
    ['-0.5', -1n],
    ['-2.5', -3n],
    ['-2.499999999999', -2n],
    ['2.499999999999', 2n],
    ['41', 41n],
  ])('%s rounds half away from zero to %s', (text, rounded) => {
    expect(roundHalfAway(parseDecimal(text))).toBe(rounded);
  });

  it.each([
    ['0', 0, '0'],
    ['0', 2, '0.00'],
    ['1.50', 0, '1.5'],
    ['1.50', 2, '1.50'],
    ['-0.005', 2, '-0.005'],
    ['1200', 0, '1200'],
  ])('%s with at least %i places is written %s', (text, places, written) => {
    expect(decimalText(parseDecimal(text), places)).toBe(written);
  });

  it('is multiplied and shifted without loss, and what is written reads the same', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 8 }), fc.bigInt({ min: 0n, max: 10n ** 6n }), (digits, scale, by) => {
        const decimal = { digits, scale };
        const { digits: readDigits, scale: readScale } = parseDecimal(decimalText(decimal));
        expect(readDigits * 10n ** BigInt(scale - readScale)).toBe(digits);
        expect(multiply(decimal, by)).toEqual({ digits: digits * by, scale });
        expect(shift(decimal, 2)).toEqual({ digits, scale: scale + 2 });
      }),
    );
  });
});
