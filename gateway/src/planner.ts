import { buildOperationContext, executeQueryPlan, type GraphQLDataSource, type ServiceMap } from '@apollo/gateway';
import { operationFromDocument, type Schema, Supergraph } from '@apollo/federation-internals';
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner';
import type { SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { answerOrderOf } from './answer-order.ts';
import { withAskedPaths } from './asked-paths.ts';
import { type Conditions, conditionsOf, decided, decisionsOf, undecided } from './conditions.ts';
import { type DirectFetch, directFetchOf, pick } from './direct-fetch.ts';
import type { Operation } from './documents.ts';
import { RefusedOperation } from './format-error.ts';
import { type NarrowedTypes, narrowedTypesOf, touchesNarrowedType } from './hidden-parts.ts';
import { type SchemaQuestions, schemaQuestionsOf } from './introspection.ts';
import { type DependentFields, dependentFieldsOf, nameDependentFields } from './lost-fields.ts';
import { type PlannedForm, plannedFormOf, type PlannerNames, plannerNamesOf, planRenamesOf } from './private-names.ts';
import type { OperationContext } from './subgraph-link.ts';

/** How a subscription is answered: which subgraph feeds it, and how each of its events is joined with the others. */
export interface LivePlan {
  subgraph: string;
  /** What that subgraph is asked. */
  upstreamRequest(variables: Record<string, unknown>): SubgraphRequest;
  /** One event, joined: what a query would have answered at this moment. An event without data is a refusal, and stays one. */
  join(event: SubgraphResponse, variables: Record<string, unknown>, context: OperationContext): Promise<ExecutedResult>;
}

/** What the executor answers. */
interface ExecutedResult {
  data?: unknown;
  errors?: readonly unknown[];
  extensions?: Record<string, unknown>;
}

/**
 * Plans each operation once. Subscriptions, which @apollo/gateway can plan but refuses to execute, are answered by its own
 * executor event by event, as if the event were the answer of the plan's first fetch: joins, nulls, aliases and error
 * paths are then a query's.
 */
export interface Planner {
  /** @throws RefusedOperation for variables that decide over fields and are neither true nor false. */
  planOf(operation: Operation, variables: Record<string, unknown>): LivePlan;
  /** The one fetch that answers this query or mutation, where that is all of its plan. */
  directFetchOf(operation: Operation, variables: Record<string, unknown>): DirectFetch | null;
  /**
   * Answers a query or mutation that was admitted by its plan, which is made once for what its variables decide over fields.
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
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();
  const shared: Shared = { ...options, apiSchema, supergraphSchema, names: plannerNamesOf(options.supergraphSdl), narrowed: narrowedTypesOf(supergraphSchema, options.schema) };
  const decisions = new Decisions();
  const buildPlan = (operation: Operation): QueryPlan => planner.buildQueryPlan(operationFromDocument(apiSchema, operation.document, operation.name === null ? {} : { operationName: operation.name }));
  const planned = (operation: Operation): PlannedOperation => {
    const form = plannedFormOf(operation, shared.names);
    const plan = buildPlan(form.operation);
    return { form, order: answerOrderOf(operation), plan, renames: planRenamesOf(plan), dependent: dependentFieldsOf(plan), context: operationContextOf(options.schema, form.operation) };
  };
  function queryOf(decided: DecidedOperation): PreparedQuery {
    if (decided.query !== null) return decided.query;
    const questions = schemaQuestionsOf(decided.operation, options.schema);
    const asked = questions === null ? decided.operation : questions.rest;
    const own = asked === null ? null : planned(asked);
    decided.query = { questions, planned: own, direct: own === null || questions !== null ? null : directOf(own, shared) };
    return decided.query;
  }
  return {
    directFetchOf(operation, variables) {
      const decided = decisions.decided(operation, variables);
      return decided === null ? null : queryOf(decided).direct;
    },
    planOf(operation, variables) {
      const decided = decisions.decided(operation, variables);
      if (decided === null) throw new RefusedOperation(decisions.undecided(operation, variables));
      return (decided.live ??= livePlanOf(planned(decided.operation), shared));
    },
    async execute(operation, requestContext, answered = null) {
      const decided = decisions.decided(operation, requestContext.request.variables ?? {});
      if (decided === null) return { errors: decisions.undecided(operation, requestContext.request.variables ?? {}) };
      const query = queryOf(decided);
      const { direct } = query;
      const dataSources = answered === null || direct === null ? options.dataSources : { ...options.dataSources, [direct.subgraph]: { process: () => Promise.resolve(answered as never) } };
      return answerQuery(query, requestContext, dataSources, shared) as never;
    },
  };
}

/** So many ways to carry out one operation are remembered, of those that its variables decide between. */
const MAX_DECISIONS = 16;

interface DecidedOperation {
  operation: Operation;
  query: PreparedQuery | null;
  live: LivePlan | null;
}

/** Operations under what their variables decide over fields. */
class Decisions {
  readonly #known = new WeakMap<Operation, { conditions: Conditions; byDecisions: Map<string, DecidedOperation> }>();

  /** Null where a variable that decides is neither true nor false. */
  decided(operation: Operation, variables: Record<string, unknown>): DecidedOperation | null {
    const { conditions, byDecisions } = this.#of(operation);
    const decisions = decisionsOf(conditions, variables);
    if (decisions === null) return null;
    const known = byDecisions.get(decisions);
    if (known !== undefined) return known;
    if (byDecisions.size >= MAX_DECISIONS) byDecisions.delete(byDecisions.keys().next().value ?? '');
    const decidedOperation = { operation: conditions.any ? decided(operation, conditions, decisions) : operation, query: null, live: null };
    byDecisions.set(decisions, decidedOperation);
    return decidedOperation;
  }

  undecided(operation: Operation, variables: Record<string, unknown>): GraphQLError[] {
    return undecided(this.#of(operation).conditions, variables);
  }

  #of(operation: Operation): { conditions: Conditions; byDecisions: Map<string, DecidedOperation> } {
    const known = this.#known.get(operation) ?? { conditions: conditionsOf(operation), byDecisions: new Map<string, DecidedOperation>() };
    this.#known.set(operation, known);
    return known;
  }
}

function operationContextOf(schema: GraphQLSchema, operation: Operation): ReturnType<typeof buildOperationContext> {
  return buildOperationContext({ schema, operationDocument: operation.document, ...(operation.name === null ? {} : { operationName: operation.name }) });
}

/** An operation under names that nothing which the planner adds can be taken for, and how it is carried out. */
interface PlannedOperation {
  form: PlannedForm;
  order: ReturnType<typeof answerOrderOf>;
  plan: QueryPlan;
  renames: ReadonlyMap<string, string>;
  dependent: DependentFields;
  context: ReturnType<typeof buildOperationContext>;
}

interface PreparedQuery {
  questions: SchemaQuestions | null;
  /** Null where the schema alone is asked for. */
  planned: PlannedOperation | null;
  direct: DirectFetch | null;
}

interface Shared {
  schema: GraphQLSchema;
  apiSchema: Schema;
  supergraphSchema: GraphQLSchema;
  dataSources: ServiceMap;
  names: PlannerNames;
  narrowed: NarrowedTypes;
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function directOf({ form, plan, order }: PlannedOperation, shared: Shared): DirectFetch | null {
  const direct = touchesNarrowedType(form.operation, shared.schema, shared.narrowed) ? null : directFetchOf(form.operation, plan);
  return direct === null ? null : { subgraph: direct.subgraph, requestOf: (variables) => direct.requestOf(form.variables(variables)), dataOf: order === null ? (data) => form.data(data) : (data) => order(form.data(data)) };
}

async function answerQuery({ questions, planned }: PreparedQuery, requestContext: QueryContext, dataSources: ServiceMap, shared: Shared): Promise<ExecutedResult> {
  const result = planned === null ? { data: {} } : await carryOut(planned, planned.plan, requestContext, dataSources, shared);
  if (questions === null || result.data === null || result.data === undefined) return result;
  const answered = await questions.answer(requestContext.request.variables ?? {});
  return { ...result, data: questions.merged(answered, result.data as Record<string, unknown>) };
}

/** Executes a plan, and answers under the names that the client chose. */
async function carryOut(planned: PlannedOperation, plan: QueryPlan, asked: QueryContext, dataSources: ServiceMap, shared: Shared): Promise<ExecutedResult> {
  const requestContext = { ...asked, request: { ...asked.request, variables: planned.form.variables(asked.request.variables ?? {}) } };
  const result: ExecutedResult = await executeQueryPlan(plan, namingDependents(dataSources, planned.dependent), requestContext, planned.context, shared.supergraphSchema, shared.apiSchema);
  const answer = underOwnNames(planned, result);
  return planned.order === null || answer.data === undefined ? answer : { ...answer, data: planned.order(answer.data) };
}

function namingDependents(dataSources: ServiceMap, dependent: DependentFields): ServiceMap {
  if (dependent.size === 0) return dataSources;
  const naming = (source: GraphQLDataSource): GraphQLDataSource => ({
    async process(fetch) {
      const response = await source.process(fetch);
      const names = dependent.get(fetch.request.query ?? '');
      return response.errors === undefined || names === undefined ? response : (nameDependentFields(response as SubgraphResponse, names) as never);
    },
  });
  return Object.fromEntries(Object.entries(dataSources).map(([name, source]) => [name, naming(source)]));
}

function underOwnNames({ form, renames }: PlannedOperation, result: ExecutedResult): ExecutedResult {
  const planPath = (path: Path): Path => path.map((part) => renames.get(part as string) ?? part);
  const own = (errors: readonly unknown[]): GraphQLError[] => {
    const known = (errors as GraphQLError[]).map((error) => (error.path === undefined || renames.size === 0 ? error : withPath(error, planPath(error.path))));
    return withAskedPaths(known, form.operation, withPath).map((error) => (error.path === undefined ? error : withPath(error, form.path(error.path))));
  };
  const incomplete = result.extensions?.['valueCompletion'];
  return {
    ...(result.data === undefined ? {} : { data: form.data(result.data) }),
    ...(result.errors === undefined ? {} : { errors: own(result.errors) }),
    ...(Array.isArray(incomplete) ? { extensions: { valueCompletion: own(incomplete) } } : {}),
  };
}

type Path = readonly (string | number)[];

function withPath({ message, nodes, source, positions, originalError, extensions }: GraphQLError, path: Path): GraphQLError {
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, originalError: originalError ?? null, extensions, path });
}

function livePlanOf(planned: PlannedOperation, shared: Shared): LivePlan {
  const { form, plan } = planned;
  const node = plan.node;
  if (node?.kind !== 'Subscription') throw new RefusedOperation([new GraphQLError('Nothing is left of this subscription.', { extensions: { code: 'INVALID_INPUT', reason: 'MALFORMED_QUERY' } })]);
  const { primary, rest } = node;
  const perEvent: QueryPlan = { kind: 'QueryPlan', node: { kind: 'Sequence', nodes: rest === undefined ? [primary] : [primary, rest] } };
  const source = shared.dataSources[primary.serviceName];
  return {
    subgraph: primary.serviceName,
    upstreamRequest: (variables) => ({ query: primary.operation, operationName: primary.operationName, variables: pick(form.variables(variables), primary.variableUsages ?? []) }),
    join(event, variables, context) {
      if (event.data === undefined || event.data === null) return Promise.resolve(underOwnNames(planned, { errors: event.errors ?? [] }));
      // Told apart by its text: `rest` may ask the same subgraph too, but always with a query.
      const dataSources: ServiceMap = {
        ...shared.dataSources,
        [primary.serviceName]: { process: (fetch) => (fetch.request.query === primary.operation ? Promise.resolve(event as never) : (source as NonNullable<typeof source>).process(fetch)) },
      };
      const requestContext = { request: { query: form.operation.text, operationName: form.operation.name ?? undefined, variables }, context, metrics: {}, logger: QUIET };
      return carryOut(planned, perEvent, requestContext as never, dataSources, shared);
    },
  };
}
