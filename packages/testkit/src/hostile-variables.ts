import { type HostileShape, SECRET } from './hostile-shape.ts';

const REPORT = 'mutation U($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';
const LOG_IN = 'mutation U($input: LogInInput!) { logIn(input: $input) { session { token } } }';
const SIGN_UP = 'mutation U($input: SignUpInput!) { signUp(input: $input) { session { token } } }';
const IMPORT = 'mutation U($input: ImportUsageFileInput!) { importUsageFile(input: $input) { accepted } }';
const API_KEY = 'mutation U($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }';
const OVERRIDE =
  'mutation U($input: OverrideEntitlementsInput!) { overrideEntitlements(input: $input) { __typename } }';
const CUSTOMER = 'query U($id: ID!) { customer(id: $id) { id } }';
const PLAN = 'query U($key: PlanKey!) { plan(key: $key) { key } }';
const VERIFY = 'query U($token: String!) { verifyLicense(token: $token) { valid state } }';
const PLANS = 'query U { plans { key } }';

interface Sent {
  query: string;
  /** As JSON: some of what is sent no value of JavaScript is written as. */
  variables: string;
}

const list = (count: number, value: string): string => `[${Array(count).fill(value).join(',')}]`;
const wrap = (count: number, before: string, inner: string, after: string): string =>
  `${before.repeat(count)}${inner}${after.repeat(count)}`;
const sent = (query: string, variables: unknown): Sent => ({ query, variables: JSON.stringify(variables) });
const raw = (query: string, variables: string): Sent => ({ query, variables });
const wide = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":${index}`).join(',')}}`;

const VALUES: Record<string, string> = {
  'an empty object': '{}',
  null: 'null',
  'a number': '1',
  'a text': `"${SECRET}"`,
  'an object of something else': `{"a":"${SECRET}"}`,
  'a list': '[]',
  true: 'true',
};

const counts: Record<string, Sent> = {
  ...Object.fromEntries(
    [1, 1_000, 20_000, 100_000, 500_000].flatMap((count) => [
      [`${count} empty reports`, raw(REPORT, `{"input":{"instance":"a","reports":${list(count, '{}')}}}`)],
      [
        `${count} reports that are null`,
        raw(REPORT, `{"input":{"instance":"a","reports":${list(Math.min(count, 350_000), 'null')}}}`),
      ],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [
      `1,000 reports, each ${name}`,
      raw(REPORT, `{"input":{"instance":"a","reports":${list(1_000, value)}}}`),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [
      `30,000 reports, each ${name}`,
      raw(REPORT, `{"input":{"instance":"a","reports":${list(30_000, value)}}}`),
    ]),
  ),
  ...Object.fromEntries(
    [100, 10_000, 100_000].map((count) => [
      `an input of ${count} fields that are not known`,
      raw(LOG_IN, `{"input":${wide(count)}}`),
    ]),
  ),
  ...Object.fromEntries(
    [100, 10_000, 100_000].map((count) => [`${count} variables that are not declared`, raw(PLANS, wide(count))]),
  ),
  '20,000 features': raw(
    OVERRIDE,
    `{"input":{"customerId":"x","reason":"r","features":${list(20_000, '{"key":"a","enabled":true}')}}}`,
  ),
  '200,000 empty objects that nothing declares': raw(PLANS, `{"other":${list(200_000, '{}')}}`),
};

const types: Record<string, Sent> = {
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [`as an input: ${name}`, raw(SIGN_UP, `{"input":${value}}`)]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [`as an id: ${name}`, raw(CUSTOMER, `{"id":${value}}`)]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [`as a word of a list: ${name}`, raw(PLAN, `{"key":${value}}`)]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [
      `as a password: ${name}`,
      raw(LOG_IN, `{"input":{"email":"a@b.example","password":${value === `"${SECRET}"` ? '7' : value}}}`),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(VALUES).map(([name, value]) => [
      `as the name of a key: ${name}`,
      raw(API_KEY, `{"input":{"customerId":${value},"name":${value}}}`),
    ]),
  ),
  'a misspelt password': sent(LOG_IN, { input: { email: 'a@b.example', passwrd: SECRET } }),
  'a password as the name of a field': raw(LOG_IN, `{"input":{"email":"a@b.example","password":"x","${SECRET} ":1}}`),
  'an integer of 100,000 digits': raw(CUSTOMER, `{"id":${'9'.repeat(100_000)}}`),
  'a fraction of 100,000 digits': raw(CUSTOMER, `{"id":0.${'9'.repeat(100_000)}}`),
  'a number beyond all': raw(CUSTOMER, '{"id":1e999}'),
  'variables that are a list': raw(PLANS, list(50_000, '1')),
  'variables that are a text': raw(PLANS, `"${'x'.repeat(50_000)}"`),
  'the same name again and again': raw(CUSTOMER, `{${Array(20_000).fill('"id":"x"').join(',')}}`),
  'a name that every object has': raw(CUSTOMER, '{"__proto__":{"id":"x"},"constructor":1,"id":"x"}'),
};

const nesting: Record<string, Sent> = {
  ...Object.fromEntries(
    [30, 2_100, 500_000].map((depth) => [
      `a list ${depth} deep`,
      raw(CUSTOMER, `{"id":${wrap(depth, '[', '1', ']')}}`),
    ]),
  ),
  ...Object.fromEntries(
    [30, 2_100, 100_000].map((depth) => [
      `an object ${depth} deep`,
      raw(CUSTOMER, `{"id":${wrap(depth, '{"a":', '1', '}')}}`),
    ]),
  ),
  ...Object.fromEntries(
    [2_100, 500_000].map((depth) => [
      `what nothing declares, ${depth} deep`,
      raw(PLANS, `{"other":${wrap(depth, '[', '1', ']')}}`),
    ]),
  ),
  'a report 2,100 deep': raw(REPORT, `{"input":{"instance":"a","reports":${wrap(2_100, '[', '{}', ']')}}}`),
  'brackets that never close': raw(CUSTOMER, `{"id":${'['.repeat(300_000)}`),
};

const texts: Record<string, Sent> = {
  ...Object.fromEntries(
    [1_000, 100_000, 1_500_000].flatMap((length) => [
      [
        `a password of ${length} letters`,
        sent(LOG_IN, { input: { email: 'a@b.example', password: 'p'.repeat(length) } }),
      ],
      [
        `an address of ${length} letters`,
        sent(SIGN_UP, { input: { email: `${'a'.repeat(length)}@b.example`, password: 'x' } }),
      ],
      [`an id of ${length} letters`, sent(CUSTOMER, { id: 'x'.repeat(length) })],
      [
        `a license of ${length} letters`,
        sent(VERIFY, { token: `${'e'.repeat(length / 2)}.${'y'.repeat(length / 2)}.x` }),
      ],
      [`a word of ${length} letters`, sent(PLAN, { key: 'X'.repeat(length) })],
      [`a file of ${length} letters`, sent(IMPORT, { input: { customerId: 'x', file: 'f'.repeat(length) } })],
    ]),
  ),
  'an address that an expression might try for long': sent(SIGN_UP, {
    input: { email: `${'a.'.repeat(10_000)}@${'b-'.repeat(10_000)}`, password: 'x' },
  }),
  'a name of other scripts': sent(SIGN_UP, {
    input: { email: 'a@b.example', password: 'x', companyName: '𝔄̈'.repeat(5_000) },
  }),
  'half characters': raw(LOG_IN, `{"input":{"email":"${'\\ud800'.repeat(3_000)}","password":"x"}}`),
  zeros: raw(LOG_IN, `{"input":{"email":"${'\\u0000'.repeat(3_000)}","password":"x"}}`),
  'quotation marks that are escaped': raw(CUSTOMER, `{"id":"${'\\"'.repeat(300_000)}"}`),
  strokes: raw(CUSTOMER, `{"id":"${'\\\\'.repeat(300_000)}"}`),
};

const nulls: Record<string, Sent> = {
  'null where a default stood': sent(
    'query U($g: Granularity = DAY) { customer(id: "x") { usageSeries(meter: DEVICES, from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", granularity: $g) { quantity } } }',
    { g: null },
  ),
  'null that decides over a field': sent('query U($s: Boolean = false) { plans { key name @skip(if: $s) } }', {
    s: null,
  }),
  'null that decides over a fragment': sent(
    'query U($s: Boolean = true) { plans { key ... @include(if: $s) { name } } }',
    { s: null },
  ),
  'null where a plan stood': sent('query U($k: PlanKey = TRIAL) { plan(key: $k) { key } }', { k: null }),
  'null within an input': sent(
    'mutation U($d: Int = 90) { purgeUsageReports(input: { olderThanDays: $d }) { deleted } }',
    { d: null },
  ),
};

/** Each in a document of its own, so that nothing is answered from what is known. */
const toBody = ({ query, variables }: Sent, unique: string, customerId: string): string =>
  `{"query":${JSON.stringify(query.replace(' U', ` ${unique}`))},"variables":${variables.replace('"customerId":"x"', `"customerId":${JSON.stringify(customerId)}`)}}`;

export const VARIABLE_SHAPES: readonly HostileShape[] = Object.entries({
  counts,
  types,
  'nested variables': nesting,
  'long variables': texts,
  nulls,
}).flatMap(([kind, shapes]) =>
  Object.entries(shapes).map(([name, what]): HostileShape => ({
    kind,
    name,
    make: (unique, customerId) => ({ body: toBody(what, unique, customerId) }),
  })),
);
