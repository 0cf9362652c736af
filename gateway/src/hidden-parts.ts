import { getNamedType, type GraphQLSchema, type GraphQLType, isAbstractType, isEnumType, isInputObjectType, TypeInfo, typeFromAST, visit, visitWithTypeInfo } from 'graphql';
import type { Operation } from './documents.ts';

/**
 * Types that a subgraph knows more of than clients may see: values of an enum, members of a union, fields of an input that are
 * @inaccessible. What a subgraph answers or takes of such a type must go through the executor, which knows the public schema.
 */
export type NarrowedTypes = ReadonlySet<string>;

/** @param full the whole graph, @param visible what clients see of it */
export function narrowedTypesOf(full: GraphQLSchema, visible: GraphQLSchema): NarrowedTypes {
  const narrowed = new Set<string>();
  for (const [name, type] of Object.entries(visible.getTypeMap())) {
    const whole = full.getType(name);
    if (isEnumType(type) && isEnumType(whole) && whole.getValues().length > type.getValues().length) narrowed.add(name);
    else if (isInputObjectType(type) && isInputObjectType(whole) && Object.keys(whole.getFields()).length > Object.keys(type.getFields()).length) narrowed.add(name);
    else if (isAbstractType(type) && isAbstractType(whole) && full.getPossibleTypes(whole).length > visible.getPossibleTypes(type).length) narrowed.add(name);
  }
  return narrowed;
}

/** Whether the operation selects a field, or has a variable, of one of these types. */
export function touchesNarrowedType(operation: Operation, schema: GraphQLSchema, narrowed: NarrowedTypes): boolean {
  if (narrowed.size === 0) return false;
  const info = new TypeInfo(schema);
  let touches = (operation.node.variableDefinitions ?? []).some(({ type }) => takesNarrowed(typeFromAST(schema, type as never), narrowed));
  const isNarrowed = (type: GraphQLType | null | undefined): boolean => type !== null && type !== undefined && narrowed.has(getNamedType(type).name);
  visit(operation.document, visitWithTypeInfo(info, {
    Field: () => {
      touches ||= isNarrowed(info.getType());
    },
  }));
  return touches;
}

function takesNarrowed(type: GraphQLType | undefined, narrowed: NarrowedTypes, visited = new Set<string>()): boolean {
  const named = type === undefined ? undefined : getNamedType(type);
  if (named === undefined || visited.has(named.name)) return false;
  visited.add(named.name);
  if (narrowed.has(named.name)) return true;
  return isInputObjectType(named) && Object.values(named.getFields()).some((field) => takesNarrowed(field.type, narrowed, visited));
}
