import { z } from 'zod';

/**
 * Schemas of parameters. A form knows texts only, so each schema takes the text as well as the value that JSON has, and
 * refuses in Stripe's words. `''` unsets where `unsettable` allows it (the parameter is null then), else it is refused.
 */

/** The refusal of one value: `code` is Stripe's, the message may say `{param}`. */
function refuse(ctx: z.core.ParsePayload, code: string, message: string): never {
  ctx.issues.push({ code: 'custom', input: ctx.value, message, params: { code } });
  return z.NEVER;
}

export const EMPTY = "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a field; however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value.";

function leaf<T>(read: (value: unknown, refuse: (code: string, message: string) => never) => T): z.ZodType<T> {
  return z.unknown().transform((value, ctx): T => {
    const no = (code: string, message: string): never => refuse(ctx, code, message);
    return value === '' ? no('parameter_invalid_empty', EMPTY) : read(value, no);
  });
}

/** Any text but the empty one. */
export function text(maxCharacters = 5_000): z.ZodType<string> {
  return leaf((value, no) => {
    if (typeof value !== 'string') return no('parameter_invalid_string', `Invalid string: {param} must be a string`);
    if (value.length > maxCharacters) return no('parameter_invalid_string_blank', `Invalid string: {param} must be at most ${maxCharacters} characters`);
    return value;
  });
}

export function oneOf<const T extends string>(...values: readonly T[]): z.ZodType<T> {
  return leaf((value, no) => {
    const found = values.find((known) => known === value);
    return found ?? no('parameter_unknown_value', `Invalid {param}: must be one of ${values.slice(0, -1).join(', ')}${values.length > 1 ? ', or ' : ''}${values.at(-1)}`);
  });
}

export function integer({ min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}): z.ZodType<number> {
  return leaf((value, no) => {
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return no('parameter_invalid_integer', `Invalid integer: ${shown(value)}`);
    if (number < min) return no('parameter_invalid_integer', min === 0 ? 'Invalid non-negative integer' : `This value must be greater than or equal to ${min}.`);
    if (number > max) return no('parameter_invalid_integer', `This value must be less than or equal to ${max}.`);
    return number;
  });
}

/** A decimal as text, without needless zeros: `'2.50'` is `'2.5'`. At most 12 decimal places. */
export function decimal({ min }: { min?: 0 } = {}): z.ZodType<string> {
  return leaf((value, no) => {
    const given = typeof value === 'number' ? String(value) : value;
    if (typeof given !== 'string' || !/^-?\d{1,15}(\.\d{1,12})?$/.test(given)) return no('parameter_invalid_decimal', `Invalid decimal: ${shown(value)}; must contain at maximum 12 decimal places.`);
    if (min === 0 && given.startsWith('-')) return no('parameter_invalid_decimal', 'Invalid non-negative decimal');
    return plainDecimal(given);
  });
}

/** A number that is no amount of money: percentages. */
export function float({ above, max }: { above: number; max: number }): z.ZodType<number> {
  return leaf((value, no) => {
    const number = typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) return no('parameter_invalid_number', `Invalid number: ${shown(value)}`);
    if (number <= above || number > max) return no('parameter_invalid_number', `Invalid {param}: must be greater than ${above} and at most ${max}`);
    return number;
  });
}

export function boolean(): z.ZodType<boolean> {
  return leaf((value, no) => {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return no('parameter_invalid_boolean', `Invalid boolean: ${shown(value)}`);
  });
}

/** Unix seconds. */
export function timestamp(): z.ZodType<number> {
  return leaf((value, no) => {
    const number = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0 || number > 253_402_300_799) return no('parameter_invalid_integer', `Invalid timestamp: must be an integer Unix timestamp`);
    return number;
  });
}

export function currency(): z.ZodType<string> {
  return leaf((value, no) => {
    if (typeof value !== 'string' || !/^[a-z]{3}$/i.test(value)) return no('parameter_invalid_string', `Invalid currency: ${shown(value)}`);
    return value.toLowerCase();
  });
}

export function url(): z.ZodType<string> {
  return leaf((value, no) => (typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value) ? value : no('url_invalid', 'Not a valid URL')));
}

/** `''` unsets: the parameter is null. */
export function unsettable<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  const unset: z.ZodType<null> = z.union([z.literal(''), z.null()]).transform(() => null);
  return z.union([unset, schema]);
}

/** Nothing but these fields. */
export function hash<T extends z.ZodRawShape>(fields: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(fields);
}

/** `items[0]`, `items[1]`, … */
export function array<T>(element: z.ZodType<T>, { max = 100 }: { max?: number } = {}): z.ZodType<T[]> {
  return z.array(element, { error: 'Invalid array' }).max(max, { error: `Array too long: at most ${max} elements` });
}

const MAX_METADATA_KEYS = 50;

/** What is to become of an object's metadata: `''` for a key removes it, `''` for all of it empties it (null). */
export type MetadataChange = Record<string, string> | null;

export function metadata(): z.ZodType<MetadataChange> {
  const pairs = z.unknown().transform((value, ctx): Record<string, string> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(ctx, 'parameter_invalid_object', 'Invalid object');
    const entries = Object.entries(value);
    if (entries.length > MAX_METADATA_KEYS) return refuse(ctx, 'parameter_invalid_object', `Metadata can have up to ${MAX_METADATA_KEYS} keys`);
    for (const [key, field] of entries) {
      if (key.length > 40) return refuse(ctx, 'parameter_invalid_string', `Metadata keys must be 40 characters or fewer, but you passed in one that is ${key.length} characters`);
      if (typeof field !== 'string' || field.length > 500) return refuse(ctx, 'parameter_invalid_string', `Metadata values must be strings of 500 characters or fewer; the value of '${key}' is not`);
    }
    return Object.fromEntries(entries) as Record<string, string>;
  });
  return unsettable(pairs);
}

export function withMetadata(before: Record<string, string> | null | undefined, change: MetadataChange | undefined): Record<string, string> {
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
}

const expand = array(text(500), { max: 20 }).optional();

/** The parameters of an operation: these, `expand`, and none else. */
export function params<T extends z.ZodRawShape>(fields: T): z.ZodObject<T & { expand: typeof expand }, z.core.$strict> {
  return z.strictObject({ ...fields, expand });
}

/** A time or a range of times, as lists filter by it. */
export function createdRange() {
  return z.union([timestamp(), hash({ gt: timestamp().optional(), gte: timestamp().optional(), lt: timestamp().optional(), lte: timestamp().optional() })]);
}

const paging = {
  limit: integer({ min: 1, max: 100 }).optional(),
  starting_after: text(500).optional(),
  ending_before: text(500).optional(),
};

/** The parameters of a list: these, its paging, `expand`. */
export function listParams<T extends z.ZodRawShape>(fields: T): z.ZodObject<T & typeof paging & { expand: typeof expand }, z.core.$strict> {
  return z.strictObject({ ...fields, ...paging, expand });
}

export function searchParams() {
  return params({ query: text(), limit: integer({ min: 1, max: 100 }).optional(), page: text().optional() });
}

/** The parameters that were given, and no others: ready to be spread over what an object has. */
export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function plainDecimal(given: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(given) ?? [];
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? '0' : `${sign}${digits}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).slice(0, 100) : typeof value;
}
