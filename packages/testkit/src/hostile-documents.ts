import type { HostileShape } from './hostile-shape.ts';

const times = (count: number, text: (index: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);
const wrap = (count: number, before: string, inner: string, after: string): string =>
  `${before.repeat(count)}${inner}${after.repeat(count)}`;

/** The document of one shape; `unique` makes it one that no cache knows. */
type Text = (unique: string) => string;

const SIZES = [100, 1_000, 10_000];

/**
 * Fragments that multiply, chain, or lead to themselves; after graphql/graphql-js#3938, #406 and parse-
 * community/parse-server#10344.
 */
const fragments: Record<string, Text> = {
  ...Object.fromEntries(
    SIZES.map((size) => [
      `a chain of ${size} fragments`,
      (unique: string) =>
        `query ${unique} { plans { ...f0 } } ${times(size, (index) => `fragment f${index} on Plan { ...f${index + 1} }`)} fragment f${size} on Plan { key }`,
    ]),
  ),
  ...Object.fromEntries(
    [10, 40, 120].map((size) => [
      `a bomb of ${size} levels`,
      (unique: string) =>
        `query ${unique} { plans { ...f0 } } ${times(size, (index) => `fragment f${index} on Plan { ...f${index + 1} ... on Plan { ...f${index + 1} } }`)} fragment f${size} on Plan { key }`,
    ]),
  ),
  'a fragment within itself': (unique) => `query ${unique} { plans { ...f } } fragment f on Plan { key ...f }`,
  'two fragments within each other': (unique) =>
    `query ${unique} { plans { ...f } } fragment f on Plan { ...g } fragment g on Plan { ...f }`,
  'two fragments of one name': (unique) =>
    `query ${unique} { plans { ...f } } fragment f on Plan { key } fragment f on Plan { key ...f }`,
  'fragments of the schema within each other': (unique) =>
    `query ${unique} { __schema { queryType { ...t } } } fragment t on __Type { fields { ...f } } fragment f on __Field { type { ...t } }`,
  'fragments that nobody spreads': (unique) =>
    `query ${unique} { plans { key } } ${times(150, (index) => `fragment f${index} on Plan { key }`)}`,
  'inline fragments within each other': (unique) =>
    `query ${unique} { plans { ${wrap(400, '... on Plan { ', 'key', ' }')} } }`,
  'inline fragments beside each other': (unique) =>
    `query ${unique} { plans { ${times(200, () => '... on Plan { key }')} } }`,
  'a wide fragment that is spread again and again': (unique) =>
    `query ${unique} { plans { ${times(40, () => '...f')} } } fragment f on Plan { ${times(100, (index) => `a${index}: key`)} }`,
  'a spread of what is not there': (unique) => `query ${unique} { plans { ${times(300, (index) => `...f${index}`)} } }`,
  'fragments on what is no type': (unique) =>
    `query ${unique} { plans { ${times(200, (index) => `... on Nothing${index} { key }`)} } }`,
};

const repetition: Record<string, Text> = {
  ...Object.fromEntries(
    SIZES.map((size) => [
      `${size} aliases of one field`,
      (unique: string) => `query ${unique} { plans { ${times(size, (index) => `a${index}: key`)} } }`,
    ]),
  ),
  ...Object.fromEntries(
    SIZES.map((size) => [
      `${size} times the same field`,
      (unique: string) => `query ${unique} { plans { ${'name '.repeat(size)} } }`,
    ]),
  ),
  ...Object.fromEntries(
    [30, 300, 3_000].map((size) => [
      `${size} root fields`,
      (unique: string) => `query ${unique} { ${times(size, (index) => `p${index}: plans { key }`)} }`,
    ]),
  ),
  ...Object.fromEntries(
    [10, 100, 1_000].map((size) => [
      `${size} operations`,
      (unique: string) => times(size, (index) => `query ${unique}${index} { plans { key } }`),
    ]),
  ),
  ...Object.fromEntries(
    [10, 100, 1_500].map((size) => [
      `${size} variables that are not used`,
      (unique: string) => `query ${unique}(${times(size, (index) => `$v${index}: Int`)}) { plans { key } }`,
    ]),
  ),
  ...Object.fromEntries(
    [10, 40, 1_000].map((size) => [
      `${size} directives on a field`,
      (unique: string) => `query ${unique} { plans { key ${'@include(if: true) '.repeat(size)} } }`,
    ]),
  ),
  'directives that are not known': (unique) =>
    `query ${unique} { plans { key ${times(45, (index) => `@d${index}`)} } }`,
  'directives on everything': (unique) =>
    `query ${unique} @skip(if: false) { plans @include(if: true) { key @skip(if: false) ... @include(if: true) { name } } }`,
  'the same argument again and again': (unique) => `query ${unique} { plan(${'key: TRIAL '.repeat(400)}) { key } }`,
  'arguments that are not known': (unique) =>
    `query ${unique} { plan(${times(400, (index) => `a${index}: 1`)}) { key } }`,
  'fields that are not there': (unique) => `query ${unique} { plans { ${times(400, (index) => `field${index}`)} } }`,
  'fields that are nearly there': (unique) =>
    `query ${unique} { plans { ${times(400, (index) => `entitlement${index}`)} } }`,
  'fields that cannot be merged': (unique) =>
    `query ${unique} { plans { ${times(40, () => 'x: key')} ${times(40, () => 'x: name')} } }`,
  'selections that are merged pair by pair': (unique) =>
    `query ${unique} { plans { ${times(38, () => 'entitlements { limits { key value } features { key enabled } }')} } }`,
  'plans as wide as is allowed': (unique) =>
    `query ${unique} { plans { key name description price { amount currency } entitlements { features { key enabled } limits { key value } included { meter quantity } } } }`,
  'root fields as many as are allowed': (unique) =>
    `query ${unique} { ${times(20, (index) => `p${index}: plans { key name entitlements { features { key enabled } limits { key value } } }`)} }`,
  'the keys as often as is allowed': (unique) =>
    `query ${unique} { ${times(20, (index) => `k${index}: signingKeys { id algorithm publicKeyPem createdAt }`)} }`,
  'licenses that are none, verified as often as is allowed': (unique) =>
    `query ${unique} { ${times(20, (index) => `v${index}: verifyLicense(token: "a.b.c${index}") { valid state }`)} }`,
};

const nesting: Record<string, Text> = {
  ...Object.fromEntries(
    [500, 2_100, 50_000].map((depth) => [
      `a list ${depth} deep`,
      (unique: string) => `query ${unique} { customer(id: ${wrap(depth, '[', '1', ']')}) { id } }`,
    ]),
  ),
  ...Object.fromEntries(
    [500, 2_100, 20_000].map((depth) => [
      `an object ${depth} deep`,
      (unique: string) => `query ${unique} { customer(id: ${wrap(depth, '{a: ', '1', '}')}) { id } }`,
    ]),
  ),
  ...Object.fromEntries(
    [60, 2_100].map((depth) => [
      `a type ${depth} deep`,
      (unique: string) =>
        `query ${unique}($v: ${wrap(depth, '[', 'Int', ']')}) { customers(first: $v) { totalCount } }`,
    ]),
  ),
  ...Object.fromEntries(
    [13, 300, 5_000].map((depth) => [
      `selections ${depth} deep`,
      (unique: string) => `query ${unique} { ${wrap(depth, 'customer(id: "x") { ', 'id', ' }')} }`,
    ]),
  ),
  'brackets that never close': (unique) => `query ${unique} { customer(id: ${'['.repeat(5_000)}`,
  'braces that never close': (unique) => `query ${unique} ${'{ plans '.repeat(900)}`,
  'a default value 2,100 deep': (unique) =>
    `query ${unique}($v: ID = ${wrap(2_100, '[', '1', ']')}) { customer(id: $v) { id } }`,
  'a directive whose argument is 2,100 deep': (unique) =>
    `query ${unique} { plans @include(if: ${wrap(2_100, '[', 'true', ']')}) { key } }`,
  'lists and objects by turns': (unique) =>
    `query ${unique} { customer(id: ${wrap(1_200, '[{a: ', '1', '}]')}) { id } }`,
};

const texts: Record<string, Text> = {
  'a name of 100,000 letters': (unique) => `query ${unique} { plans { ${'a'.repeat(100_000)} } }`,
  'an alias of 100,000 letters': (unique) => `query ${unique} { ${'a'.repeat(100_000)}: plans { key } }`,
  'an operation whose name has 100,000 letters': (unique) => `query ${unique}${'a'.repeat(100_000)} { plans { key } }`,
  'a type of 100,000 letters': (unique) => `query ${unique}($v: ${'A'.repeat(100_000)}) { plan(key: $v) { key } }`,
  'a text of 100,000 letters': (unique) =>
    `query ${unique} { verifyLicense(token: "${'a'.repeat(100_000)}") { valid } }`,
  'a text of 1,500,000 letters': (unique) =>
    `query ${unique} { verifyLicense(token: "${'a'.repeat(1_500_000)}") { valid } }`,
  'a block text of 100,000 lines': (unique) =>
    `query ${unique} { verifyLicense(token: """${'  a\n'.repeat(25_000)}""") { valid } }`,
  escapes: (unique) => `query ${unique} { verifyLicense(token: "${'\\u0041'.repeat(15_000)}") { valid } }`,
  'a comment of 1,500,000 letters': (unique) => `query ${unique} { plans { key } } #${'x'.repeat(1_500_000)}`,
  'a comment of 120,000 letters': (unique) => `query ${unique} { plans { key } } #${'x'.repeat(120_000)}`,
  commas: (unique) => `query ${unique} { plans { key ${','.repeat(100_000)} } }`,
  'byte order marks': (unique) => `query ${unique} { plans { key ${'\uFEFF'.repeat(30_000)} } }`,
  'an integer of 50,000 digits': (unique) =>
    `query ${unique} { customers(first: ${'9'.repeat(50_000)}) { totalCount } }`,
  'a fraction of 50,000 digits': (unique) =>
    `query ${unique} { customers(first: 0.${'9'.repeat(50_000)}) { totalCount } }`,
  'letters of other scripts': (unique) => `query ${unique} { plans { ключ } }`,
  'characters beyond the plane': (unique) =>
    `query ${unique} { verifyLicense(token: "${'😀'.repeat(20_000)}") { valid } }`,
  'a text that does not end': (unique) => `query ${unique} { verifyLicense(token: "${'a'.repeat(50_000)}`,
  'a range of time without an end': (unique) =>
    `query ${unique} { customer(id: "x") { usageSeries(meter: DEVICES, from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z", granularity: HOUR) { quantity } } }`,
};

const schema: Record<string, Text> = {
  'the schema, in a circle': (unique) =>
    `query ${unique} { __schema { types { ${wrap(8, 'fields { type { ', 'name', ' } }')} } } }`,
  'the schema as wide as is allowed': (unique) =>
    `query ${unique} { __schema { types { name fields { name type { name fields { name args { name } } } args { name type { name } } } inputFields { name } } } }`,
  'the schema twenty times': (unique) =>
    `query ${unique} { ${times(20, (index) => `s${index}: __schema { types { name fields { name } } }`)} }`,
  'a type twenty times': (unique) =>
    `query ${unique} { ${times(20, (index) => `t${index}: __type(name: "Customer") { fields { name type { name fields { name type { name } } } } }`)} }`,
  'wrapped types without an end': (unique) =>
    `query ${unique} { __schema { types { fields { type { ${wrap(40, 'ofType { ', 'name', ' }')} } } } } }`,
  'the names of all types 1,000 times': (unique) => `query ${unique} { ${times(1_000, () => '__typename')} }`,
};

export const DOCUMENT_SHAPES: readonly HostileShape[] = Object.entries({
  fragments,
  repetition,
  nesting,
  texts,
  schema,
}).flatMap(([kind, shapes]) =>
  Object.entries(shapes).map(([name, text]): HostileShape => ({
    kind,
    name,
    make: (unique) => ({ body: JSON.stringify({ query: text(unique) }) }),
  })),
);
