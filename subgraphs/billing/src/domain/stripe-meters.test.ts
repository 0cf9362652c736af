import { describe, expect, it } from 'vitest';
import { meterEventIdentifier, meterEventTime } from './stripe-meters.ts';

const at = (time: string): Date => new Date(`2026-11-20T${time}Z`);

describe('the time that a quantity is said to be of', () => {
  it.each([
    ['when it was measured', '12:30:15', '12:00:00', '13:00:00', '12:30:15.000'],
    ['the period’s last second, for what is measured later', '13:20:00', '12:00:00', '13:00:00', '12:59:59.000'],
    ['before the minute that the period ends in', '13:20:00', '12:00:37', '13:00:37', '12:59:59.000'],
    ['not before the period', '11:00:00', '12:00:00.400', '13:00:00', '12:00:01.000'],
    ['within a period that lasts no minute', '13:00:00', '12:00:10', '12:00:50', '12:00:49.000'],
  ])('is %s', (_name, measured, start, end, expected) => {
    expect(meterEventTime({ measuredAt: at(measured), periodStart: at(start), periodEnd: at(end) }).toISOString()).toBe(`2026-11-20T${expected}Z`);
  });
});

describe('an event’s identifier', () => {
  const of = { customerId: 'cust_1', meter: 'MQTT_MESSAGES' as const, periodStart: at('12:00:00'), revision: 7 };

  it('is the same for the same revision, and another for each repair of it', () => {
    const names = [meterEventIdentifier(of), meterEventIdentifier({ ...of, repair: 1 }), meterEventIdentifier({ ...of, repair: 2 }), meterEventIdentifier({ ...of, revision: 8 })];
    expect(new Set(names).size).toBe(4);
    expect(meterEventIdentifier({ ...of, repair: 0 })).toBe(names[0]);
    expect(names.every((name) => name.length <= 100)).toBe(true);
  });
});
