import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';

/** Entries that a list without a page size is taken to have. */
const UNPAGED_LIST_ENTRIES = 5;
/** The lists within a page: the page's size was asked for one level above. */
const LISTS_OF_A_PAGE = new Set(['edges', 'nodes']);
const MAX_PAGE_SIZE_COUNTED = 1_000_000;
const INTROSPECTION_FIELDS: ReadonlySet<string> = new Set([SchemaMetaFieldDef.name, TypeMetaFieldDef.name]);
/** The schema is in memory: its fields are answered by the dozen for the price of one that a subgraph is asked for. */
const INTROSPECTED_FIELDS_PER_FIELD = 25;
const HOUR_MS = 3_600_000;
const BUCKET_MS: Readonly<Record<string, number | undefined>> = {
  HOUR: HOUR_MS,
  DAY: 24 * HOUR_MS,
  MONTH: 28 * 24 * HOUR_MS,
};
/** A line of a text that lists them has every meter. */
const POINTS_OF_A_TEXT = 2;

export interface Cost {
  /** Fields of the answer, estimated. */
  fields: number;
  /** Whether a page size or a range of time comes from a variable, so that each request must be looked at. */
  varies: boolean;
}

/** How many fields an answer may have: each field once, times the sizes of the pages and lists it lies in. For valid documents only. */
export function costOf(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, schema: GraphQLSchema, variables: Record<string, unknown>): Cost {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return { fields: 0, varies: false };
  const walk = new CostWalk(operation, fragments, schema, variables);
  return { fields: walk.selectionSet(operation.selectionSet, root, false, 1), varies: walk.varies };
}

/** How many fields of points over time an answer may have: they are many and cheap, and counted by themselves. */
export function pointsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  schema: GraphQLSchema,
  variables: Record<string, unknown>,
): number {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return 0;
  const walk = new CostWalk(operation, fragments, schema, variables);
  walk.selectionSet(operation.selectionSet, root, false, 1);
  return walk.points;
}

class CostWalk {
  readonly #operation: OperationDefinitionNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #schema: GraphQLSchema;
  readonly #variables: Record<string, unknown>;
  readonly #measured = new Map<string, { fields: number; points: number }>();
  varies = false;
  points = 0;

  constructor(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, schema: GraphQLSchema, variables: Record<string, unknown>) {
    this.#operation = operation;
    this.#fragments = fragments;
    this.#schema = schema;
    this.#variables = variables;
  }

  /** @param times how often it stands in the answer, by the sizes of the pages around it */
  selectionSet(selectionSet: SelectionSetNode, parent: unknown, inPage: boolean, times: number): number {
    let total = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) total += this.#field(selection, parent, inPage, times);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) total += this.#fragment(selection.name.value, inPage, times);
      else
        total += this.selectionSet(
          selection.selectionSet,
          selection.typeCondition === undefined ? parent : this.#schema.getType(selection.typeCondition.name.value),
          inPage,
          times,
        );
    }
    return total;
  }

  #fragment(name: string, inPage: boolean, times: number): number {
    const key = `${name} ${inPage}`;
    const definition = this.#fragments.get(name);
    const known = this.#measured.get(key);
    if (definition === undefined) return 0;
    if (known !== undefined) {
      this.points += known.points * times;
      return known.fields;
    }
    const before = this.points;
    const fields = this.selectionSet(
      definition.selectionSet,
      this.#schema.getType(definition.typeCondition.name.value),
      inPage,
      times,
    );
    this.#measured.set(key, { fields, points: (this.points - before) / times });
    return fields;
  }

  #field(node: FieldNode, parent: unknown, inPage: boolean, times: number): number {
    const field = this.#definitionOf(node, parent);
    if (field === undefined) return 1;
    const points = this.#points(node, field);
    const type = getNamedType(field.type);
    if (node.selectionSet === undefined || !isCompositeType(type)) {
      this.points += points * POINTS_OF_A_TEXT * times;
      return 1;
    }
    const pageSize = this.#pageSize(node, field);
    const entries = pageSize ?? this.#entries(node, field, parent, inPage);
    const below = this.selectionSet(node.selectionSet, type, pageSize !== null, times * entries);
    this.points += points * below * times;
    return (
      1 +
      (INTROSPECTION_FIELDS.has(node.name.value) ? Math.ceil(below / INTROSPECTED_FIELDS_PER_FIELD) : entries * below)
    );
  }

  #definitionOf(node: FieldNode, parent: unknown): GraphQLField<unknown, unknown> | undefined {
    if (node.name.value === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (node.name.value === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    return isObjectType(parent) || isInterfaceType(parent)
      ? (parent as GraphQLObjectType).getFields()[node.name.value]
      : undefined;
  }

  /** Entries of a field without a page size. */
  #entries(node: FieldNode, field: GraphQLField<unknown, unknown>, parent: unknown, inPage: boolean): number {
    if (!isListType(getNullableType(field.type)) || (inPage && LISTS_OF_A_PAGE.has(node.name.value))) return 1;
    return isObjectType(parent) && parent.name === '__Schema' && node.name.value === 'types'
      ? Object.keys(this.#schema.getTypeMap()).length
      : UNPAGED_LIST_ENTRIES;
  }

  /** Buckets of the time that is asked for; 0 for a field that has none. */
  #points(node: FieldNode, field: GraphQLField<unknown, unknown>): number {
    if (!field.args.some(({ name }) => name === 'granularity')) return 0;
    const [from, to] = [
      Date.parse(String(this.#argument(node, field, 'from'))),
      Date.parse(String(this.#argument(node, field, 'to'))),
    ];
    const length = BUCKET_MS[String(this.#argument(node, field, 'granularity'))];
    // What is no range is refused by the field itself.
    return length === undefined || !(from < to) ? 1 : Math.ceil((to - from) / length);
  }

  /** What `first` is here; null for a field that has none. */
  #pageSize(node: FieldNode, field: GraphQLField<unknown, unknown>): number | null {
    return field.args.some(({ name }) => name === 'first') ? bounded(this.#argument(node, field, 'first')) : null;
  }

  /** The value of an argument, whether it stands in the document, comes by a variable or is the default. */
  #argument(node: FieldNode, field: GraphQLField<unknown, unknown>, name: string): unknown {
    const fallback = field.args.find((argument) => argument.name === name)?.defaultValue;
    const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
    if (value === undefined) return fallback;
    if (value.kind !== Kind.VARIABLE) return literalOf(value);
    this.varies = true;
    const given = this.#variables[value.name.value];
    if (given !== undefined) return given;
    const own = this.#operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === value.name.value,
    )?.defaultValue;
    return own === undefined ? fallback : literalOf(own);
  }
}

function literalOf(node: ValueNode): unknown {
  if (node.kind === Kind.INT) return Number(node.value);
  return node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : undefined;
}

function bounded(size: unknown): number {
  return typeof size === 'number' && size > 0 ? Math.min(size, MAX_PAGE_SIZE_COUNTED) : UNPAGED_LIST_ENTRIES;
}
