import { buildSchema, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkShape, type QueryLimits } from './limits.ts';
import { costOf } from './query-cost.ts';

const limits: QueryLimits = { tokens: 2_000, depth: 4, aliases: 3, rootFields: 3, directives: 2, fields: 50, cost: 1_000 };
const check = (text: string): string => {
  try {
    checkShape(parse(text), limits);
    return 'ok';
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};
const bomb = (levels: number): string => `{ ...f0 } ${Array.from({ length: levels }, (_, level) => `fragment f${level} on T { ...f${level + 1} ...f${level + 1} }`).join(' ')} fragment f${levels} on T { x }`;

describe('the shape of a document', () => {
  it.each([
    ['{ a { b { c { d } } } }', 'ok'],
    ['{ a { b { c { d { e } } } } }', 'QUERY_TOO_DEEP'],
    ['{ a { ...f } } fragment f on T { b { c { d { e } } } }', 'QUERY_TOO_DEEP'],
    ['{ a { ... on T { ... { b { c { d } } } } } }', 'ok'],
    ['{ __schema { types { fields { args { type { name } } } } } }', 'ok'],
    ['{ a: x b: x c: x }', 'ok'],
    ['{ a: x y { b: __typename c: __typename d: __typename } }', 'TOO_MANY_ALIASES'],
    ['{ a b c d }', 'TOO_MANY_ROOT_FIELDS'],
    ['{ ...f c d } fragment f on Query { a b }', 'TOO_MANY_ROOT_FIELDS'],
    ['{ a @x b @x @y }', 'TOO_MANY_DIRECTIVES'],
    [`{ a { ${'x '.repeat(60)} } }`, 'QUERY_TOO_COMPLEX'],
    [`{ a { ${'x { y } '.repeat(20)} } }`, 'ok'],
    [`{ a { ${'x '.repeat(41)} } }`, 'QUERY_TOO_COMPLEX'],
    [`{ a { ${'... on T { x } '.repeat(41)} } }`, 'QUERY_TOO_COMPLEX'],
    [bomb(5), 'ok'],
    [bomb(10), 'QUERY_TOO_COMPLEX'],
    ['{ ...f } fragment f on T { ...f }', 'ok'],
    ['{ ...unknown }', 'ok'],
  ])('%s → %s', (text, expected) => {
    expect(check(text)).toBe(expected);
  });

  it('is known without counting to 2 to the power of 300', () => {
    const document = parse(bomb(300));
    expect(() => checkShape(document, limits)).toThrow('The document asks for more');
  });
});

describe('the cost of an operation', () => {
  const schema = buildSchema(`
    type Query { items(first: Int = 20): Connection tags: [Tag!]! one: Item }
    type Connection { edges: [Edge!]! nodes: [Item!]! totalCount: Int }
    type Edge { node: Item! }
    type Item { id: ID name: String tags: [Tag!]! items(first: Int = 20): Connection }
    type Tag { id: ID names: [String!]! }
  `);
  const cost = (text: string, variables: Record<string, unknown> = {}): { fields: number; varies: boolean } => {
    const { definitions } = parse(text);
    const operation = definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
    const fragments = new Map(definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION).map((fragment) => [fragment.name.value, fragment]));
    return costOf(operation, fragments, schema, variables);
  };

  it.each([
    ['{ one { id name } }', 3],
    ['{ items(first: 10) { edges { node { id } } } }', 1 + 10 * 3],
    ['{ items { nodes { id } } }', 1 + 20 * 2],
    ['{ tags { id names } }', 1 + 5 * 2],
    ['{ items(first: 10) { nodes { tags { id } } } }', 1 + 10 * (1 + (1 + 5))],
    ['{ items(first: 10) { ...f } } fragment f on Connection { edges { node { items(first: 10) { ...g } } } } fragment g on Connection { totalCount }', 1 + 10 * (1 + 1 + (1 + 10))],
  ])('%s is %i fields', (text, fields) => {
    expect(cost(text)).toEqual({ fields, varies: false });
  });

  it('is that of the page sizes in the variables, or their defaults', () => {
    const query = 'query ($n: Int = 7) { items(first: $n) { totalCount } }';
    expect(cost(query, { n: 100 })).toEqual({ fields: 101, varies: true });
    expect(cost(query)).toEqual({ fields: 8, varies: true });
    expect(cost(query, { n: -1 })).toEqual({ fields: 6, varies: true });
  });
});
