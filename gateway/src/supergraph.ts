import './apollo-telemetry-off.ts';
import { readFileSync } from 'node:fs';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginInlineTraceDisabled, ApolloServerPluginLandingPageDisabled, ApolloServerPluginSchemaReportingDisabled, ApolloServerPluginUsageReportingDisabled } from '@apollo/server/plugin/disabled';
import { currentRequestId, type Log, withRequestId } from '@iotistic/chassis/log';
import { scalars } from '@iotistic/chassis/scalars';
import { type GraphQLSchema, GraphQLScalarType } from 'graphql';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { inSpan, type SpanAtHand } from '@iotistic/chassis/tracing';
import type { DirectFetch } from './direct-fetch.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { CustomerBudget } from './customer-budget.ts';
import { createDocuments, type Documents, type Operation } from './documents.ts';
import { formatError, outcomeOf, type PublicResult, toPublicResult } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { QueryLimits } from './limits.ts';
import { createPlanner, type Planner } from './planner.ts';
import { dataSourceOf, type OperationContext, type SubgraphLink } from './subgraph-link.ts';

/** The graph over all subgraphs, as one process executes it. */
export interface Graph {
  /** What clients see: without the fields that are the gateway's alone. */
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly planner: Planner;
  /** What is asked before an operation is answered. */
  readonly admission: Admission;
  /** Answers a query or mutation that was admitted; what goes wrong is in the answer. */
  execute(operation: Operation, variables: Record<string, unknown>, context: OperationContext): Promise<PublicResult>;
  close(): Promise<void>;
}

/** What our executor needs besides: the operation as it was prepared, and what was answered to it already. */
interface ExecutionContext extends OperationContext {
  operation: Operation;
  answered: SubgraphResponse | null;
}

export function readSupergraphSdl(): string {
  return readFileSync(new URL('../../schema/supergraph.graphql', import.meta.url), 'utf8');
}

export async function startGraph(options: { supergraphSdl: string; links: ReadonlyMap<string, SubgraphLink>; limits: QueryLimits; introspection: boolean; suggestions: boolean; log: Log; metrics?: GatewayMetrics; budget?: CustomerBudget }): Promise<Graph> {
  const { log } = options;
  const logger = { debug: () => {}, info: () => {}, warn: (message: string) => log.warn(message), error: (message: string) => log.error(message) };
  const dataSources = Object.fromEntries([...options.links.values()].map((link) => [link.name, dataSourceOf(link, log, options.metrics)]));
  const gateway = new ApolloGateway({
    supergraphSdl: options.supergraphSdl,
    buildService: ({ name }) => sourceNamed(dataSources, name),
    logger,
    __exposeQueryPlanExperimental: false,
  });
  // Its own executor would check variables, hash, look up and trace anew what is known of an operation by now.
  gateway.executor = (requestContext) => {
    const { operation, answered } = requestContext.context as ExecutionContext;
    return planner.execute(operation, requestContext, answered);
  };
  let schema: GraphQLSchema | null = null;
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  const server = new ApolloServer({
    gateway,
    logger,
    // Documents come parsed and validated from our own store, which every transport shares.
    documentStore: { get: (key: string) => Promise.resolve(documents.byHash(key.slice(-64))), set: () => Promise.resolve(), delete: () => Promise.resolve(false) },
    formatError: (_formatted, error) => formatError(error, currentRequestId() ?? '', log),
    includeStacktraceInErrorResponses: false,
    introspection: options.introspection,
    parseOptions: { maxTokens: options.limits.tokens },
    validationOptions: { maxErrors: 1 },
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), ApolloServerPluginUsageReportingDisabled(), ApolloServerPluginInlineTraceDisabled(), ApolloServerPluginSchemaReportingDisabled(), ApolloServerPluginCacheControlDisabled()],
  });
  await server.start();
  const apiSchema = withScalars(schema);
  const documents = createDocuments({ ...options, schema: apiSchema });
  const planner = createPlanner({ supergraphSdl: options.supergraphSdl, schema: apiSchema, dataSources });
  const parts: Answering = { planner, server, dataSources, log };
  return {
    schema: apiSchema,
    documents,
    planner,
    admission: createAdmission({ schema: apiSchema, maxCost: options.limits.cost, budget: options.budget }),
    execute: (operation, variables, context) => inSpan('gateway', operation.kind, (span) => answer(parts, { operation, variables, context }, span)),
    close: () => server.stop(),
  };
}

interface Answering {
  planner: Planner;
  server: ApolloServer;
  dataSources: Readonly<Record<string, GraphQLDataSource>>;
  log: Log;
}

interface AskedOperation {
  operation: Operation;
  variables: Record<string, unknown>;
  context: OperationContext;
}

async function answer({ planner, server, dataSources, log }: Answering, { operation, variables, context }: AskedOperation, span: SpanAtHand): Promise<PublicResult> {
  span.set('graphql.operation.type', operation.kind);
  span.set('graphql.operation.name', operation.name ?? '');
  // What one subgraph answers as it is, and without an error, needs no executor: half of the work of a small request.
  const direct = planner.directFetchOf(operation, variables);
  const answered = direct === null ? null : await fetchDirectly(dataSources, direct, variables, context);
  if (answered !== null && answered.errors === undefined && answered.data !== undefined && answered.data !== null) return { data: (direct as DirectFetch).dataOf(answered.data as Record<string, unknown>) };
  const asked = { query: operation.text, variables, ...(operation.name === null ? {} : { operationName: operation.name }) };
  const response = await withRequestId(context.requestId, () => server.executeOperation(asked, { contextValue: { ...context, operation, answered } satisfies ExecutionContext }));
  if (response.body.kind !== 'single') throw new Error('the gateway answered in parts');
  const result = toPublicResult(response.body.singleResult, context.requestId, log);
  if (result.errors !== undefined) span.fail(outcomeOf(result));
  return result;
}

function fetchDirectly(dataSources: Answering['dataSources'], { subgraph, requestOf }: DirectFetch, variables: Record<string, unknown>, context: OperationContext): Promise<SubgraphResponse> {
  return sourceNamed(dataSources, subgraph).process({ request: requestOf(variables), context } as never) as Promise<SubgraphResponse>;
}

function sourceNamed(sources: Readonly<Record<string, GraphQLDataSource>>, name: string): GraphQLDataSource {
  const source = sources[name];
  if (source === undefined) throw new Error(`no link leads to the subgraph ${name}`);
  return source;
}

/** The supergraph knows our scalars by name only: with their own checks, a value that is none is refused here, and called what it is. */
function withScalars(schema: GraphQLSchema | null): GraphQLSchema {
  if (schema === null) throw new Error('the supergraph was not loaded');
  for (const [name, { parseValue, parseLiteral }] of Object.entries(scalars)) {
    const type = schema.getType(name);
    if (type instanceof GraphQLScalarType) Object.assign(type, { parseValue, parseLiteral });
  }
  return schema;
}
