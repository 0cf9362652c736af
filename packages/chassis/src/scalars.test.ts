import fc from 'fast-check';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { describe, expect, it } from 'vitest';
import { scalars } from './scalars.ts';

/** The instant in milliseconds, or that there is none. */
function read(parse: (value: unknown) => unknown, value: unknown): number | 'refused' {
  try {
    return (parse(value) as Date).getTime();
  } catch {
    return 'refused';
  }
}

const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
/** As a clock writes, of days and hours that there are and some that there are not. */
const clockLike = fc.tuple(fc.integer({ min: 0, max: 9_999 }).map((n) => String(n).padStart(4, '0')), two(13), two(32), two(25), two(61), two(61), fc.integer({ min: 0, max: 999 }).map((n) => String(n).padStart(3, '0')));

describe('an instant', () => {
  it('is what the library says, however it is written', () => {
    fc.assert(
      fc.property(clockLike, ([year, month, day, hour, minute, second, ms]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
        expect(read(scalars.DateTime.parseValue, text)).toBe(read(GraphQLDateTimeISO.parseValue, text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['2026-02-28T12:00:00Z', '2026-02-28T12:00:00.5Z', '2026-02-28T12:00:00.123+02:00', '2024-02-29T23:59:59.999Z', '2026-02-29T00:00:00.000Z', '2026-02-28T24:00:00.000Z', '2026-12-31T23:59:60.000Z', 'yesterday', '', 5, null])('%j too', (value) => {
    expect(read(scalars.DateTime.parseValue, value)).toBe(read(GraphQLDateTimeISO.parseValue, value));
  });
});
