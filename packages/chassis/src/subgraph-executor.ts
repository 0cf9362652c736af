import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Caller } from '@iotistic/contracts/caller';
import { createSourceEventStream, type DocumentNode, type ExecutionResult, execute, type GraphQLFormattedError, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { type AccessTable, applyAccess } from './access.ts';
import { LiveEvent, type LiveMark } from './live-event.ts';
import { currentRequestId, type Log, withRequestId } from './log.ts';
import { toGraphQLError } from './public-error.ts';
import { scalars } from './scalars.ts';
import { inSpan, type SpanAtHand } from './tracing.ts';

export interface SubgraphRequest {
  query: string;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
}

export interface SubgraphContext {
  caller: Caller;
  requestId: string;
  /** Where the client is, as the gateway sees it; absent where no client asks. */
  clientAddress?: string | undefined;
  /** Of a live operation whose gateway takes it up again: where it stood, or null where it begins. Its events then say where they stand. */
  live?: { after: string | null };
}

export interface SubgraphResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
  /** Who asks from here on, where a resolver replaced `context.caller`: somebody has just proved who he is. */
  caller?: Caller;
  extensions?: { live?: LiveMark };
}

/** Answers the gateway's operations: parsed, checked and compiled once per text, since the gateway sends few and always the same. */
export interface SubgraphExecutor {
  readonly schema: GraphQLSchema;
  execute(request: SubgraphRequest, context: SubgraphContext): Promise<SubgraphResponse>;
  /** A stream, or the answer that refuses it. */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse>;
}

const MAX_PREPARED = 1_000;
/** Compiling costs some milliseconds: a document must come again to be worth it. */
const COMPILE_AFTER_USES = 2;

type Run = (context: object, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

/** A document that was parsed and found to fit the schema. */
class PreparedDocument {
  #uses = 0;
  #run: Run | null = null;

  constructor(
    private readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    readonly operationName: string | undefined,
    /** Nothing that it asks for has to have the request's id at hand. */
    readonly handsOnRequestId: boolean,
  ) {}

  /** How to run it: by graphql-js at first, compiled once it has shown to come again. */
  runner(): Run {
    this.#uses += 1;
    if (this.#run === null && this.#uses > COMPILE_AFTER_USES) {
      const compiled = compileQuery(this.schema, this.document, this.operationName ?? '');
      if (isCompiledQuery(compiled)) this.#run = (context, variables) => compiled.query(undefined, context, variables);
    }
    return this.#run ?? ((contextValue, variableValues) => execute({ schema: this.schema, document: this.document, contextValue, variableValues, operationName: this.operationName }));
  }
}

/** The documents of a schema that were seen last, by text. */
class PreparedDocuments {
  readonly #known = new Map<string, PreparedDocument>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly handingOnRequestId: ReadonlySet<string>,
  ) {}

  /** @throws Error when the document does not parse or does not fit: the gateway's mistake or a mismatch of versions, never the client's. */
  get(request: SubgraphRequest): PreparedDocument {
    const key = `${request.operationName ?? ''}\0${request.query}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const document = parse(request.query, { noLocation: true });
    const [error] = validate(this.schema, document);
    if (error !== undefined) throw new Error('the subgraph does not take this document', { cause: error });
    if (this.#known.size >= MAX_PREPARED) this.#known.delete(this.#known.keys().next().value ?? '');
    const prepared = new PreparedDocument(this.schema, document, request.operationName ?? undefined, asksOnlyFor(this.handingOnRequestId, document));
    this.#known.set(key, prepared);
    return prepared;
  }
}

export interface ExecutorOptions {
  /** Whose it is, for traces. */
  name?: string;
  typeDefs: string;
  resolvers: object;
  access: AccessTable;
  /** Root fields that hand the request's id on by themselves, instead of having it at hand. */
  handingOnRequestId?: readonly string[];
  createContext(context: SubgraphContext): object;
  log: Log;
}

export function createSubgraphExecutor(options: ExecutorOptions): SubgraphExecutor {
  const { name = 'subgraph' } = options;
  const schema = buildSubgraphSchema({ typeDefs: parse(options.typeDefs), resolvers: withScalars(options.typeDefs, options.resolvers) as never });
  applyAccess(schema, options.access);
  const documents = new PreparedDocuments(schema, new Set(options.handingOnRequestId));

  function format(result: ExecutionResult, requestId: string): SubgraphResponse {
    if (result.errors === undefined || result.errors.length === 0) return { data: result.data ?? null };
    return { data: result.data ?? null, errors: result.errors.map((error) => toGraphQLError(error, requestId, options.log)) };
  }

  async function guarded<T>(requestId: string, work: () => Promise<T>): Promise<T | SubgraphResponse> {
    try {
      return await work();
    } catch (error) {
      return { errors: [toGraphQLError(error, requestId, options.log)] };
    }
  }

  async function answer(run: Run, variables: Record<string, unknown>, context: SubgraphContext, span: SpanAtHand): Promise<SubgraphResponse> {
    const own: { caller?: Caller } = options.createContext(context);
    const response = format(await run(own, variables), context.requestId);
    if (response.errors !== undefined) span.fail(reasonOf(response));
    return own.caller === undefined || own.caller === context.caller ? response : { ...response, caller: own.caller };
  }

  return {
    schema,
    execute(request, context) {
      return guarded(context.requestId, () => {
        const document = documents.get(request);
        const run = (): Promise<SubgraphResponse> => inSpan(name, request.operationName ?? 'operation', (span) => answer(document.runner(), request.variables ?? {}, context, span));
        return document.handsOnRequestId ? run() : inRequest(context.requestId, run);
      });
    },
    subscribe(request, context) {
      return guarded(context.requestId, () => inRequest(context.requestId, async () => {
        const { document, operationName } = documents.get(request);
        const args = { schema, document, contextValue: options.createContext(context), variableValues: request.variables ?? {}, operationName };
        const source = await createSourceEventStream(args);
        if (!(Symbol.asyncIterator in source)) return format(source, context.requestId);
        const answerEvent = async (rootValue: unknown): Promise<SubgraphResponse> => format(await execute({ ...args, rootValue }), context.requestId);
        return eventsOf(source[Symbol.asyncIterator](), answerEvent, context.live !== undefined);
      }));
    },
  };
}

/** Whether these are all the root fields of all its operations. */
function asksOnlyFor(fields: ReadonlySet<string>, { definitions }: DocumentNode): boolean {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  return operations.every(({ selectionSet }) => selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && fields.has(selection.name.value)));
}

function reasonOf({ errors }: SubgraphResponse): string {
  const reason = errors?.[0]?.extensions?.['reason'];
  return typeof reason === 'string' ? reason : 'error';
}

function inRequest<T>(requestId: string, work: () => Promise<T>): Promise<T> {
  return currentRequestId() === requestId ? work() : withRequestId(requestId, work);
}

function withScalars(typeDefs: string, resolvers: object): object {
  const declared = Object.entries(scalars).filter(([name]) => new RegExp(`^scalar ${name}\\b`, 'm').test(typeDefs));
  return { ...resolvers, ...Object.fromEntries(declared) };
}

/**
 * Answers a source event by event. What says only where the stream stands is for a gateway that asked for it. Written by hand, so
 * that return() reaches the source at once and is not queued behind a pending next().
 */
function eventsOf(source: AsyncIterator<unknown>, answer: (value: unknown) => Promise<SubgraphResponse>, isMarked: boolean): AsyncIterableIterator<SubgraphResponse> {
  const ended = { value: undefined, done: true } as const;
  async function next(): Promise<IteratorResult<SubgraphResponse>> {
    for (;;) {
      const { value, done } = await source.next();
      if (done === true) return ended;
      if (!(value instanceof LiveEvent)) return { value: await answer(value), done: false };
      const response = value.value === null ? {} : await answer(value.value);
      if (isMarked) return { value: { ...response, extensions: { live: value.mark } }, done: false };
      if (value.value !== null) return { value: response, done: false };
    }
  }
  return {
    next,
    return: async () => {
      await source.return?.();
      return ended;
    },
    throw: async (error) => {
      await source.throw?.(error);
      return ended;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
