import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, percentOf, priceUnits, sumAmounts, toAmount } from './money.ts';

describe('amounts', () => {
  it('are exact to 2^53 - 1, and an error beyond', () => {
    expect(toAmount(BigInt(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => toAmount(BigInt(Number.MAX_SAFE_INTEGER) + 1n)).toThrow(RangeError);
    expect(() => sumAmounts([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError);
    expect(sumAmounts([Number.MAX_SAFE_INTEGER, 1, -1])).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => priceUnits(Number.MAX_SAFE_INTEGER, '1.01')).toThrow(RangeError);
    expect(sumAmounts([])).toBe(0);
  });

  it.each([
    [500, '10', 5_000],
    [1, '0.5', 1],
    [3, '0.5', 2],
    [49, '0.01', 0],
    [50, '0.01', 1],
    [3, '0.1', 0],
    [0, '99', 0],
  ])('%i units at %s make %i: rounded once, not unit by unit', (units, unitAmount, amount) => {
    expect(priceUnits(units, unitAmount)).toBe(amount);
  });

  it.each([
    [2_900, '20', 580],
    [2_900, '12.5', 363],
    [1, '50', 1],
    [-1, '50', -1],
    [2_900, '100', 2_900],
    [2_900, '0', 0],
    [333, '33.33', 111],
  ])('of %i %s%% are %i', (amount, percent, part) => {
    expect(percentOf(amount, percent)).toBe(part);
  });

  it('round as whole-number arithmetic does, however large', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 10_000 }), (amount, hundredths) => {
        const exact = (BigInt(amount) * BigInt(hundredths) * 2n + 10_000n) / 20_000n;
        expect(percentOf(amount, `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`)).toBe(Number(exact));
      }),
    );
  });

  it.each([
    [2_900, 'USD', '$29.00'],
    [0, 'USD', '$0.00'],
    [-580, 'USD', '-$5.80'],
    [123_456_789, 'USD', '$1,234,567.89'],
    ['0.5', 'USD', '$0.005'],
    ['10', 'USD', '$0.10'],
    [2_900, 'EUR', '€29.00'],
    [2_900, 'JPY', '¥2,900'],
    [Number.MAX_SAFE_INTEGER, 'USD', '$90,071,992,547,409.91'],
  ])('%s of %s reads %s', (minor, currency, text) => {
    expect(formatMoney(minor, currency)).toBe(text);
  });
});
