import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { RootRule } from '@iotistic/contracts/root-fields';
import { createSourceEventStream, type DocumentNode, type ExecutionResult, execute, type FragmentDefinitionNode, GraphQLError, type GraphQLFormattedError, type GraphQLSchema, Kind, type OperationDefinitionNode, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { type AccessTable, applyAccess } from './access.ts';
import { type DocumentLimits, parseDocument } from './document.ts';
import { checkRepresentations } from './entity-check.ts';
import { LiveEvent, type LiveMark } from './live-event.ts';
import { CLIENT_RULES } from './literal-rule.ts';
import { currentRequestId, type Log, withRequestId } from './log.ts';
import { toGraphQLErrors } from './public-error.ts';
import { checkCostlyFields, refusalOf, type RootField, rootFieldsOf } from './root-fields.ts';
import { scalars } from './scalars.ts';
import { inSpan, type SpanAtHand } from './tracing.ts';
import { trimArguments } from './trim-arguments.ts';
import { compileVariableCheck, type VariableCheck } from './variable-check.ts';

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

/** A gateway's documents have a client's fields with every fragment written out. */
const DOCUMENT_LIMITS: DocumentLimits = { characters: 1_000_000, tokens: 50_000, nesting: 200 };
/** A call of a thousand reports has some twenty thousand. */
const MAX_VALUES = 30_000;
const MAX_VALIDATION_ERRORS = 1;

type Run = (context: object, variables: Record<string, unknown>) => Promise<ExecutionResult> | ExecutionResult;

/** A document that was parsed and found to fit the schema. */
class PreparedDocument {
  #uses = 0;
  #run: Run | null = null;
  readonly #operation: OperationDefinitionNode;
  readonly #rootFields: readonly RootField[];
  readonly #variables: VariableCheck;

  constructor(
    private readonly schema: GraphQLSchema,
    readonly document: DocumentNode,
    readonly operationName: string | undefined,
    /** Nothing that it asks for has to have the request's id at hand. */
    readonly handsOnRequestId: boolean,
  ) {
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    this.#operation = operationOf(document, operationName);
    this.#rootFields = rootFieldsOf(this.#operation, fragments);
    checkCostlyFields(this.#rootFields);
    this.#variables = compileVariableCheck(schema, this.#operation, fragments);
  }

  /**
   * What refuses a request before its variables are made into anything: that its caller may not ask it, or that they
   * do not fit. @throws AppError
   */
  refusalsOf({ variables }: SubgraphRequest, caller: Caller, access: AccessTable): readonly GraphQLError[] {
    // Without variables the field's own rule refuses as early, and leaves the fields beside it.
    const refusal = this.#operation.variableDefinitions?.length
      ? refusalOf(this.#operation, this.#rootFields, (name) => ruleOf(access, name), caller)
      : null;
    if (refusal !== null) return [refusal];
    return this.#variables
      .problemsOf(variables ?? {}, MAX_VALUES)
      .map(
        (problem) => new GraphQLError(problem, { extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } }),
      );
  }

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

function operationOf({ definitions }: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const chosen =
    name === undefined
      ? operations.length === 1
        ? operations[0]
        : undefined
      : operations.find((operation) => operation.name?.value === name);
  if (chosen === undefined) throw new AppError('INVALID_INPUT', 'UNKNOWN_OPERATION');
  return chosen;
}

function ruleOf(access: AccessTable, name: string): RootRule | undefined {
  const key = Object.hasOwn(access, name) ? name : (name.split('.')[0] ?? '');
  return Object.hasOwn(access, key) ? access[key]?.rule : undefined;
}

/** The documents of a schema that were seen last, by text. */
class PreparedDocuments {
  readonly #known = new Map<string, PreparedDocument>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly handingOnRequestId: ReadonlySet<string>,
  ) {}

  /**
   * @throws AppError INVALID_INPUT when the document does not parse or does not fit: the mistake of whoever wrote it,
   * which is a gateway of another version or a stranger.
   */
  get(request: SubgraphRequest): PreparedDocument {
    const key = `${request.operationName ?? ''}\0${request.query}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const document = parseDocument(request.query, DOCUMENT_LIMITS, { noLocation: true });
    const [error] = validate(this.schema, document, CLIENT_RULES, {
      maxErrors: MAX_VALIDATION_ERRORS,
      hideSuggestions: true,
    });
    // A text that is refused says so; all else does not fit the schema.
    if (error !== undefined) throw error.extensions['reason'] === undefined ? new AppError('INVALID_INPUT', 'MALFORMED_QUERY', error.message) : error;
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
  checkRepresentations(schema);
  trimArguments(schema);
  const documents = new PreparedDocuments(schema, new Set(options.handingOnRequestId));

  function format(result: ExecutionResult, requestId: string): SubgraphResponse {
    if (result.errors === undefined || result.errors.length === 0) return { data: result.data ?? null };
    return { data: result.data ?? null, errors: toGraphQLErrors(result.errors, requestId, options.log) };
  }

  async function guarded<T>(requestId: string, work: () => Promise<T>): Promise<T | SubgraphResponse> {
    try {
      return await work();
    } catch (error) {
      return { errors: toGraphQLErrors([error], requestId, options.log) };
    }
  }

  async function answer(
    document: PreparedDocument,
    request: SubgraphRequest,
    context: SubgraphContext,
    span: SpanAtHand,
  ): Promise<SubgraphResponse> {
    const refusals = document.refusalsOf(request, context.caller, options.access);
    if (refusals.length > 0) return { errors: toGraphQLErrors(refusals, context.requestId, options.log) };
    const own: { caller?: Caller } = options.createContext(context);
    const response = format(await document.runner()(own, request.variables ?? {}), context.requestId);
    if (response.errors !== undefined) span.fail(reasonOf(response));
    return own.caller === undefined || own.caller === context.caller ? response : { ...response, caller: own.caller };
  }

  return {
    schema,
    execute(request, context) {
      return guarded(context.requestId, () => {
        const document = documents.get(request);
        const run = (): Promise<SubgraphResponse> =>
          inSpan(name, request.operationName ?? 'operation', (span) => answer(document, request, context, span));
        return document.handsOnRequestId ? run() : inRequest(context.requestId, run);
      });
    },
    subscribe(request, context) {
      return guarded(context.requestId, () => inRequest(context.requestId, async () => {
        const prepared = documents.get(request);
        const refusals = prepared.refusalsOf(request, context.caller, options.access);
        if (refusals.length > 0) return { errors: toGraphQLErrors(refusals, context.requestId, options.log) };
        const { document, operationName } = prepared;
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
