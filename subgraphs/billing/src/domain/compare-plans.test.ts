import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quotesFor } from './compare-plans.ts';
import type { Quantities } from './invoice-preview.ts';
import { PLAN_CATALOGUE } from './plan-catalogue.ts';
import { loadBooks, PRICE_BOOKS } from './price-book.ts';

const at = new Date('2026-12-10T00:00:00.000Z');
const by = (quantities: Quantities, activeDevices: number | null = quantities.DEVICES ?? null) => ({ basis: 'SO_FAR' as const, quantities, counted: { activeDevices } });
const shown = (quotes: ReturnType<typeof quotesFor>): [string, number, number][] => quotes.map(({ plan, total, difference }) => [plan.key, total, difference]);

it('the same usage on every plan that can be had, cheapest first, against the current one', () => {
  expect(shown(quotesFor(PRICE_BOOKS, { plan: 'STARTER', book: '2026-11', override: null }, by({ DEVICES: 8 }), at))).toEqual([['STARTER', 4_400, 0], ['PROFESSIONAL', 9_900, 5_500], ['ENTERPRISE', 29_900, 25_500]]);
});

it('much usage makes the larger plan the cheaper one', () => {
  expect(shown(quotesFor(PRICE_BOOKS, { plan: 'STARTER', book: '2026-11', override: null }, by({ DEVICES: 25 }), at))).toEqual([['PROFESSIONAL', 11_900, -1_000], ['STARTER', 12_900, 0], ['ENTERPRISE', 29_900, 17_000]]);
});

it('nobody is quoted a trial but who is in one', () => {
  expect(shown(quotesFor(PRICE_BOOKS, { plan: 'TRIAL', book: '2026-11', override: null }, by({}), at)).map(([key]) => key)).toEqual(['TRIAL', 'STARTER', 'PROFESSIONAL', 'ENTERPRISE']);
});

it('the current plan is priced by the book it was bought under, the others by today’s', () => {
  const dearer = PLAN_CATALOGUE.map((plan) => ({ ...plan, price: plan.price === null ? null : { ...plan.price, amount: plan.price.amount * 2 }, lookupKey: plan.lookupKey === null ? null : `${plan.lookupKey}_2`, meteredPrices: [], entitlements: { ...plan.entitlements, included: {} } }));
  const books = loadBooks([...PRICE_BOOKS, { key: '2026-12', from: new Date('2026-12-01T00:00:00.000Z'), plans: dearer }]);
  expect(shown(quotesFor(books, { plan: 'STARTER', book: '2026-11', override: null }, by({}), at))).toEqual([['STARTER', 2_900, 0], ['PROFESSIONAL', 19_800, 16_900], ['ENTERPRISE', 29_900, 27_000]]);
});

it('is sorted, holds the current plan once and at no difference, and its lines add up', () => {
  const plans = fc.constantFrom('TRIAL' as const, 'STARTER' as const, 'PROFESSIONAL' as const, 'ENTERPRISE' as const);
  fc.assert(
    fc.property(plans, fc.record({ DEVICES: fc.nat(200), MQTT_MESSAGES: fc.nat(10 ** 8), STORAGE_BYTES: fc.nat(2 ** 31 - 1) }), (plan, quantities) => {
      const quotes = quotesFor(PRICE_BOOKS, { plan, book: '2026-11', override: null }, by(quantities), at);
      expect(quotes.map(({ total }) => total)).toEqual(quotes.map(({ total }) => total).toSorted((a, b) => a - b));
      expect(quotes.filter((quote) => quote.plan.key === plan).map(({ difference }) => difference)).toEqual([0]);
      for (const { total, lines } of quotes) expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
    }),
  );
});

it('a plan that does not leave room for the devices says so, under the override too', () => {
  const fit = (override: Parameters<typeof quotesFor>[1]['override'], devices: number | null): unknown[] => quotesFor(PRICE_BOOKS, { plan: 'PROFESSIONAL', book: '2026-11', override }, by({ DEVICES: 25 }, devices), at).map(({ plan, doesNotFit }) => [plan.key, doesNotFit]);
  expect(fit(null, 25)).toEqual([['PROFESSIONAL', []], ['STARTER', [{ limit: 'maxDevices', allowed: 10, current: 25 }]], ['ENTERPRISE', []]]);
  expect(fit(null, 10).flat(2)).not.toContainEqual(expect.objectContaining({ limit: 'maxDevices' }));
  expect(fit({ features: {}, limits: { maxDevices: 25 }, reason: 'x' }, 25).flat(2)).not.toContainEqual(expect.objectContaining({ limit: 'maxDevices' }));
  expect(fit(null, null).flat(2)).not.toContainEqual(expect.objectContaining({ limit: 'maxDevices' }));
});
