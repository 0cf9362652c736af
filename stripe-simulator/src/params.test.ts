import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decodeForm } from './decode.ts';
import { refusalOf } from './param-errors.ts';
import { array, boolean, createdRange, currency, decimal, hash, integer, listParams, metadata, oneOf, params, text, timestamp, unsettable, withMetadata } from './params.ts';

const schema = params({
  name: text(10),
  amount: integer({ min: 0 }).optional(),
  rate: decimal().optional(),
  active: boolean().optional(),
  at: timestamp().optional(),
  in: currency().optional(),
  note: unsettable(text()).optional(),
  until: unsettable(timestamp()).optional(),
  anchor: hash({ type: oneOf('now', 'unchanged') }).or(timestamp()).optional(),
  items: array(hash({ price: text(), quantity: integer({ min: 1 }).optional() })).optional(),
  metadata: metadata().optional(),
});

function read(schemaOfCase: z.ZodType, form: string): unknown {
  const raw = decodeForm(form);
  const parsed = schemaOfCase.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { message, details } = refusalOf(parsed.error, raw);
  return { message, code: details.code, param: details.param };
}

describe('the texts of a form become what they mean', () => {
  it.each([
    ['name=a&amount=12&rate=2.50&active=false&at=1700000000&in=USD', { name: 'a', amount: 12, rate: '2.5', active: false, at: 1_700_000_000, in: 'usd' }],
    ['name=a&items[0][price]=p&items[1][price]=q&items[1][quantity]=3', { name: 'a', items: [{ price: 'p' }, { price: 'q', quantity: 3 }] }],
    ['name=a&note=&until=', { name: 'a', note: null, until: null }],
    ['name=a&anchor[type]=now', { name: 'a', anchor: { type: 'now' } }],
    ['name=a&anchor=1700000000', { name: 'a', anchor: 1_700_000_000 }],
    ['name=a&metadata[k]=v&metadata[gone]=', { name: 'a', metadata: { k: 'v', gone: '' } }],
    ['name=a&metadata=', { name: 'a', metadata: null }],
    ['name=a&expand[]=data.x', { name: 'a', expand: ['data.x'] }],
    ['name=a&rate=-0.000', { name: 'a', rate: '0' }],
    ['name=a&rate=0010', { name: 'a', rate: '10' }],
  ])('%s', (form, expected) => {
    expect(read(schema, form)).toEqual(expected);
  });
});

describe('what is refused is refused in Stripe’s words', () => {
  it.each([
    ['name=a&foo=1', 'parameter_unknown', 'foo', 'Received unknown parameter: foo'],
    ['foo=1&bar[x]=2', 'parameter_unknown', 'foo', 'Received unknown parameters: foo, bar'],
    ['name=a&items[0][price]=p&items[0][foo]=1', 'parameter_unknown', 'items[0][foo]', 'Received unknown parameter: items[0][foo]'],
    ['amount=1', 'parameter_missing', 'name', 'Missing required param: name.'],
    ['name=a&items[0][quantity]=1', 'parameter_missing', 'items[0][price]', 'Missing required param: items[0][price].'],
    ['name=a&amount=1.5', 'parameter_invalid_integer', 'amount', 'Invalid integer: 1.5'],
    ['name=a&amount=-1', 'parameter_invalid_integer', 'amount', 'Invalid non-negative integer'],
    ['name=', 'parameter_invalid_empty', 'name', "You passed an empty string for 'name'."],
    ['name=a&active=yes', 'parameter_invalid_boolean', 'active', 'Invalid boolean: yes'],
    ['name=a&items=x', 'parameter_invalid_array', 'items', 'Invalid array'],
    ['name=a&anchor[type]=then', 'parameter_unknown_value', 'anchor[type]', 'Invalid anchor[type]: must be one of now, or unchanged'],
    ['name=a&until=soon', 'parameter_invalid_integer', 'until', 'Invalid timestamp'],
    ['name=a&metadata[k][l]=v', 'parameter_invalid_string', 'metadata', "the value of 'k' is not"],
  ])('%s', (form, code, param, message) => {
    expect(read(schema, form)).toEqual({ code, param, message: expect.stringContaining(message) });
  });

  it.each(['__proto__[x]=1', 'metadata[__proto__]=1', '%5F_proto__=1', `a${'[b]'.repeat(20)}=1`, Array.from({ length: 2_500 }, (_, index) => `k${index}=1`).join('&')])('%.40s', (form) => {
    expect(() => decodeForm(form)).toThrow('Invalid request body');
  });
});

it('a range of times is one time or its bounds', () => {
  const lists = listParams({ created: createdRange().optional() });
  expect(read(lists, 'created=5&limit=100')).toEqual({ created: 5, limit: 100 });
  expect(read(lists, 'created[gte]=5&created[lt]=9')).toEqual({ created: { gte: 5, lt: 9 } });
  expect(read(lists, 'created[after]=5')).toMatchObject({ code: 'parameter_unknown', param: 'created[after]' });
  expect(read(lists, 'limit=0')).toMatchObject({ code: 'parameter_invalid_integer', param: 'limit' });
});

it('metadata is merged, emptied key by key, or altogether', () => {
  expect(withMetadata({ a: '1', b: '2' }, { b: '', c: '3' })).toEqual({ a: '1', c: '3' });
  expect(withMetadata({ a: '1' }, null)).toEqual({});
  expect(withMetadata({ a: '1' }, undefined)).toEqual({ a: '1' });
});
