import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriceRecord, Tier } from '../catalogue/catalogue-records.ts';
import { ratePrice } from './rating.ts';

const tier = (up_to: number | null, cents: string, flat: number | null = null): Tier => ({ up_to, unit_amount: null, unit_amount_decimal: cents, flat_amount: flat, flat_amount_decimal: flat === null ? null : String(flat) });
const price = (fields: Partial<PriceRecord>): PriceRecord => ({ tiers: null, tiers_mode: null, transform_quantity: null, unit_amount_decimal: null, ...fields }) as PriceRecord;
const total = (of: PriceRecord, quantity: string): number => ratePrice(of, quantity).reduce((sum, { amount }) => sum + amount, 0);

const TEN_EIGHT_FIVE = [tier(5, '1000'), tier(20, '800'), tier(null, '500')];

describe('a price', () => {
  it.each<[name: string, of: Partial<PriceRecord>, quantity: string, cents: number]>([
    ['per unit', { unit_amount_decimal: '500' }, '3', 1_500],
    ['per unit, of a fraction', { unit_amount_decimal: '50' }, '2.5', 125],
    ['rounded half away from zero, once', { unit_amount_decimal: '0.5' }, '3', 2],
    ['a package that was begun', { unit_amount_decimal: '4000', transform_quantity: { divide_by: 10, round: 'up' } }, '23', 12_000],
    ['full packages only', { unit_amount_decimal: '4000', transform_quantity: { divide_by: 10, round: 'down' } }, '23', 8_000],
    ['graduated', { tiers: TEN_EIGHT_FIVE, tiers_mode: 'graduated' }, '23', 18_500],
    ['volume, at the end of a tier', { tiers: TEN_EIGHT_FIVE, tiers_mode: 'volume' }, '20', 16_000],
    ['volume, beyond it', { tiers: TEN_EIGHT_FIVE, tiers_mode: 'volume' }, '20.1', 10_050],
    ['an allowance and thousandths', { tiers: [tier(1_000_000, '0'), tier(null, '0.01')], tiers_mode: 'graduated' }, '1500000', 5_000],
    ['flat fees of the tiers that were reached', { tiers: [tier(5, '100', 1_000), tier(null, '50', 700)], tiers_mode: 'graduated' }, '6', 2_250],
    ['nothing below zero', { unit_amount_decimal: '500' }, '-3', 0],
  ])('%s', (_name, of, quantity, cents) => {
    expect(total(price(of), quantity)).toBe(cents);
  });

  it('has a line for each tier that was reached, and one at least', () => {
    const graduated = price({ tiers: TEN_EIGHT_FIVE, tiers_mode: 'graduated' });
    expect(ratePrice(graduated, '7').map(({ quantity, amount }) => [quantity, amount])).toEqual([['5', 5_000], ['2', 1_600]]);
    expect(ratePrice(graduated, '0').map(({ quantity, amount }) => [quantity, amount])).toEqual([['0', 0]]);
  });

  it('graduated costs what each unit costs in its tier, counted one by one', () => {
    const tiers = fc.array(fc.record({ size: fc.integer({ min: 1, max: 20 }), cents: fc.nat(2_000) }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(tiers, fc.nat(120), (sizes, quantity) => {
        let end = 0;
        const made = sizes.map(({ size, cents }, index) => tier(index === sizes.length - 1 ? null : (end += size), String(cents)));
        let slow = 0;
        for (let unit = 1; unit <= quantity; unit += 1) slow += Number(made.find(({ up_to: upTo }) => upTo === null || unit <= upTo)?.unit_amount_decimal);
        expect(total(price({ tiers: made, tiers_mode: 'graduated' }), String(quantity))).toBe(slow);
      }),
    );
  });
});
