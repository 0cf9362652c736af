import { buildOperationContext, executeQueryPlan, type ServiceMap } from '@apollo/gateway';
import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { GraphQLError, type GraphQLSchema, getVariableValues } from 'graphql';
import type { Operation } from './documents.ts';
import { RefusedOperation } from './format-error.ts';
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
 * Plans subscriptions, which @apollo/gateway can plan but refuses to execute. Its own executor answers each event, as if
 * the event were the answer of the plan's first fetch: joins, nulls, aliases and error paths are then a query's.
 */
export interface LivePlanner {
  /** @throws RefusedOperation for variables that do not fit. */
  checkVariables(operation: Operation, variables: Record<string, unknown>): void;
  planOf(operation: Operation): LivePlan;
}

export function createLivePlanner(options: { supergraphSdl: string; schema: GraphQLSchema; dataSources: ServiceMap }): LivePlanner {
  const supergraph = Supergraph.build(options.supergraphSdl);
  const apiSchema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  const plans = new WeakMap<Operation, LivePlan>();
  const shared: Shared = { ...options, apiSchema, supergraphSchema: supergraph.schema.toGraphQLJSSchema() };
  return {
    checkVariables(operation, variables) {
      const { errors } = getVariableValues(options.schema, operation.node.variableDefinitions ?? [], variables, { maxErrors: 5 });
      if (errors !== undefined) throw new RefusedOperation(errors.map(({ message, nodes }) => new GraphQLError(message, { nodes: nodes ?? null, extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } })));
    },
    planOf(operation) {
      const known = plans.get(operation);
      if (known !== undefined) return known;
      const internal = operationFromDocument(apiSchema, operation.document, operation.name === null ? {} : { operationName: operation.name });
      const plan = livePlanOf(operation, planner.buildQueryPlan(internal), shared);
      plans.set(operation, plan);
      return plan;
    },
  };
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
  const operationContext = buildOperationContext({ schema: shared.schema, operationDocument: operation.document, ...(operation.name === null ? {} : { operationName: operation.name }) });
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

function pick(variables: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => variables[name] !== undefined).map((name) => [name, variables[name]]));
}
