import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnownUsage, type MeasuredUsage, projectUsage, usageBy } from './usage-basis.ts';

const at = (text: string): Date => new Date(`${text}Z`);
const START = '2026-11-01T00:00:00';
const period = (quantities: MeasuredUsage['quantities'], start = START, end = '2026-12-01T00:00:00'): MeasuredUsage => ({ start: at(start), end: at(end), quantities });
const known = (current: MeasuredUsage['quantities'], last: MeasuredUsage['quantities'] | null = null): KnownUsage => ({ current: period(current), last: last === null ? null : period(last, '2026-10-01T00:00:00', START) });
const projected = (usage: KnownUsage, now: string): Record<string, number> => {
  const { DEVICES = 0, MQTT_MESSAGES = 0 } = projectUsage(usage, at(now));
  return { DEVICES, MQTT_MESSAGES };
};

describe('a projection', () => {
  it('at the period’s start is what the last period came to', () => {
    expect(projected(known({}, { DEVICES: 25, MQTT_MESSAGES: 1_500_000 }), START)).toEqual({ DEVICES: 25, MQTT_MESSAGES: 1_500_000 });
  });

  it('on the third day is what three days make of a month, and no less than the last period', () => {
    const threeDays = { DEVICES: 25, MQTT_MESSAGES: 150_000 };
    expect(projected(known(threeDays), '2026-11-04T00:00:00')).toEqual({ DEVICES: 25, MQTT_MESSAGES: 1_500_000 });
    expect(projected(known(threeDays, { DEVICES: 30, MQTT_MESSAGES: 1_800_000 }), '2026-11-04T00:00:00')).toEqual({ DEVICES: 30, MQTT_MESSAGES: 1_800_000 });
    expect(projected(known(threeDays, { DEVICES: 20, MQTT_MESSAGES: 900_000 }), '2026-11-04T00:00:00')).toEqual({ DEVICES: 25, MQTT_MESSAGES: 1_500_000 });
  });

  it('from the second quarter on leaves the last period alone', () => {
    expect(projected(known({ DEVICES: 3, MQTT_MESSAGES: 1_000 }, { DEVICES: 30, MQTT_MESSAGES: 1_800_000 }), '2026-11-16T00:00:00')).toEqual({ DEVICES: 3, MQTT_MESSAGES: 2_000 });
  });

  it('at the period’s end is what was measured', () => {
    expect(projected(known({ DEVICES: 7, MQTT_MESSAGES: 1_234_567 }, { DEVICES: 9 }), '2026-12-01T00:00:00')).toEqual({ DEVICES: 7, MQTT_MESSAGES: 1_234_567 });
    expect(projected(known({ DEVICES: 7, MQTT_MESSAGES: 1_234_567 }), '2026-12-05T00:00:00')).toEqual({ DEVICES: 7, MQTT_MESSAGES: 1_234_567 });
  });

  it('of nothing is nothing', () => {
    for (const now of [START, '2026-11-20T00:00:00', '2026-12-01T00:00:00']) expect(projected(known({}), now)).toEqual({ DEVICES: 0, MQTT_MESSAGES: 0 });
  });

  it('in the first hour of a first period takes what came for a day’s', () => {
    expect(projected(known({ MQTT_MESSAGES: 1_000 }), '2026-11-01T01:00:00')).toEqual({ DEVICES: 0, MQTT_MESSAGES: 30_000 });
  });

  it('of a trial, and of the first days of a contract, is of a month', () => {
    const trial: KnownUsage = { current: period({ DEVICES: 8, MQTT_MESSAGES: 7_000 }, '2026-11-10T00:00:00', '2026-11-24T00:00:00'), last: null };
    expect(projected(trial, '2026-11-17T00:00:00')).toEqual({ DEVICES: 8, MQTT_MESSAGES: 30_000 });
    const afterTrial: KnownUsage = { current: period({}, '2026-11-24T00:00:00', '2026-12-24T00:00:00'), last: trial.current };
    expect(projected(afterTrial, '2026-11-24T00:00:00')).toEqual({ DEVICES: 8, MQTT_MESSAGES: 15_000 });
  });

  it('takes a short month for a whole one', () => {
    const february = period({ MQTT_MESSAGES: 4_000_000 }, '2027-02-04T00:00:00', '2027-03-04T00:00:00');
    const march: KnownUsage = { current: period({}, '2027-03-04T00:00:00', '2027-04-04T00:00:00'), last: february };
    expect(projected(march, '2027-03-06T00:00:00')).toEqual({ DEVICES: 0, MQTT_MESSAGES: 4_000_000 });
  });

  it('is a whole number, never below what was used, and stays within 2^53 - 1', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), fc.nat(200), fc.integer({ min: 0, max: 60 * 86_400_000 }), (messages, devices, goneMs) => {
        const result = projectUsage(known({ DEVICES: devices, MQTT_MESSAGES: messages }), new Date(at(START).getTime() + goneMs));
        expect(Number.isSafeInteger(result.MQTT_MESSAGES)).toBe(true);
        expect(result.MQTT_MESSAGES).toBeGreaterThanOrEqual(messages);
        expect(result.DEVICES).toBe(devices);
      }),
    );
  });
});

it('LAST_PERIOD is what that came to; where there was none it is the projection, and says so', () => {
  const now = at('2026-11-16T00:00:00');
  expect(usageBy('LAST_PERIOD', known({ DEVICES: 1 }, { DEVICES: 4 }), now)).toEqual({ basis: 'LAST_PERIOD', quantities: { DEVICES: 4 } });
  expect(usageBy('LAST_PERIOD', known({ DEVICES: 1 }), now)).toMatchObject({ basis: 'PROJECTED', quantities: { DEVICES: 1 } });
  expect(usageBy('SO_FAR', known({ DEVICES: 1, MQTT_MESSAGES: 10 }, { DEVICES: 4 }), now)).toEqual({ basis: 'SO_FAR', quantities: { DEVICES: 1, MQTT_MESSAGES: 10 } });
});
