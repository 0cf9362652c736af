import { buildOperationContext, executeQueryPlan, type ServiceMap } from '@apollo/gateway';
import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import type { GraphQLSchema } from 'graphql';
import { type DirectFetch, directFetchOf, pick } from './direct-fetch.ts';
import type { Operation } from './documents.ts';
import type { OperationContext } from './subgraph-link.ts';

/** How a subscription is answered: which subgraph feeds it, and how each of its events is joined with the others. */
export interface LivePlan {
  subgraph: string;
  /** What that subgraph is asked. */
  upstreamRequest(variables: Record<string, unknown>): SubgraphRequest;
  /** One event, joined: what a query would have answered at this moment. */
  join(event: SubgraphResponse, variables: Record<string, unknown>, context: OperationContext): Promise<{ data?: unknown; errors?: readonly unknown[]; extensions?: Record<string, unknown> }>;
}

/**
 * Plans each operation once. Subscriptions, which @apollo/gateway can plan but refuses to execute, are answered by its own
 * executor event by event, as if the event were the answer of the plan's first fetch: joins, nulls, aliases and error
 * paths are then a query's.
 */
export interface Planner {
  planOf(operation: Operation): LivePlan;
  /** The one fetch that answers this query or mutation, where that is all of its plan. */
  directFetchOf(operation: Operation): DirectFetch | null;
  /**
   * Answers a query or mutation that was admitted by its plan, which is made once per operation.
   * @param answered what the subgraph of a direct fetch answered already: it is not asked again.
   */
  execute(operation: Operation, requestContext: QueryContext, answered?: SubgraphResponse | null): ReturnType<typeof executeQueryPlan>;
}

/** What Apollo Server hands to an executor. */
export type QueryContext = Parameters<typeof executeQueryPlan>[2];

export function createPlanner(options: { supergraphSdl: string; schema: GraphQLSchema; dataSources: ServiceMap }): Planner {
  const supergraph = Supergraph.build(options.supergraphSdl);
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  const plans = new WeakMap<Operation, LivePlan>();
  const shared: Shared = { ...options, apiSchema, supergraphSchema: supergraph.schema.toGraphQLJSSchema() };
  const queries = new WeakMap<Operation, PlannedQuery>();
  const buildPlan = (operation: Operation): QueryPlan => planner.buildQueryPlan(operationFromDocument(apiSchema, operation.document, operation.name === null ? {} : { operationName: operation.name }));
  function queryOf(operation: Operation): PlannedQuery {
    const known = queries.get(operation);
    if (known !== undefined) return known;
    const plan = buildPlan(operation);
    const query = { plan, context: operationContextOf(options.schema, operation), direct: directFetchOf(operation, plan) };
    queries.set(operation, query);
    return query;
  }
  return {
    directFetchOf: (operation) => queryOf(operation).direct,
    planOf(operation) {
      const known = plans.get(operation);
      if (known !== undefined) return known;
      const plan = livePlanOf(operation, buildPlan(operation), shared);
      plans.set(operation, plan);
      return plan;
    },
    execute(operation, requestContext, answered = null) {
      const { plan, context, direct } = queryOf(operation);
      const dataSources = answered === null || direct === null ? options.dataSources : { ...options.dataSources, [direct.subgraph]: { process: () => Promise.resolve(answered as never) } };
      return executeQueryPlan(plan, dataSources, requestContext, context, shared.supergraphSchema, apiSchema);
    },
  };
}

function operationContextOf(schema: GraphQLSchema, operation: Operation): ReturnType<typeof buildOperationContext> {
  return buildOperationContext({ schema, operationDocument: operation.document, ...(operation.name === null ? {} : { operationName: operation.name }) });
}

interface PlannedQuery {
  plan: QueryPlan;
  context: ReturnType<typeof buildOperationContext>;
  direct: DirectFetch | null;
}

interface Shared {
  schema: GraphQLSchema;
  apiSchema: Schema;
  supergraphSchema: GraphQLSchema;
  dataSources: ServiceMap;
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function livePlanOf(operation: Operation, queryPlan: QueryPlan, shared: Shared): LivePlan {
  const node = queryPlan.node;
  if (node?.kind !== 'Subscription') throw new Error('a subscription was planned as something else');
  const { primary, rest } = node;
  const perEvent: QueryPlan = { kind: 'QueryPlan', node: { kind: 'Sequence', nodes: rest === undefined ? [primary] : [primary, rest] } };
  const operationContext = operationContextOf(shared.schema, operation);
  const source = shared.dataSources[primary.serviceName];
  return {
    subgraph: primary.serviceName,
    upstreamRequest: (variables) => ({ query: primary.operation, operationName: primary.operationName, variables: pick(variables, primary.variableUsages ?? []) }),
    join(event, variables, context) {
      // Told apart by its text: `rest` may ask the same subgraph too, but always with a query.
      const dataSources: ServiceMap = {
        ...shared.dataSources,
        [primary.serviceName]: { process: (fetch) => (fetch.request.query === primary.operation ? Promise.resolve(event as never) : (source as NonNullable<typeof source>).process(fetch)) },
      };
      const requestContext = { request: { query: operation.text, operationName: operation.name ?? undefined, variables }, context, metrics: {}, logger: QUIET };
      return executeQueryPlan(perEvent, dataSources, requestContext as never, operationContext, shared.supergraphSchema, shared.apiSchema) as never;
    },
  };
}
