import { METERS, type Meter } from '@iotistic/contracts/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Crossing, crossings, isBeforeNamed, worthTelling } from './alerts.ts';

const quantities = (used: Partial<Record<Meter, number>>): Record<Meter, number> => ({ ...(Object.fromEntries(METERS.map((meter) => [meter, 0])) as Record<Meter, number>), ...used });
const texts = (crossed: readonly Crossing[]): string[] => crossed.map(({ kind, meter, threshold, used, included }) => `${kind} ${meter} ${threshold}: ${used}/${included}`);

describe('a threshold', () => {
  it.each([
    [79, []],
    [80, [80]],
    [99, [80]],
    [100, [80, 100]],
    [5_000, [80, 100]],
  ])('of 100 included, with %i used, is crossed at %j', (used, thresholds) => {
    expect(crossings(quantities({ API_CALLS: used }), { included: { API_CALLS: 100 }, maxDevices: null }).map(({ threshold }) => threshold)).toEqual(thresholds);
  });

  it('is crossed by devices against what is included and against how many there may be', () => {
    expect(texts(crossings(quantities({ DEVICES: 8 }), { included: { DEVICES: 5 }, maxDevices: 10 }))).toEqual(['INCLUDED DEVICES 80: 8/5', 'INCLUDED DEVICES 100: 8/5', 'MAX_DEVICES DEVICES 80: 8/10']);
  });

  it('is never crossed where nothing is included, where all is, and where nothing is said', () => {
    expect(crossings(quantities({ DEVICES: 9, API_CALLS: 9, HTTP_BYTES: 9 }), { included: { DEVICES: 0, API_CALLS: null }, maxDevices: null })).toEqual([]);
    expect(crossings(quantities({ DEVICES: 9 }), { included: {}, maxDevices: 0 })).toEqual([]);
  });

  it('is exact up to the largest number there is', () => {
    const most = Number.MAX_SAFE_INTEGER;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: most }), fc.integer({ min: 1, max: most }), (used, included) => {
        const at = crossings(quantities({ MQTT_BYTES: used }), { included: { MQTT_BYTES: included }, maxDevices: null }).map(({ threshold }) => threshold);
        expect(at.includes(100)).toBe(used >= included);
        expect(at.includes(80)).toBe(BigInt(used) * 5n >= BigInt(included) * 4n);
      }),
    );
  });

  it('that was crossed stays crossed as usage grows', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.integer({ min: 1, max: 500 }), (used, more, included) => {
        const of = (count: number): number[] => crossings(quantities({ STORAGE_BYTES: count }), { included: { STORAGE_BYTES: included }, maxDevices: null }).map(({ threshold }) => threshold);
        expect(of(used + more)).toEqual(expect.arrayContaining(of(used)));
      }),
    );
  });
});

describe('a letter', () => {
  const crossed = (used: number, included: number, maxDevices: number | null): string[] => texts(worthTelling(crossings(quantities({ DEVICES: used, API_CALLS: used }), { included: { DEVICES: included, API_CALLS: included }, maxDevices })));

  it('tells the highest of what was crossed at once, of each meter', () => {
    expect(crossed(100, 100, null)).toEqual(['INCLUDED DEVICES 100: 100/100', 'INCLUDED API_CALLS 100: 100/100']);
    expect(crossed(8, 5, 10)).toEqual(['INCLUDED DEVICES 100: 8/5', 'INCLUDED API_CALLS 100: 8/5', 'MAX_DEVICES DEVICES 80: 8/10']);
  });

  it('tells of the limit alone where as many are included as there may be', () => {
    expect(crossed(8, 10, 10)).toEqual(['INCLUDED API_CALLS 80: 8/10', 'MAX_DEVICES DEVICES 80: 8/10']);
  });
});

it('a period lies before the one that billing named when it began before it', () => {
  const named = { periodStart: new Date('2026-11-10T00:00:00Z') };
  expect([named.periodStart.getTime() - 1, named.periodStart.getTime(), named.periodStart.getTime() + 1].map((startMs) => isBeforeNamed({ startMs }, named))).toEqual([true, false, false]);
  expect(isBeforeNamed({ startMs: 0 }, { periodStart: null })).toBe(false);
});
