import { AppError } from '@iotistic/contracts/errors';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How much a document may ask for: the same for HTTP, event streams and WebSocket. */
export interface QueryLimits {
  tokens: number;
  depth: number;
  aliases: number;
  rootFields: number;
  directives: number;
  /** Fields once every fragment is written out where it is spread. */
  fields: number;
  /** Fields of the answer, estimated. */
  cost: number;
}

interface Shape {
  depth: number;
  fields: number;
}

/**
 * Measures a document before it is validated: validation itself is what a hostile one would exhaust. Fragments are
 * measured once and added up wherever they are spread, so that one which multiplies itself costs as little as any other.
 * @throws AppError INVALID_INPUT with the limit that it exceeds.
 */
export function checkShape(document: DocumentNode, limits: QueryLimits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const counter = new ShapeCounter(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const shape = definition.kind === Kind.FRAGMENT_DEFINITION ? counter.fragment(definition.name.value) : counter.selectionSet(definition.selectionSet);
    counter.directives += definition.directives?.length ?? 0;
    requireAtMost(shape.fields, limits.fields, 'QUERY_TOO_COMPLEX');
    if (definition.kind === Kind.FRAGMENT_DEFINITION) continue;
    // How deep a fragment lies is known only where it is spread.
    requireAtMost(shape.depth, limits.depth, 'QUERY_TOO_DEEP');
    requireAtMost(counter.rootFields(definition.selectionSet), limits.rootFields, 'TOO_MANY_ROOT_FIELDS');
  }
  requireAtMost(counter.repeats, MAX_REPEATS, 'QUERY_TOO_COMPLEX');
  requireAtMost(counter.aliases, limits.aliases, 'TOO_MANY_ALIASES');
  requireAtMost(counter.directives, limits.directives, 'TOO_MANY_DIRECTIVES');
}

/**
 * The fields of an operation once every fragment is written out, but those of the schema's own description: nothing is
 * planned for them.
 */
export function fieldsOf(
  { selectionSet }: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): number {
  const selections = selectionSet.selections.filter(
    (selection) => selection.kind !== Kind.FIELD || !isIntrospection(selection.name.value),
  );
  return new ShapeCounter(fragments).selectionSet({ ...selectionSet, selections }).fields;
}

function isIntrospection(field: string): boolean {
  return field === '__schema' || field === '__type';
}

function requireAtMost(actual: number, maximum: number, reason: 'QUERY_TOO_DEEP' | 'QUERY_TOO_COMPLEX' | 'TOO_MANY_ROOT_FIELDS' | 'TOO_MANY_ALIASES' | 'TOO_MANY_DIRECTIVES'): void {
  if (actual > maximum) throw new AppError('INVALID_INPUT', reason, undefined, { details: { maximum } });
}

/** How often one selection set may name the same field, or spread fragments: whether they can be merged is looked at pair by pair. */
const MAX_REPEATS = 40;
const NOTHING: Shape = { depth: 0, fields: 0 };

class ShapeCounter {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #measured = new Map<string, Shape>();
  aliases = 0;
  directives = 0;
  /** The most that one selection set repeats itself. */
  repeats = 0;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  fragment(name: string): Shape {
    const known = this.#measured.get(name);
    const definition = this.#fragments.get(name);
    if (known !== undefined || definition === undefined) return known ?? NOTHING;
    // A fragment within itself counts nothing here: validation says what is wrong with it.
    this.#measured.set(name, NOTHING);
    const shape = this.selectionSet(definition.selectionSet);
    this.#measured.set(name, shape);
    return shape;
  }

  selectionSet(selectionSet: SelectionSetNode): Shape {
    let depth = 0;
    let fields = 0;
    this.#countRepeats(selectionSet);
    for (const selection of selectionSet.selections) {
      this.directives += selection.directives?.length ?? 0;
      let shape: Shape;
      if (selection.kind === Kind.FRAGMENT_SPREAD) shape = this.fragment(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) shape = this.selectionSet(selection.selectionSet);
      else {
        if (selection.alias !== undefined) this.aliases += 1;
        const below = selection.selectionSet === undefined ? NOTHING : this.selectionSet(selection.selectionSet);
        // The schema's own description is deep by nature; graphql limits how often its lists may nest.
        shape = { depth: 1 + (isIntrospection(selection.name.value) ? 0 : below.depth), fields: 1 + below.fields };
      }
      depth = Math.max(depth, shape.depth);
      fields += shape.fields;
    }
    return { depth, fields };
  }

  #countRepeats({ selections }: SelectionSetNode): void {
    if (selections.length <= this.repeats) return;
    const counts = new Map<string, number>();
    for (const selection of selections) {
      const name = selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : '...';
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      this.repeats = Math.max(this.repeats, count);
    }
  }

  rootFields(selectionSet: SelectionSetNode, visited = new Set<string>()): number {
    let count = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) count += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += this.rootFields(selection.selectionSet, visited);
      else if (!visited.has(selection.name.value)) {
        const definition = this.#fragments.get(selection.name.value);
        if (definition !== undefined) count += this.rootFields(definition.selectionSet, visited.add(selection.name.value));
      }
    }
    return count;
  }
}
