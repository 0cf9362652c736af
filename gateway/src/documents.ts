import { createHash } from 'node:crypto';
import { type DocumentLimits, parseDocument } from '@iotistic/chassis/document';
import { CLIENT_RULES } from '@iotistic/chassis/literal-rule';
import { toAppError } from '@iotistic/chassis/public-error';
import { checkCostlyFields, type RootField, rootFieldsOf } from '@iotistic/chassis/root-fields';
import { compileVariableCheck, type VariableCheck } from '@iotistic/chassis/variable-check';
import { AppError } from '@iotistic/contracts/errors';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { RefusedOperation } from './format-error.ts';
import { checkShape, fieldsOf, type QueryLimits } from './limits.ts';
import { costOf, pointsOf } from './query-cost.ts';

/** One operation of a document that was parsed, measured and validated. */
export interface Operation {
  kind: 'query' | 'mutation' | 'subscription';
  name: string | null;
  text: string;
  document: DocumentNode;
  node: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  rootFields: readonly RootField[];
  variables: VariableCheck;
  /** What it costs whatever its variables are; null where they decide. */
  fixedCost: { fields: number; points: number } | null;
  /** Its fields once every fragment is written out: what it costs to plan it. */
  writtenFields: number;
}

/** Documents by their text. Clients send few and always the same, and validating is the dearest step of a small request. */
export interface Documents {
  /**
   * The operation that a request means, checked against every limit of the document.
   * @throws RefusedOperation for what is wrong with the document, AppError for what is wrong with the request.
   */
  operationOf(request: { query: string; operationName: string | null }): Operation;
  /** The document whose text has this SHA-256 (hex), if it is still known. */
  byHash(sha256: string): DocumentNode | undefined;
}

interface Entry {
  sha256: string;
  document: DocumentNode | null;
  operations: readonly Operation[];
  refusal: RefusedOperation | null;
}

const MAX_DOCUMENTS = 2_000;
const MAX_DOCUMENTS_CHARACTERS = 20_000_000;
const MAX_VALIDATION_ERRORS = 5;
/** Of a document's text: comments and blanks are no tokens, but are read as well. */
const MAX_CHARACTERS = 131_072;
/**
 * Brackets of any kind within each other: those of a document as deep as is allowed, with its arguments, are half of
 * it.
 */
const MAX_NESTING = 64;
/** What a parsed and planned document costs beside its text. */
const DOCUMENT_OVERHEAD_CHARACTERS = 1_000;

export function createDocuments(options: { schema: GraphQLSchema; limits: QueryLimits; introspection: boolean; suggestions: boolean }): Documents {
  const hashes = new Map<string, Entry>();
  const entries = new LRUCache<string, Entry>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_DOCUMENTS_CHARACTERS,
    sizeCalculation: (_entry, text) => text.length + DOCUMENT_OVERHEAD_CHARACTERS,
    dispose: (entry) => hashes.delete(entry.sha256),
  });

  function entryOf(text: string): Entry {
    const known = entries.get(text);
    if (known !== undefined) return known;
    const entry = prepare(text, options);
    entries.set(text, entry);
    if (entries.has(text)) hashes.set(entry.sha256, entry);
    return entry;
  }

  return {
    operationOf({ query, operationName }) {
      if (query.length > MAX_CHARACTERS)
        throw new AppError('INVALID_INPUT', 'QUERY_TOO_LONG', undefined, {
          details: { maximumCharacters: MAX_CHARACTERS },
        });
      const entry = entryOf(query);
      if (entry.refusal !== null) throw entry.refusal;
      const chosen =
        operationName === null
          ? entry.operations.length === 1
            ? entry.operations[0]
            : undefined
          : entry.operations.find(({ name }) => name === operationName);
      if (chosen === undefined) throw new AppError('INVALID_INPUT', 'UNKNOWN_OPERATION');
      return chosen;
    },
    byHash: (sha256) => hashes.get(sha256)?.document ?? undefined,
  };
}

function prepare(text: string, options: Parameters<typeof createDocuments>[0]): Entry {
  const entry: Entry = { sha256: createHash('sha256').update(text).digest('hex'), document: null, operations: [], refusal: null };
  try {
    const document = parseWithin(text, {
      characters: MAX_CHARACTERS,
      tokens: options.limits.tokens,
      nesting: MAX_NESTING,
    });
    checkShape(document, options.limits);
    checkAgainstSchema(document, options);
    entry.operations = operationsOf(text, document, options.schema);
    entry.document = document;
  } catch (error) {
    if (error instanceof RefusedOperation) entry.refusal = error;
    else {
      const appError = toAppError(error);
      if (appError.code !== 'INVALID_INPUT') throw error;
      entry.refusal = new RefusedOperation([asGraphQLError(appError)]);
    }
  }
  return entry;
}

function parseWithin(text: string, limits: DocumentLimits): DocumentNode {
  try {
    return parseDocument(text, limits);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new RefusedOperation([refused(error)]);
  }
}

function checkAgainstSchema(document: DocumentNode, options: { schema: GraphQLSchema; introspection: boolean; suggestions: boolean }): void {
  if (!options.introspection && asksForSchema(document)) throw new AppError('INVALID_INPUT', 'INTROSPECTION_DISABLED');
  const errors = validate(options.schema, document, CLIENT_RULES, {
    maxErrors: MAX_VALIDATION_ERRORS,
    hideSuggestions: !options.suggestions,
  });
  if (errors.length === 0) return;
  throw new RefusedOperation(errors.slice(0, MAX_VALIDATION_ERRORS).map(refused));
}

function asksForSchema(document: DocumentNode): boolean {
  const isSchemaField = (name: string): boolean => name === '__schema' || name === '__type';
  return document.definitions.some((definition) => 'selectionSet' in definition && hasField(definition.selectionSet, isSchemaField));
}

function hasField(selectionSet: OperationDefinitionNode['selectionSet'], matches: (name: string) => boolean): boolean {
  return selectionSet.selections.some(
    (selection) => (selection.kind === Kind.FIELD && matches(selection.name.value)) || (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined && hasField(selection.selectionSet, matches)),
  );
}

function operationsOf(text: string, document: DocumentNode, schema: GraphQLSchema): Entry['operations'] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((node) => {
      const cost = costOf(node, fragments, schema, {});
      const rootFields = rootFieldsOf(node, fragments);
      checkCostlyFields(rootFields);
      return {
        kind: node.operation,
        name: node.name?.value ?? null,
        text,
        document,
        node,
        fragments,
        rootFields,
        variables: compileVariableCheck(schema, node, fragments),
        fixedCost: cost.varies ? null : { fields: cost.fields, points: pointsOf(node, fragments, schema, {}) },
        writtenFields: fieldsOf(node, fragments),
      };
    });
}

function refused({ message, nodes, source, positions, extensions }: GraphQLError): GraphQLError {
  const where = nodes === undefined ? { source: source ?? null, positions: positions ?? null } : { nodes };
  return new GraphQLError(message, {
    ...where,
    extensions: { code: 'INVALID_INPUT', reason: extensions['reason'] ?? 'MALFORMED_QUERY' },
  });
}

function asGraphQLError(error: AppError): GraphQLError {
  return new GraphQLError(error.message, { extensions: { ...error.details, code: error.code, reason: error.reason } });
}
