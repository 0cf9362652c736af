import { AppError } from '@iotistic/contracts/errors';
import {
  getNamedType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { checkText, leafTest } from './value-check.ts';

/** A key of an entity: the fields that name it, each with what its value may be. */
type Key = readonly { name: string; isValue(value: unknown): boolean }[];

/**
 * Checks what a gateway asks for by `_entities` before any entity is looked for: what is no reference to an entity of
 * ours is the asker's mistake.
 */
export function checkRepresentations(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()['_entities'];
  if (field?.resolve === undefined) return;
  const keys = new Map<string, Key[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const own = keysOf(type);
    if (own.length > 0) keys.set(type.name, own);
  }
  const resolve = field.resolve as GraphQLFieldResolver<unknown, unknown>;
  field.resolve = (source, args: { representations: readonly unknown[] }, context, info) => {
    for (const [index, representation] of args.representations.entries()) checkOne(representation, index, keys);
    return resolve(source, args, context, info);
  };
}

function keysOf(type: GraphQLObjectType): Key[] {
  const nodes = [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);
  return nodes.flatMap(({ name, arguments: given = [] }) => {
    const fields = given.find((argument) => argument.name.value === 'fields')?.value;
    return name.value.endsWith('key') && fields?.kind === Kind.STRING ? [keyOf(type, fields.value)] : [];
  });
}

function keyOf(type: GraphQLObjectType, fields: string): Key {
  const [definition] = parse(`{ ${fields} }`, { noLocation: true }).definitions;
  const { selections } = (definition as { selectionSet: SelectionSetNode }).selectionSet;
  return selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return [];
    const leaf = getNamedType(type.getFields()[selection.name.value]?.type);
    return [
      {
        name: selection.name.value,
        isValue: isLeafType(leaf) ? leafTest(leaf) : (value: unknown) => typeof value === 'object' && value !== null,
      },
    ];
  });
}

function checkOne(representation: unknown, index: number, keys: ReadonlyMap<string, readonly Key[]>): void {
  const place = `representations[${index}]`;
  if (typeof representation !== 'object' || representation === null || Array.isArray(representation))
    throw refused(`${place}: expected an object.`);
  const given = representation as Record<string, unknown>;
  const typeName = Object.hasOwn(given, '__typename') ? given['__typename'] : undefined;
  const known = typeof typeName === 'string' ? keys.get(typeName) : undefined;
  if (known === undefined) throw refused(`${place}.__typename: expected the name of an entity of this subgraph.`);
  if (!known.some((key) => key.every(({ name, isValue }) => Object.hasOwn(given, name) && isValue(given[name]))))
    throw refused(`${place}: expected a key of the entity, each field with a value of its type.`);
  for (const { name } of known.flat()) if (typeof given[name] === 'string') checkText(given[name], `${place}.${name}`);
}

function refused(message: string): AppError {
  return new AppError('INVALID_INPUT', 'INVALID_VARIABLES', message);
}
