import { createLog } from '@iotistic/chassis/log';
import { createMetrics } from '@iotistic/chassis/metrics';
import { imagineGraph } from '@iotistic/testkit/imagined-graph';
import { randomDocument, type RandomDocument } from '@iotistic/testkit/random-document';
import fc from 'fast-check';
import { buildSchema, execute, type ExecutionResult, type GraphQLSchema, parse, printSchema, subscribe, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** Null where the writer wrote what GraphQL itself refuses. */
function valid(seed: number, kind: 'query' | 'mutation' | 'subscription'): ReturnType<typeof randomDocument> | null {
  const document = randomDocument(seed, graph.schema, kind);
  return validate(graph.schema, parse(document.text)).length === 0 ? document : null;
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
      { numRuns: 600, endOnFailure: true },
    );
    expect(count).toBeGreaterThan(50);
  });

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
