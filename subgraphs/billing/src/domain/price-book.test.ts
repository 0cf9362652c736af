import { describe, expect, it } from 'vitest';
import { type MeteredPrice, PLAN_CATALOGUE, type Plan, type PriceTier } from './plan-catalogue.ts';
import { bookAt, bookOf, loadBooks, planIn, PRICE_BOOKS, type PriceBook, soldAs } from './price-book.ts';

const first: PriceBook = { key: '2026-11', from: new Date('2026-11-01T00:00:00.000Z'), plans: PLAN_CATALOGUE };

/** A later book: the same plans at other lookup keys. */
const later: PriceBook = {
  key: '2027-03',
  from: new Date('2027-03-01T00:00:00.000Z'),
  plans: PLAN_CATALOGUE.map((plan) => ({ ...plan, lookupKey: plan.lookupKey === null ? null : `${plan.lookupKey}_2027_03`, meteredPrices: plan.meteredPrices.map((price) => ({ ...price, lookupKey: `${price.lookupKey}_2027_03` })) })),
};

const withStarter = (change: (starter: Plan) => Partial<Plan>): PriceBook => ({ ...first, plans: PLAN_CATALOGUE.map((plan) => (plan.key === 'STARTER' ? { ...plan, ...change(plan) } : plan)) });
const withDevices = (change: (devices: MeteredPrice) => Partial<MeteredPrice>): PriceBook => withStarter(({ meteredPrices }) => ({ meteredPrices: meteredPrices.map((price) => (price.meter === 'DEVICES' ? { ...price, ...change(price) } : price)) }));
const withTiers = (...tiers: Partial<PriceTier>[]): PriceBook => withDevices(() => ({ tiers: tiers.map((tier) => ({ upTo: null, unitAmountDecimal: '500', flatAmount: null, packageSize: null, ...tier })) }));
const free = { upTo: 5, unitAmountDecimal: '0' };

describe('price books', () => {
  it('today’s catalogue is the first', () => {
    expect(PRICE_BOOKS).toEqual([first]);
  });

  it.each([
    ['2020-01-01T00:00:00.000Z', '2026-11'],
    ['2026-11-01T00:00:00.000Z', '2026-11'],
    ['2027-02-28T23:59:59.999Z', '2026-11'],
    ['2027-03-01T00:00:00.000Z', '2027-03'],
    ['2040-01-01T00:00:00.000Z', '2027-03'],
  ])('at %s things are sold by the book %s', (at, key) => {
    expect(bookAt(loadBooks([first, later]), new Date(at)).key).toBe(key);
  });

  it('a book is found by its key for as long as somebody is priced by it, and an unknown one is an error', () => {
    expect(bookOf('2026-11', [first, later])).toBe(first);
    expect(() => bookOf('1999-01')).toThrow('no price book 1999-01');
    expect(planIn(first, 'STARTER').key).toBe('STARTER');
    expect(() => planIn({ ...first, plans: [] }, 'STARTER')).toThrow('no plan STARTER');
  });

  it.each([
    ['starter_monthly', { book: '2026-11', plan: 'STARTER', meter: null }],
    ['device_usage_professional', { book: '2026-11', plan: 'PROFESSIONAL', meter: 'DEVICES' }],
    ['storage_gb_starter_2027_03', { book: '2027-03', plan: 'STARTER', meter: 'STORAGE_BYTES' }],
    ['somebody_elses', null],
  ])('%s says what it sells', (lookupKey, sold) => {
    expect(soldAs(lookupKey, [first, later])).toEqual(sold);
  });
});

const WRONG: [fault: string, books: PriceBook[]][] = [
  ['there is none', []],
  ['two books are called 2026-11', [first, { ...later, key: '2026-11' }]],
  ['2026-11: begins no later than the book before it', [later, first]],
  ['2027-03: begins no later than the book before it', [first, { ...later, from: first.from }]],
  ['2026-11: begins at no time', [{ ...first, from: new Date('soon') }]],
  ['two prices share the lookup key device_usage_starter', [first, { ...later, plans: first.plans }]],
  ['2026-11: has no plan STARTER', [{ ...first, plans: first.plans.filter(({ key }) => key !== 'STARTER') }]],
  ['2026-11: has two plans STARTER', [{ ...first, plans: [...first.plans, planIn(first, 'STARTER')] }]],
  ['2026-11: has several currencies', [withStarter(() => ({ price: { amount: 1, currency: 'EUR' } }))]],
  ['STARTER: has a price or a list price, not both and not none', [withStarter(() => ({ price: null, lookupKey: null }))]],
  ['STARTER: has a price or a list price, not both and not none', [withStarter(({ price }) => ({ listPrice: price }))]],
  ['STARTER: its price is no amount', [withStarter(() => ({ price: { amount: 29.5, currency: 'USD' } }))]],
  ['STARTER: is sold at Stripe without a price', [withStarter(({ price }) => ({ price: null, listPrice: price }))]],
  ['STARTER: has two prices for DEVICES', [withStarter(({ meteredPrices }) => ({ meteredPrices: meteredPrices.map((price) => ({ ...price, meter: 'DEVICES' as const })) }))]],
  ['DEVICES: includes 6 by its tiers and 5 by its entitlements', [withTiers({ ...free, upTo: 6 }, {})]],
  ['DEVICES: includes 0 by its tiers and 5 by its entitlements', [withTiers({})]],
  ['DEVICES: includes 0 by its tiers and 5 by its entitlements', [withTiers({ ...free, flatAmount: 1 }, {})]],
  ['DEVICES: includes 5 by its tiers and no bounded quantity by its entitlements', [withStarter(({ entitlements }) => ({ entitlements: { ...entitlements, included: {} } }))]],
  ['DEVICES: the last tier has an end', [withTiers(free, { upTo: 9 })]],
  ['DEVICES: the last tier has an end', [withTiers()]],
  ['DEVICES: tier 1 has no end, and others follow', [withTiers({ unitAmountDecimal: '0' }, {})]],
  ['DEVICES: tier 3 ends no later than the one before it', [withTiers(free, { upTo: 20 }, { upTo: 10 }, {})]],
  ['DEVICES: tier 2 ends no later than the one before it', [withTiers(free, { upTo: 5 }, {})]],
  ['DEVICES: tier 1 ends no later than the one before it', [withTiers({ ...free, upTo: 0 }, {})]],
  ['DEVICES: tier 2 has no price', [withTiers(free, { unitAmountDecimal: '5,00' })]],
  ['DEVICES: tier 2 has no price', [withTiers(free, { unitAmountDecimal: '-5' })]],
  ['DEVICES: tier 2 has a flat amount that is none', [withTiers(free, { flatAmount: -1 })]],
  ['DEVICES: tier 2 has a package where there is none, or none where there is one', [withTiers(free, { packageSize: 10 })]],
  ['DEVICES: PACKAGE has one tier', [withDevices(() => ({ model: 'PACKAGE' }))]],
  ['DEVICES: a unit is a whole quantity from 1 on', [withDevices(() => ({ quantityPerUnit: 0 }))]],
];

describe('a plane does not start on', () => {
  it.each(WRONG)('%s', (fault, books) => {
    expect(() => loadBooks(books)).toThrow(fault);
  });

  it('and every fault is named at once', () => {
    expect(() => loadBooks([withTiers({ ...free, upTo: 6 }, { upTo: 9 })])).toThrow(/the last tier has an end\n.*includes 6/);
  });
});
