import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Discount } from './discount.ts';
import { currentPeriodCost, type PreviewInput, previewInvoice } from './invoice-preview.ts';
import { BYTES_PER_GB, type Plan, planOf } from './plan-catalogue.ts';

const periodStart = new Date('2026-12-01T00:00:00.000Z');
const periodEnd = new Date('2027-01-01T00:00:00.000Z');
const twenty: Discount = { couponId: 'TWENTY', name: 'Launch', percentOff: '20', amountOff: null, currency: null, duration: 'FOREVER', endsAt: null };
const fiveDollars: Discount = { couponId: 'FIVE', name: null, percentOff: null, amountOff: 500, currency: 'usd', duration: 'ONCE', endsAt: null };
const preview = (input: Partial<PreviewInput>): ReturnType<typeof previewInvoice> => previewInvoice({ plan: planOf('PROFESSIONAL'), periodStart, periodEnd, quantities: {}, trueUps: [], discounts: [], endsAtPeriodEnd: false, isTrial: false, ...input });
const shown = (input: Partial<PreviewInput>): [string, number | null, number][] => preview(input).lines.map(({ description, quantity, amount }) => [description, quantity, amount]);
const used = { DEVICES: 25, MQTT_MESSAGES: 1_500_000, STORAGE_BYTES: 52.5 * BYTES_PER_GB };

describe('the next invoice', () => {
  it('is the next base price and this period’s usage, a line for each step reached', () => {
    expect(shown({ quantities: used })).toEqual([
      ['Professional', 1, 9_900],
      ['20 × device included', 20, 0],
      ['5 × device at $4.00', 5, 2_000],
      ['1000 × 1,000 messages included', 1_000, 0],
      ['500 × 1,000 messages at $0.10', 500, 5_000],
      ['50 × GB included', 50, 0],
      ['3 × GB at $0.50', 3, 150],
    ]);
    expect(preview({ quantities: used })).toMatchObject({ total: 17_050, currency: 'USD', periodStart, periodEnd });
  });

  it('names its meters', () => {
    expect(preview({ quantities: { DEVICES: 21 } }).lines.map(({ kind, meter }) => [kind, meter])).toEqual([['BASE', null], ['METERED', 'DEVICES'], ['METERED', 'DEVICES']]);
  });

  it('has no base price where the subscription ends with the period: the usage is still due', () => {
    expect(preview({ quantities: used, endsAtPeriodEnd: true }).total).toBe(7_150);
  });

  it('has the base price only where the period is a trial', () => {
    expect(shown({ quantities: used, isTrial: true })).toEqual([['Professional', 1, 9_900]]);
  });

  it('has nothing where a trial ends and nothing follows', () => {
    expect(preview({ quantities: used, isTrial: true, endsAtPeriodEnd: true })).toMatchObject({ total: 0, lines: [] });
  });

  it('says what is taken off, and by what', () => {
    expect(shown({ quantities: { DEVICES: 25 }, discounts: [twenty, fiveDollars] }).slice(-2)).toEqual([['Launch (20% off)', null, -2_380], ['FIVE ($5.00 off)', null, -500]]);
    expect(preview({ quantities: { DEVICES: 25 }, discounts: [twenty, fiveDollars] }).total).toBe(9_020);
  });

  it('takes a share off each line by itself', () => {
    const plan: Plan = { ...planOf('STARTER'), price: { amount: 3, currency: 'USD' }, meteredPrices: [] };
    expect(preview({ plan, discounts: [{ ...twenty, percentOff: '50' }] }).total).toBe(1);
  });

  it.each([
    [periodEnd, 9_900],
    [new Date(periodEnd.getTime() + 1), 7_920],
  ])('a discount that ends %j is judged by the day of the invoice', (endsAt, total) => {
    expect(preview({ discounts: [{ ...twenty, duration: 'REPEATING', endsAt }] }).total).toBe(total);
  });

  it('explains packages and flat amounts', () => {
    const [devices] = planOf('STARTER').meteredPrices;
    const plan: Plan = { ...planOf('STARTER'), meteredPrices: devices === undefined ? [] : [{ ...devices, model: 'PACKAGE', tiers: [{ upTo: null, unitAmountDecimal: '4000', flatAmount: 100, packageSize: 10 }] }] };
    expect(shown({ plan, quantities: { DEVICES: 23 } })).toEqual([['Starter', 1, 2_900], ['23 × device in 3 packages at $40.00', 23, 12_000], ['device: $1.00 flat', 23, 100]]);
  });

  const quantities = fc.record({ DEVICES: fc.nat(500), MQTT_MESSAGES: fc.nat(10 ** 9), STORAGE_BYTES: fc.nat(2 ** 31 - 1) });

  it('has no line for what nothing was used of', () => {
    expect(shown({ quantities: {} }).filter(([, quantity]) => quantity === 0)).toEqual([]);
    expect(preview({ quantities: {} }).lines.map(({ kind }) => kind)).toEqual(['BASE']);
  });

  it('is the sum of its lines, and never below zero', () => {
    fc.assert(
      fc.property(fc.constantFrom('STARTER' as const, 'PROFESSIONAL' as const), quantities, fc.subarray([twenty, fiveDollars]), (key, each, discounts) => {
        const { total, lines } = preview({ plan: planOf(key), quantities: each, discounts });
        expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
        expect(total).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('is what the period costs, where nothing is taken off', () => {
    fc.assert(
      fc.property(fc.constantFrom('STARTER' as const, 'PROFESSIONAL' as const), quantities, (key, each) => {
        expect(preview({ plan: planOf(key), quantities: each })).toEqual({ ...currentPeriodCost(planOf(key), each), periodStart, periodEnd });
      }),
    );
  });
});

describe('what a period costs on a plan', () => {
  it('by contract it is the list price, and says so', () => {
    expect(currentPeriodCost(planOf('ENTERPRISE'), used)).toEqual({ currency: 'USD', total: 29_900, lines: [{ description: 'Enterprise (list price)', kind: 'BASE', meter: null, quantity: 1, amount: 29_900, trueUpId: null }] });
  });

  it('a trial costs nothing, whatever is used', () => {
    expect(currentPeriodCost(planOf('TRIAL'), used).total).toBe(0);
  });
});
