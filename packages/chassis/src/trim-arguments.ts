import { keepsBlanks } from '@iotistic/contracts/input-limits';
import {
  defaultFieldResolver,
  getNullableType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isScalarType,
} from 'graphql';

/** Makes of a value what a resolver gets; null where nothing in it could have blanks at its ends. */
type Trim = ((value: unknown) => unknown) | null;

/**
 * Takes the blanks, line ends among them, off the ends of each text that a root field takes: ids, codes, names and
 * addresses are pasted. In front of every check of the field, so that rule and use case see the same text.
 */
export function trimArguments(schema: GraphQLSchema): void {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const trim = trimOfField(field, `${type?.name ?? ''}.${field.name}`);
      if (trim === null || field.name === '_entities') continue;
      if (field.subscribe === undefined) field.resolve = trimmed(trim, field.resolve ?? defaultFieldResolver);
      else field.subscribe = trimmed(trim, field.subscribe);
    }
  }
}

function trimmed(
  trim: (args: unknown) => unknown,
  resolve: GraphQLFieldResolver<unknown, unknown>,
): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, context, info) => resolve(source, trim(args) as typeof args, context, info);
}

function trimOfField({ args }: GraphQLField<unknown, unknown>, place: string): Trim {
  const parts = args.map(({ name, type }) => [name, trimOf(type, `${place}.${name}`)] as const);
  return trimOfParts(parts);
}

/** @param within the inputs that this one is part of: one that leads back to itself is trimmed at its first level */
function trimOf(type: GraphQLInputType, place: string, within: readonly string[] = []): Trim {
  if (keepsBlanks(place)) return null;
  const given = getNullableType(type);
  if (isListType(given)) {
    const trim = trimOf(given.ofType as GraphQLInputType, place, within);
    return trim === null ? null : (value) => (Array.isArray(value) ? value.map(trim) : value);
  }
  if (isInputObjectType(given)) return within.includes(given.name) ? null : trimOfObject(given, [...within, given.name]);
  const isText = isScalarType(given) && (given.name === 'String' || given.name === 'ID');
  return isText ? (value) => (typeof value === 'string' ? value.trim() : value) : null;
}

function trimOfObject(type: GraphQLInputObjectType, within: readonly string[]): Trim {
  const fields = Object.values(type.getFields());
  return trimOfParts(fields.map(({ name, type: of }) => [name, trimOf(of, `${type.name}.${name}`, within)] as const));
}

function trimOfParts(parts: readonly (readonly [name: string, trim: Trim])[]): Trim {
  const trims = parts.flatMap(([name, trim]) => (trim === null ? [] : [[name, trim] as const]));
  if (trims.length === 0) return null;
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string, unknown> = { ...value };
    for (const [name, trim] of trims) if (Object.hasOwn(copy, name)) copy[name] = trim(copy[name]);
    return copy;
  };
}
