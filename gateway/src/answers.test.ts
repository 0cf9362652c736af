import { createLog } from '@iotistic/chassis/log';
import { createMetrics } from '@iotistic/chassis/metrics';
import { REASONS } from '@iotistic/contracts/errors';
import { imagineGraph } from '@iotistic/testkit/imagined-graph';
import { randomDocument, type RandomDocument } from '@iotistic/testkit/random-document';
import fc from 'fast-check';
import { buildSchema, execute, type ExecutionResult, type GraphQLSchema, parse, printSchema, subscribe, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RefusedOperation } from './format-error.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import type { QueryLimits } from './limits.ts';
import { inProcessLink } from './subgraph-link.ts';
import { type Graph, readSupergraphSdl, startGraph } from './supergraph.ts';

const UNLIMITED: QueryLimits = { tokens: 100_000, depth: 100, aliases: 10_000, rootFields: 100, directives: 10_000, fields: 100_000, cost: 1_000_000_000 };
const context = () => ({ caller: { kind: 'admin', name: 'operator' } as const, requestId: 'req_1' });

const imagined = imagineGraph();
const links = new Map(Object.values(imagined.subgraphs).map((subgraph) => [subgraph.name, inProcessLink(subgraph)]));
let graph: Graph;
/** The same graph as one schema in one process: what graphql-js answers from it is right. */
let whole: GraphQLSchema;
beforeAll(async () => {
  graph = await startGraph({ supergraphSdl: readSupergraphSdl(), links, limits: UNLIMITED, introspection: true, suggestions: true, log: createLog({ level: 'silent', name: 'test' }), metrics: createGatewayMetrics(createMetrics()) });
  whole = imagined.fill(buildSchema(printSchema(graph.schema)));
});
afterAll(() => graph.close());

async function answered({ text, variables }: RandomDocument): Promise<string> {
  const result = await graph.execute(graph.documents.operationOf({ query: text, operationName: null }), variables, context());
  return JSON.stringify(result);
}

async function right({ text, variables }: RandomDocument): Promise<string> {
  const document = parse(text);
  return JSON.stringify(await execute({ schema: whole, document, variableValues: variables }));
}

/** Null where the writer wrote what GraphQL itself refuses, or more costly root fields than one operation may ask for. */
function valid(seed: number, kind: 'query' | 'mutation' | 'subscription'): ReturnType<typeof randomDocument> | null {
  const document = randomDocument(seed, graph.schema, kind);
  if (validate(graph.schema, parse(document.text)).length > 0) return null;
  try {
    graph.documents.operationOf({ query: document.text, operationName: null });
    return document;
  } catch (error) {
    if (error instanceof RefusedOperation && error.message === REASONS.INVALID_INPUT.TOO_MANY_ROOT_FIELDS) return null;
    throw error;
  }
}

describe('an answer', () => {
  it.each(['query', 'mutation'] as const)('to any %s is what one process with the whole graph would answer, to the byte, whatever its aliases', async (kind) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const document = valid(seed, kind);
        if (document === null) return;
        count += 1;
        expect({ document, answer: await answered(document) }).toEqual({ document, answer: await right(document) });
      }),
      { numRuns: 100, endOnFailure: true },
    );
    expect(count).toBeGreaterThan(30);
  }, 300_000);

  it('to any live operation is so, event by event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const document = valid(seed, 'subscription');
        if (document === null) return;
        const expected: string[] = [];
        const source = await subscribe({ schema: whole, document: parse(document.text), variableValues: document.variables });
        for await (const event of source as AsyncIterable<ExecutionResult>) expected.push(JSON.stringify(event));
        expect({ document, events: await liveAnswers(document) }).toEqual({ document, events: expected });
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 300_000);
});

describe('what others have reported of gateways', () => {
  it.each<[string, string, Record<string, unknown>?]>([
    ['an alias named as the key (apollographql/federation#3036)', '{ customer(id: "c") { id: email license { status } } }'],
    ['an alias named as the key, of an object', '{ customer(id: "c") { id: users { email } license { status } subscription { id: status plan { key } } } }'],
    ['an alias named as what @requires names', '{ customer(id: "c") { createdAt: companyName subscription { createdAt: status } planComparison { total { amount } } } }'],
    ['an alias named as a type (apollographql/federation#2683)', '{ fleetUsage { edges { node { Customer: customer { companyName subscription { Customer: customer { email } } } } } } }'],
    ['an alias named as a part of a key of several', '{ customer(id: "c") { invoices { edges { node { lines { usage { meter: unit periodStart: quantity customerId: measured trueUps { id: description } } } } } } } }'],
    ['an alias of __typename, and one named so (wundergraph/cosmo#92)', '{ alias: __typename customer(id: "c") { __typename: companyName t: __typename license { __typename: status } } viewer { t: __typename ... on UserViewer { __typename user { __typename: email } } } }'],
    ['an alias that stands for several fields of a union (apollographql/federation#397)', '{ viewer { ... on AdminViewer { who: name } ... on UserViewer { customer { who: companyName } } ... on InstanceViewer { customer { who: fullName license { id } } } } }'],
    ['conditions on a field with @requires beside one without (apollographql/router#9849)', 'query ($with: Boolean!) { customers { edges { node { companyName subscription @include(if: $with) { status } invoices { edges { cursor } } } } } }', { with: false }],
    ['an object of which all is left out', 'query ($with: Boolean = false) { customer(id: "c") { subscription { status @include(if: $with) } license { ... @include(if: $with) { id } } ... on Customer @skip(if: $with) { email } } }', {}],
    ['all that is asked for left out', 'query ($with: Boolean!) { customers @include(if: $with) { totalCount } ... @skip(if: true) { plans { key } } }', { with: false }],
    ['the order of fragments (wundergraph/cosmo#2346)', '{ customer(id: "c") { id ...A subscription { id } } } fragment A on Customer { ... on Customer { license { id } } ... on Customer { subscription { plan { key } customer { license { status } } } } license { status } }'],
    ['a variable of one subgraph alone, named as the planner names its own', 'query ($representations: Meter!, $first: Int) { customer(id: "c") { usageSeries(meter: $representations, from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z") { quantity } invoices(first: $first) { edges { cursor } } } }', { representations: 'DEVICES', first: 2 }],
    ['the same field with other arguments', '{ a: customer(id: "a") { x: usageReports(first: 1) { totalCount } id: usageReports(first: 2) { totalCount } } id: customer(id: "b") { id license { id } } }'],
    ['a mutation by an alias', 'mutation { id: createCustomer(input: { email: "e" }) { id: customer { id: email license { id: status } } } }'],
  ])('%s', async (_name, text, variables = {}) => {
    expect(validate(graph.schema, parse(text))).toEqual([]);
    expect(await answered({ text, variables })).toBe(await right({ text, variables }));
  });
});

async function liveAnswers({ text, variables }: RandomDocument): Promise<string[]> {
  const plan = graph.planner.planOf(graph.documents.operationOf({ query: text, operationName: null }), variables);
  const source = await links.get(plan.subgraph as never)?.subscribe(plan.upstreamRequest(variables), context());
  if (source === undefined || !(Symbol.asyncIterator in source)) throw new Error(`no stream: ${JSON.stringify(source)}`);
  const events: string[] = [];
  for await (const event of source) events.push(JSON.stringify(await plan.join(event, variables, context())));
  return events;
}
