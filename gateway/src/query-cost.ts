import { type FieldNode, type FragmentDefinitionNode, getNamedType, getNullableType, type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isCompositeType, isInterfaceType, isListType, isObjectType, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/** Entries that a list without a page size is taken to have. */
const UNPAGED_LIST_ENTRIES = 5;
/** The lists within a page: the page's size was asked for one level above. */
const LISTS_OF_A_PAGE = new Set(['edges', 'nodes']);
const MAX_PAGE_SIZE_COUNTED = 1_000_000;

export interface Cost {
  /** Fields of the answer, estimated. */
  fields: number;
  /** Whether a page size comes from a variable, so that each request must be looked at. */
  varies: boolean;
}

/** How many fields an answer may have: each field once, times the sizes of the pages and lists it lies in. For valid documents only. */
export function costOf(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, schema: GraphQLSchema, variables: Record<string, unknown>): Cost {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return { fields: 0, varies: false };
  const walk = new CostWalk(operation, fragments, schema, variables);
  return { fields: walk.selectionSet(operation.selectionSet, root, false), varies: walk.varies };
}

class CostWalk {
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #schema: GraphQLSchema;
  readonly #variables: Record<string, unknown>;
  readonly #measured = new Map<string, number>();
  varies = false;

  constructor(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, schema: GraphQLSchema, variables: Record<string, unknown>) {
    this.#operation = operation;
    this.#fragments = fragments;
    this.#schema = schema;
    this.#variables = variables;
  }

  selectionSet(selectionSet: SelectionSetNode, parent: unknown, inPage: boolean): number {
    let total = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) total += this.#field(selection, parent, inPage);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) total += this.#fragment(selection.name.value, inPage);
      else total += this.selectionSet(selection.selectionSet, selection.typeCondition === undefined ? parent : this.#schema.getType(selection.typeCondition.name.value), inPage);
    }
    return total;
  }

  #fragment(name: string, inPage: boolean): number {
    const key = `${name} ${inPage}`;
    const known = this.#measured.get(key);
    const definition = this.#fragments.get(name);
    if (known !== undefined || definition === undefined) return known ?? 0;
    const cost = this.selectionSet(definition.selectionSet, this.#schema.getType(definition.typeCondition.name.value), inPage);
    this.#measured.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: unknown, inPage: boolean): number {
    const field = isObjectType(parent) || isInterfaceType(parent) ? (parent as GraphQLObjectType).getFields()[node.name.value] : undefined;
    if (field === undefined || node.selectionSet === undefined) return 1;
    const type = getNamedType(field.type);
    if (!isCompositeType(type)) return 1;
    const pageSize = this.#pageSize(node, field);
    const below = this.selectionSet(node.selectionSet, type, pageSize !== null);
    const unpaged = isListType(getNullableType(field.type)) && !(inPage && LISTS_OF_A_PAGE.has(node.name.value)) ? UNPAGED_LIST_ENTRIES : 1;
    return 1 + (pageSize ?? unpaged) * below;
  }

  /** What `first` is here; null for a field that has none. */
  #pageSize(node: FieldNode, field: GraphQLField<unknown, unknown>): number | null {
    const argument = field.args.find(({ name }) => name === 'first');
    if (argument === undefined) return null;
    const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    if (value?.kind === Kind.INT) return bounded(Number(value.value));
    if (value?.kind !== Kind.VARIABLE) return bounded(argument.defaultValue);
    this.varies = true;
    const name = value.name.value;
    const given = this.#variables[name];
    if (given !== undefined) return bounded(given);
    const fallback = this.#operation.variableDefinitions?.find(({ variable }) => variable.name.value === name)?.defaultValue;
    return bounded(fallback?.kind === Kind.INT ? Number(fallback.value) : argument.defaultValue);
  }
}

function bounded(size: unknown): number {
  return typeof size === 'number' && size > 0 ? Math.min(size, MAX_PAGE_SIZE_COUNTED) : UNPAGED_LIST_ENTRIES;
}
