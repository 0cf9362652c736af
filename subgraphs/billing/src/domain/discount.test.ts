import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDiscounts, type Discount, discountsSchema } from './discount.ts';

const at = new Date('2027-01-01T00:00:00.000Z');
const invoice = { at, currency: 'USD' };
const discount = (terms: Partial<Discount>): Discount => ({ couponId: 'WELCOME', name: null, percentOff: null, amountOff: null, currency: null, duration: 'FOREVER', endsAt: null, ...terms });
const percent = (percentOff: string, terms: Partial<Discount> = {}): Discount => discount({ percentOff, ...terms });
const amount = (amountOff: number, terms: Partial<Discount> = {}): Discount => discount({ amountOff, currency: 'usd', ...terms });

describe('discounts', () => {
  it.each<[string, number[], Discount[], number[]]>([
    ['a share of each line, rounded by itself', [2_900, 150, 3], [percent('12.5')], [2_537, 131, 3]],
    ['half a cent is taken off', [1, 1, 1], [percent('50')], [0, 0, 0]],
    ['all of it', [2_900, 1], [percent('100')], [0, 0]],
    ['never more than there is', [100], [percent('150')], [0]],
    ['$5 over $10 and $20 is 166 and 334: what remains goes to the last line', [1_000, 2_000], [amount(500)], [834, 1_666]],
    ['what remains passes lines that have nothing left', [1_000, 1_000, 1_000, 0], [amount(500)], [834, 834, 832, 0]],
    ['an amount beyond the invoice leaves nothing, and nothing below it', [300, 200], [amount(100_000)], [0, 0]],
    ['nothing off nothing', [0, 0], [amount(500), percent('50')], [0, 0]],
    ['one after the other: 10 % of what $10 left', [3_000], [amount(1_000), percent('10')], [1_800]],
    ['and the other way round', [3_000], [percent('10'), amount(1_000)], [1_700]],
    ['another currency’s amount does not count', [3_000], [amount(1_000, { currency: 'eur' })], [3_000]],
    ['one that ends with the day of the invoice is over', [3_000], [percent('10', { endsAt: at })], [3_000]],
    ['one that ends a moment later is not', [3_000], [percent('10', { endsAt: new Date(at.getTime() + 1) })], [2_700]],
    ['no lines', [], [amount(500)], []],
  ])('%s', (_name, lines, discounts, left) => {
    expect(applyDiscounts(lines, discounts, invoice).amounts).toEqual(left);
  });

  it('say what each took', () => {
    const [first, second] = [amount(1_000), percent('10')];
    expect(applyDiscounts([3_000], [first, second], invoice).taken).toEqual([{ discount: first, amount: 1_000 }, { discount: second, amount: 200 }]);
  });

  it('take what is due and no more: lines stay at or above zero, and what was taken and left add up', () => {
    const discounts = fc.oneof(fc.integer({ min: 0, max: 10_000 }).map((each) => percent(`${each / 100}`)), fc.integer({ min: 0, max: 20_000 }).map((each) => amount(each)));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 8 }), fc.array(discounts, { maxLength: 4 }), (lines, all) => {
        const { amounts, taken } = applyDiscounts(lines, all, invoice);
        const sum = (values: number[]): number => values.reduce((total, each) => total + each, 0);
        expect(amounts.every((each, index) => each >= 0 && each <= (lines[index] ?? 0))).toBe(true);
        expect(sum(amounts) + sum(taken.map((each) => each.amount))).toBe(sum(lines));
      }),
    );
  });

  it('of an amount take all of it, as far as there is something to take it from', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 8 }), fc.integer({ min: 0, max: 50_000 }), (lines, amountOff) => {
        const taken = applyDiscounts(lines, [amount(amountOff)], invoice).taken.map((each) => each.amount);
        expect(taken).toEqual([Math.min(amountOff, lines.reduce((total, each) => total + each, 0))]);
      }),
    );
  });

  it('come back from JSON as they went', () => {
    const discounts = [percent('12.5', { endsAt: at, duration: 'REPEATING' }), amount(500)];
    expect(discountsSchema.parse(JSON.parse(JSON.stringify(discounts)))).toEqual(discounts);
    expect(discountsSchema.parse([])).toEqual([]);
  });
});
