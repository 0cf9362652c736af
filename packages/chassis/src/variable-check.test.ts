import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { CLIENT_RULES } from './literal-rule.ts';
import { compileVariableCheck } from './variable-check.ts';

const schema = buildSchema(`
  enum Granularity { HOUR DAY }
  input ReportInput { id: ID! count: Int! at: Float = 0 granularity: Granularity! = DAY next: ReportInput }
  input ReportUsageInput { instance: String! reports: [ReportInput!]! }
  type Query { series(granularity: Granularity! = DAY, first: Int! = 20, ids: [ID!]): Int report(input: ReportUsageInput!): Int text(of: String!): Int }
`);
const SECRET = 'hunter2';

function check(text: string): (variables: Record<string, unknown>, maxValues?: number) => readonly string[] {
  const document = parse(text);
  expect(validate(schema, document, CLIENT_RULES)).toEqual([]);
  const operation = document.definitions.find(
    ({ kind }) => kind === Kind.OPERATION_DEFINITION,
  ) as OperationDefinitionNode;
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const compiled = compileVariableCheck(schema, operation, fragments);
  return (variables, maxValues = 30_000) => compiled.problemsOf(variables, maxValues);
}

const report = check('query ($input: ReportUsageInput!) { report(input: $input) }');
const good = { id: 'a', count: 1 };

describe('variables that do not fit', () => {
  it.each<[name: string, input: unknown, problem: string]>([
    ['nothing', undefined, 'Variable "$input": expected ReportUsageInput!, got nothing.'],
    ['null', null, 'Variable "$input": expected ReportUsageInput!, got null.'],
    ['a text', SECRET, 'Variable "$input": expected an object, ReportUsageInput.'],
    ['a list', [SECRET], 'Variable "$input": expected an object, ReportUsageInput.'],
    ['a field that is missing', { reports: [] }, 'Variable "$input.instance": expected String!, got nothing.'],
    [
      'a misspelt field',
      { instance: 'a', reports: [], reportz: SECRET },
      'Variable "$input": ReportUsageInput has no field "reportz".',
    ],
    [
      'a field whose name is no name',
      { instance: 'a', reports: [], [`my ${SECRET}`]: 1 },
      'Variable "$input": ReportUsageInput has no field of such a name.',
    ],
    [
      'a value of another type',
      { instance: { a: SECRET }, reports: [] },
      'Variable "$input.instance": expected String.',
    ],
    [
      'an integer that is too large',
      { instance: 'a', reports: [{ id: 1, count: 2_147_483_648 }] },
      'Variable "$input.reports[0].count": expected Int.',
    ],
    [
      'a word that the enum does not have',
      { instance: 'a', reports: [good, { ...good, granularity: SECRET }] },
      'Variable "$input.reports[1].granularity": expected Granularity.',
    ],
    [
      'a name that every object has',
      { instance: 'a', reports: [{ ...good, granularity: 'constructor' }] },
      'Variable "$input.reports[0].granularity": expected Granularity.',
    ],
    [
      'one within another',
      { instance: 'a', reports: [{ ...good, next: { id: SECRET } }] },
      'Variable "$input.reports[0].next.count": expected Int!, got nothing.',
    ],
  ])('%s: place and expectation are said, and no value', (_name, input, problem) => {
    const problems = report(input === undefined ? {} : { input });
    expect(problems[0]).toBe(problem);
    expect(problems.join()).not.toContain(SECRET);
  });

  it('are looked at no further once five are found', () => {
    let looked = 0;
    const reports = Array.from({ length: 1_000 }, () =>
      Object.defineProperty({}, 'id', { enumerable: true, get: () => (looked += 1) }),
    );
    expect(report({ input: { instance: 'a', reports } })).toHaveLength(5);
    expect(looked).toBeLessThanOrEqual(10);
  });

  it('are nothing for those that fit', () => {
    expect(report({ input: { instance: 'a', reports: [good, { ...good, at: null, next: good }] } })).toEqual([]);
    expect(report({ input: { instance: 'a', reports: good } })).toEqual([]);
    expect(check('query ($ids: [ID!], $n: Int! = 3) { series(ids: $ids, first: $n) }')({ ids: 7 })).toEqual([]);
  });
});

describe('more than is looked at', () => {
  it('is refused: values, entries of a list, characters of a text', () => {
    const many = (count: number): object => ({
      input: { instance: 'a', reports: Array.from({ length: count }, () => good) },
    });
    expect(() => report(many(1_001) as never)).toThrow(
      expect.objectContaining({ reason: 'INVALID_REPORT_COUNT', details: { maximum: 1_000 } }) as Error,
    );
    expect(() => report(many(100) as never, 200)).toThrow(
      expect.objectContaining({ reason: 'TOO_MANY_VALUES', details: { maximum: 200 } }) as Error,
    );
    expect(() => check('query ($of: String!) { text(of: $of) }')({ of: SECRET.repeat(10_000) })).toThrow(
      expect.objectContaining({ reason: 'INVALID_TEXT', message: 'The text at of is too long.' }) as Error,
    );
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]));
    expect(() => report({ input: { instance: 'a', reports: [], ...unknown } }, 200)).toThrow(
      expect.objectContaining({ reason: 'TOO_MANY_VALUES' }) as Error,
    );
  });
});

describe('null for a variable with a default, where null is not allowed', () => {
  it.each([
    ['an argument', 'query ($g: Granularity = DAY) { series(granularity: $g) }', 'g'],
    ['an argument that has a default itself', 'query ($g: Granularity) { series(granularity: $g) }', 'g'],
    ['a directive', 'query ($g: Boolean = false) { series @skip(if: $g) }', 'g'],
    [
      'a directive on a fragment',
      'query ($g: Boolean = true) { ...f @include(if: $g) } fragment f on Query { series }',
      'g',
    ],
    [
      'within a fragment',
      'query ($g: Granularity = DAY) { ...f } fragment f on Query { series(granularity: $g) }',
      'g',
    ],
    ['within an input', 'query ($g: String = "a") { report(input: { instance: $g, reports: [] }) }', 'g'],
    ['within a list', 'query ($g: ID = 1) { series(ids: [$g]) }', 'g'],
    [
      'within an input in a list',
      'query ($g: Granularity = DAY) { report(input: { instance: "a", reports: [{ id: 1, count: 1, granularity: $g }] }) }',
      'g',
    ],
  ])('is refused in %s, and its absence is not', (_name, text, name) => {
    expect(check(text)({ [name]: null })).toEqual([
      expect.stringMatching(/^Variable "\$g": expected \w+, got null; it is used where null is not allowed\.$/),
    ]);
    expect(check(text)({})).toEqual([]);
  });

  it('is refused as a default, too', () => {
    expect(check('query ($g: Granularity = null) { series(granularity: $g) }')({})).toHaveLength(1);
  });

  it('is taken where it is allowed', () => {
    expect(check('query ($ids: [ID!] = [1]) { series(ids: $ids) }')({ ids: null })).toEqual([]);
  });
});

describe('a literal that does not fit', () => {
  it.each([
    ['{ text(of: 17) }', 'Expected value of type "String!".'],
    [`{ series(granularity: ${SECRET}) }`, 'Expected value of type "Granularity!".'],
    [`{ series(granularity: "${SECRET}") }`, 'Expected value of type "Granularity!".'],
    ['{ series(granularity: null) }', 'Expected value of type "Granularity!", found null.'],
    [`{ report(input: "${SECRET}") }`, 'Expected value of type "ReportUsageInput!".'],
    [`{ text(of: ["${SECRET}"]) }`, 'Expected value of type "String".'],
    [`{ text(of: {a: "${SECRET}"}) }`, 'Expected value of type "String!".'],
    [
      `{ report(input: { instance: "a", reports: [], x: "${SECRET}" }) }`,
      'Field "x" is not defined by type "ReportUsageInput".',
    ],
    [
      '{ report(input: { instance: "a" }) }',
      'Field "ReportUsageInput.reports" of required type "[ReportInput!]!" was not provided.',
    ],
    [
      `{ report(input: { instance: "a", reports: [{ id: 1, count: "${SECRET}" }] }) }`,
      'Expected value of type "Int!".',
    ],
  ])('is not repeated: %s', (text, message) => {
    expect(validate(schema, parse(text), CLIENT_RULES).map((error) => error.message)).toEqual([message]);
  });
});
