import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentPeriodCost } from './invoice-preview.ts';
import { BYTES_PER_GB, type MeteredPrice, planOf, type PriceTier } from './plan-catalogue.ts';
import { billedUnits, rate } from './rating.ts';

type Price = Pick<MeteredPrice, 'model' | 'tiers' | 'quantityPerUnit'>;

const tier = (upTo: number | null, unitAmountDecimal: string, rest: Partial<PriceTier> = {}): PriceTier => ({ upTo, unitAmountDecimal, flatAmount: null, packageSize: null, ...rest });
const price = (model: MeteredPrice['model'], ...tiers: PriceTier[]): Price => ({ model, tiers, quantityPerUnit: 1 });

const STAIR = [tier(5, '1000'), tier(20, '800'), tier(null, '500')];
const perUnit = price('PER_UNIT', tier(null, '250'));
const graduated = price('GRADUATED', ...STAIR);
const volume = price('VOLUME', ...STAIR);
const packages = price('PACKAGE', tier(null, '4000', { packageSize: 10 }));

describe('the four examples of the price list, to the cent', () => {
  it('Starter, 8 devices: $44.00', () => {
    expect(currentPeriodCost(planOf('STARTER'), { DEVICES: 8 }).total).toBe(4_400);
  });

  it('Professional, 25 devices and 1,500,000 messages: $169.00', () => {
    expect(currentPeriodCost(planOf('PROFESSIONAL'), { DEVICES: 25, MQTT_MESSAGES: 1_500_000 }).total).toBe(16_900);
  });

  it('packages of 10 at $40, 23 devices: $120.00', () => {
    expect(rate(packages, 23)).toEqual({ units: 23, amount: 12_000, parts: [{ kind: 'PACKAGES', tier: 0, units: 23, packages: 3, unitAmountDecimal: '4000', amount: 12_000 }] });
  });

  it('$10 for 1 to 5, $8 for 6 to 20, $5 from 21 on, 23 devices: $185.00, and the parts say why', () => {
    const { amount, parts } = rate(graduated, 23);
    expect(amount).toBe(18_500);
    expect(parts.map(({ units, unitAmountDecimal, amount: part }) => [units, unitAmountDecimal, part])).toEqual([[5, '1000', 5_000], [15, '800', 12_000], [3, '500', 1_500]]);
  });
});

describe('boundaries', () => {
  it.each<[string, Price, [quantity: number, amount: number][]]>([
    ['per unit', perUnit, [[0, 0], [1, 250], [2, 500]]],
    ['flat', price('PER_UNIT', tier(null, '0', { flatAmount: 900 })), [[0, 900], [1, 900], [1_000, 900]]],
    ['graduated', graduated, [[0, 0], [1, 1_000], [5, 5_000], [6, 5_800], [20, 17_000], [21, 17_500]]],
    ['volume', volume, [[0, 0], [1, 1_000], [5, 5_000], [6, 4_800], [20, 16_000], [21, 10_500]]],
    ['package', packages, [[0, 0], [1, 4_000], [10, 4_000], [11, 8_000], [20, 8_000], [21, 12_000]]],
    ['graduated with flat amounts', price('GRADUATED', tier(5, '0', { flatAmount: 700 }), tier(null, '100', { flatAmount: 50 })), [[0, 700], [1, 700], [5, 700], [6, 850], [7, 950]]],
    ['volume with flat amounts', price('VOLUME', tier(5, '100', { flatAmount: 700 }), tier(null, '10', { flatAmount: 50 })), [[0, 700], [5, 1_200], [6, 110]]],
    ['fractions of a cent, each step rounded once', price('GRADUATED', tier(1, '0.5'), tier(null, '0.5')), [[1, 1], [2, 2], [3, 2], [4, 3]]],
  ])('%s', (_name, each, cases) => {
    expect(cases.map(([quantity]) => [quantity, rate(each, quantity).amount])).toEqual(cases);
  });

  it.each([
    [0, 0],
    [1, 1],
    [BYTES_PER_GB, 1],
    [BYTES_PER_GB + 1, 2],
    [Number.MAX_SAFE_INTEGER, 9_007_200],
  ])('%i bytes are %i started GB', (bytes, units) => {
    expect(billedUnits(bytes, BYTES_PER_GB)).toBe(units);
  });

  it('2.3 GB beyond the 5 that Starter includes are 3 GB at $0.50', () => {
    const storage = planOf('STARTER').meteredPrices.find(({ meter }) => meter === 'STORAGE_BYTES');
    expect(storage === undefined ? null : rate(storage, 7_300_000_000)).toMatchObject({ units: 8, amount: 150 });
  });

  it('a single message beyond the million is a started thousand', () => {
    expect(currentPeriodCost(planOf('PROFESSIONAL'), { MQTT_MESSAGES: 1_000_001 }).total).toBe(9_910);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d is no quantity', (quantity) => {
    expect(() => rate(perUnit, quantity)).toThrow(RangeError);
  });

  it('an amount beyond 2^53 - 1 is an error, not a wrong number', () => {
    expect(() => rate(perUnit, Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
  });

  it('a price that ends before the quantity is an error', () => {
    expect(() => rate(price('VOLUME', tier(5, '1')), 6)).toThrow(RangeError);
  });
});

/** The slow and obvious way: walk through the units one by one, in thousandths of a minor unit. */
function rateSlowly({ model, tiers, quantityPerUnit }: Price, quantity: number): number {
  let units = 0;
  for (let covered = 0; covered < quantity; covered += quantityPerUnit) units += 1;
  const tierOf = (unit: number): number => tiers.findIndex(({ upTo }) => upTo === null || unit <= upTo);
  const thousandths = tiers.map(() => 0);
  const reached = new Set([model === 'VOLUME' ? tierOf(units) : 0]);
  for (let unit = 1; unit <= units; unit += 1) {
    const index = model === 'GRADUATED' ? tierOf(unit) : model === 'VOLUME' ? tierOf(units) : 0;
    const { unitAmountDecimal, packageSize } = tiers[index] ?? tier(null, '0');
    reached.add(index);
    if (packageSize === null || unit % packageSize === 1 || packageSize === 1) thousandths[index] = (thousandths[index] ?? 0) + Math.round(Number(unitAmountDecimal) * 1_000);
  }
  const priced = thousandths.map((amount) => Math.floor((amount + 500) / 1_000));
  const flat = [...reached].map((index) => tiers[index]?.flatAmount ?? 0);
  return [...priced, ...flat].reduce((sum, amount) => sum + amount, 0);
}

const unitAmounts = fc.integer({ min: 0, max: 2_000_000 }).map((thousandths) => `${Math.floor(thousandths / 1_000)}.${String(thousandths % 1_000).padStart(3, '0')}`);
const flatAmounts = fc.option(fc.integer({ min: 0, max: 5_000 }));
const stairs = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { maxLength: 5 }), fc.array(fc.tuple(unitAmounts, flatAmounts), { minLength: 6, maxLength: 6 }))
  .map(([ends, prices]) => [...ends.toSorted((a, b) => a - b), null].map((upTo, index) => tier(upTo, prices[index]?.[0] ?? '0', { flatAmount: prices[index]?.[1] ?? null })));
const single = fc.tuple(unitAmounts, flatAmounts).map(([unitAmountDecimal, flatAmount]) => [tier(null, unitAmountDecimal, { flatAmount })]);
const packed = fc.tuple(single, fc.integer({ min: 1, max: 40 })).map(([tiers, packageSize]) => tiers.map((each) => ({ ...each, packageSize })));
const MODELS = { PER_UNIT: single, GRADUATED: stairs, VOLUME: stairs, PACKAGE: packed } as const;

describe.each(['PER_UNIT', 'GRADUATED', 'VOLUME', 'PACKAGE'] as const)('%s', (model) => {
  const prices = fc.tuple(MODELS[model], fc.integer({ min: 1, max: 7 })).map(([tiers, quantityPerUnit]): Price => ({ model, tiers, quantityPerUnit }));

  it('comes to what counting unit by unit comes to', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 0, max: 400 }), (each, quantity) => {
        expect(rate(each, quantity).amount).toBe(rateSlowly(each, quantity));
      }),
      { numRuns: 500 },
    );
  });

  it('is explained by its parts: they add up, and every unit lies in one of them', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 0, max: 400 }), (each, quantity) => {
        const { units, amount, parts } = rate(each, quantity);
        expect(parts.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
        expect(parts.filter(({ kind }) => kind !== 'FLAT').reduce((sum, part) => sum + part.units, 0)).toBe(units);
      }),
    );
  });

  it('never costs less for more, but where a volume step is reached', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 0, max: 400 }), (each, quantity) => {
        const [less, more] = [rate(each, quantity), rate(each, quantity + 1)];
        const isStepReached = model === 'VOLUME' && less.parts[0]?.tier !== more.parts[0]?.tier;
        expect(isStepReached || more.amount >= less.amount).toBe(true);
      }),
    );
  });
});
