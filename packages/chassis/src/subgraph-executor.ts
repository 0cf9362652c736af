import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Caller } from '@iotistic/contracts/caller';
import { type DocumentNode, type ExecutionResult, execute, type GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { type AccessTable, applyAccess } from './access.ts';
import { currentRequestId, type Log, withRequestId } from './log.ts';
import { toGraphQLError } from './public-error.ts';
import { scalars } from './scalars.ts';

export interface SubgraphRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

export interface SubgraphContext {
  caller: Caller;
  requestId: string;
}

export interface SubgraphResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}

/** Answers the gateway's operations: parsed, checked and compiled once per text, since the gateway sends few and always the same. */
export interface SubgraphExecutor {
  readonly schema: GraphQLSchema;
  execute(request: SubgraphRequest, context: SubgraphContext): Promise<SubgraphResponse>;
  /** A stream, or the answer that refuses it. */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse>;
}

type Run = (context: object, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

interface Prepared {
  document: DocumentNode;
  uses: number;
  run: Run | null;
}

const MAX_PREPARED = 1_000;
/** Compiling costs some milliseconds: a document must come again to be worth it. */
const COMPILE_AFTER_USES = 2;

export function createSubgraphExecutor(options: { typeDefs: string; resolvers: object; access: AccessTable; createContext(context: SubgraphContext): object; log: Log }): SubgraphExecutor {
  const schema = buildSubgraphSchema({ typeDefs: parse(options.typeDefs), resolvers: withScalars(options.typeDefs, options.resolvers) as never });
  applyAccess(schema, options.access);
  const prepared = new Map<string, Prepared>();

  function prepare(request: SubgraphRequest): Prepared | { errors: readonly GraphQLError[] } {
    const key = `${request.operationName ?? ''}\0${request.query}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const document = parse(request.query, { noLocation: true });
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    if (prepared.size >= MAX_PREPARED) prepared.delete(prepared.keys().next().value ?? '');
    const entry: Prepared = { document, uses: 0, run: null };
    prepared.set(key, entry);
    return entry;
  }

  function runnerOf(entry: Prepared, operationName: string | undefined): Run {
    entry.uses += 1;
    if (entry.run === null && entry.uses > COMPILE_AFTER_USES) {
      const compiled = compileQuery(schema, entry.document, operationName ?? '');
      if (isCompiledQuery(compiled)) entry.run = (context, variables) => compiled.query(undefined, context, variables);
    }
    return entry.run ?? ((contextValue, variableValues) => execute({ schema, document: entry.document, contextValue, variableValues, operationName }));
  }

  function format(result: ExecutionResult, requestId: string): SubgraphResponse {
    if (result.errors === undefined || result.errors.length === 0) return { data: result.data ?? null };
    return { data: result.data ?? null, errors: result.errors.map((error) => toGraphQLError(error, requestId, options.log)) };
  }

  /** What is wrong with a document is the gateway's mistake or a mismatch of versions, never the client's. */
  function refuse(errors: readonly unknown[], requestId: string): SubgraphResponse {
    return { errors: errors.map((error) => toGraphQLError(new Error('the subgraph does not take this document', { cause: error }), requestId, options.log)) };
  }

  return {
    schema,
    execute(request, context) {
      return inRequest(context.requestId, async () => {
        try {
          const entry = prepare(request);
          if ('errors' in entry) return refuse(entry.errors, context.requestId);
          return format(await runnerOf(entry, request.operationName ?? undefined)(options.createContext(context), request.variables ?? {}), context.requestId);
        } catch (error) {
          return refuse([error], context.requestId);
        }
      });
    },
    subscribe(request, context) {
      return inRequest(context.requestId, async () => {
        const entry = prepare(request);
        if ('errors' in entry) return refuse(entry.errors, context.requestId);
        const result = await subscribe({ schema, document: entry.document, contextValue: options.createContext(context), variableValues: request.variables ?? {}, operationName: request.operationName });
        if (!(Symbol.asyncIterator in result)) return format(result, context.requestId);
        return mapIterator(result as AsyncIterator<ExecutionResult>, (event) => format(event, context.requestId));
      });
    },
  };
}

function inRequest<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  return currentRequestId() === requestId ? work() : withRequestId(requestId, work);
}

function withScalars(typeDefs: string, resolvers: object): object {
  const declared = Object.entries(scalars).filter(([name]) => new RegExp(`^scalar ${name}\\b`, 'm').test(typeDefs));
  return { ...resolvers, ...Object.fromEntries(declared) };
}

/** Hand-written, so that return() reaches the source at once and is not queued behind a pending next(). */
function mapIterator<A, B>(source: AsyncIterator<A>, map: (value: A) => B): AsyncIterableIterator<B> {
  const mapped = async (result: Promise<IteratorResult<A>> | undefined): Promise<IteratorResult<B>> => {
    const { value, done } = (await result) ?? { value: undefined, done: true };
    return done === true ? { value: undefined, done: true } : { value: map(value as A), done: false };
  };
  return {
    next: () => mapped(source.next()),
    return: () => mapped(source.return?.()),
    throw: (error) => mapped(source.throw?.(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
