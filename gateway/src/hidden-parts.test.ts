import { composeServices } from '@apollo/composition';
import { anyone, inherit } from '@iotistic/chassis/access';
import { createLog } from '@iotistic/chassis/log';
import { createSubgraphExecutor } from '@iotistic/chassis/subgraph-executor';
import { parse } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { formatError, type PublicResult, RefusedOperation } from './format-error.ts';
import { inProcessLink } from './subgraph-link.ts';
import { type Graph, startGraph } from './supergraph.ts';

const HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible"])';
const SHOP = `${HEAD}
  enum State { OPEN FRAUD @inaccessible }
  input Filter { text: String = "none" secret: String @inaccessible state: State nested: Filter }
  type Order @key(fields: "id") { id: ID! state: State must: State! states: [State] notes: [Note!]! hidden: String @inaccessible }
  type Comment { text: String! }
  type Verdict @inaccessible { text: String! }
  union Note = Comment | Verdict
  type Query { order(id: ID!): Order orders(filter: Filter, state: State, secret: String = "none" @inaccessible): String! }
`;

const logged: string[] = [];
const asked: string[] = [];
const graphs: Graph[] = [];
afterEach(async () => {
  await Promise.all(graphs.splice(0).map((graph) => graph.close()));
  logged.length = 0;
  asked.length = 0;
});

/** The answer of a plane that has this one subgraph. */
async function ask(query: string, variables: Record<string, unknown> = {}, order: object = {}): Promise<PublicResult> {
  const log = createLog({ level: 'error', name: 'test', destination: { write: (line: string) => void logged.push(line) } });
  const notes = [{ __typename: 'Comment', text: 'seen' }, { __typename: 'Verdict', text: 'a fraud' }];
  const resolvers = {
    Query: { order: () => ({ id: 'o1', state: 'FRAUD', must: 'OPEN', states: ['OPEN', 'FRAUD'], notes: notes.slice(0, 1), ...order }), orders: (_source: unknown, args: object) => JSON.stringify(args) },
    Note: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  };
  const executor = createSubgraphExecutor({ typeDefs: SHOP, resolvers, access: { Query: anyone, Order: inherit, Comment: inherit, Verdict: inherit }, createContext: (context) => ({ ...context }), log });
  const link = inProcessLink({ name: 'customers', executor: { ...executor, execute: (request, context) => (asked.push(request.query), executor.execute(request, context)) }, http: {}, ready: () => Promise.resolve(true) });
  const composed = composeServices([{ name: 'customers', url: 'http://customers.invalid', typeDefs: parse(SHOP) }]);
  if (composed.supergraphSdl === undefined) throw new Error(String(composed.errors));
  const limits = { tokens: 2_000, depth: 20, aliases: 30, rootFields: 20, directives: 50, fields: 2_000, cost: 20_000 };
  const graph = await startGraph({ supergraphSdl: composed.supergraphSdl, links: new Map([[link.name, link]]), limits, introspection: true, suggestions: true, log });
  graphs.push(graph);
  const operation = graph.documents.operationOf({ query, operationName: null });
  const caller = { kind: 'anonymous' } as const;
  try {
    const admitted = graph.admission.admit(operation, { query, sha256: null, operationName: null, variables, unread: null }, caller);
    return await graph.execute(operation, admitted, { caller, requestId: 'req_1' });
  } catch (error) {
    if (!(error instanceof RefusedOperation)) throw error;
    return { errors: error.errors.map((each) => formatError(each, 'req_1', log)) };
  }
}

const errorAt = (path: (string | number)[]): object => ({ path, extensions: { code: 'INTERNAL', reason: 'UNEXPECTED', requestId: 'req_1' } });

describe('what the public schema hides', () => {
  it('never leaves a subgraph that answers alone: a value is null, with its error, and in our log', async () => {
    const answer = await ask('{ order(id: "o1") { id state } }');
    expect(answer).toMatchObject({ data: { order: { id: 'o1', state: null } }, errors: [errorAt(['order', 'state'])] });
    expect(JSON.stringify(answer)).not.toContain('FRAUD');
    expect(logged.join('')).toContain('a subgraph answered what the schema does not have');
  });

  it('leaves neither under another name, nor in a list, nor where a value is promised', async () => {
    expect(await ask('{ order(id: "o1") { id: state } }')).toMatchObject({ data: { order: { id: null } }, errors: [errorAt(['order', 'id'])] });
    expect(await ask('{ order(id: "o1") { states } }')).toMatchObject({ data: { order: { states: ['OPEN', null] } }, errors: [errorAt(['order', 'states', 1])] });
    expect(await ask('{ order(id: "o1") { must } }', {}, { must: 'FRAUD' })).toMatchObject({ data: { order: null }, errors: [errorAt(['order', 'must'])] });
  });

  it('is no type of an object either', async () => {
    const notes = [{ __typename: 'Verdict', text: 'a fraud' }];
    const answer = await ask('{ order(id: "o1") { notes { __typename ... on Comment { text } } } }', {}, { notes });
    expect(answer).toMatchObject({ data: { order: null }, errors: [errorAt(['order', 'notes', 0])] });
    expect(JSON.stringify(answer)).not.toContain('Verdict');
    expect(await ask('{ order(id: "o1") { notes { __typename ... on Comment { text } } } }')).toEqual({ data: { order: { notes: [{ __typename: 'Comment', text: 'seen' }] } } });
  });

  it.each([
    ['a value', 'query ($state: State) { orders(state: $state) }', { state: 'FRAUD' }],
    ['a field', 'query ($filter: Filter) { orders(filter: $filter) }', { filter: { secret: 'x' } }],
    ['a field of a field', 'query ($filter: Filter) { orders(filter: $filter) }', { filter: { nested: { nested: { secret: 'x' } } } }],
    ['a value in a field', 'query ($filter: Filter) { orders(filter: $filter) }', { filter: { state: 'FRAUD' } }],
  ])('is not taken by a variable: %s', async (_name, query, variables) => {
    expect(await ask(query, variables)).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } }] });
    expect(asked).toEqual([]);
  });

  it.each(['{ orders(state: FRAUD) }', '{ orders(filter: { secret: "x" }) }', '{ orders(secret: "x") }', '{ order(id: "o1") { hidden } }', '{ order(id: "o1") { notes { ... on Verdict { text } } } }'])('is not asked for: %s', async (query) => {
    await expect(ask(query)).rejects.toMatchObject({ name: 'RefusedOperation' });
  });

  it('keeps its defaults within the subgraph', async () => {
    const { data } = await ask('{ orders(filter: { text: "a" }) }');
    expect(JSON.parse(String(data?.['orders']))).toEqual({ secret: 'none', filter: { text: 'a' } });
  });
});
