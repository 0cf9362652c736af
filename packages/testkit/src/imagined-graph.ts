import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AccessTable, anyone, inherit } from '@iotistic/chassis/access';
import { createLog } from '@iotistic/chassis/log';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import { createSubgraphExecutor } from '@iotistic/chassis/subgraph-executor';
import { SUBGRAPH_NAMES, type SubgraphName } from '@iotistic/contracts/caller';
import { getNullableType, type GraphQLOutputType, type GraphQLResolveInfo, type GraphQLSchema, isEnumType, isListType, isNonNullType, isObjectType, isUnionType, Kind, type ObjectTypeDefinitionNode, parse } from 'graphql';

/**
 * Every field of the whole schema, answered by what can be known of its place: whose field it is and its arguments. The same
 * object says the same in every subgraph, and in one that holds them all, so that graphql-js alone can say what the graph should answer.
 */
export interface ImaginedGraph {
  subgraphs: Record<SubgraphName, RunningSubgraph>;
  /** Gives the types of a schema that holds everything the same fields. */
  fill(schema: GraphQLSchema): GraphQLSchema;
}

type Source = Readonly<Record<string, unknown>> & { seed: string };

/** Few of each, so that lists have one twice and objects meet again. */
const ENTITIES_OF_A_KIND = 3;
const NULL_ONE_IN = 6;
const EVENTS = 2;
/** Computed from what another subgraph says first (@requires): a wrong value there shows here. */
const FROM_CREATED_AT = new Set(['Customer.subscription', 'Customer.planComparison']);

const textOf = (name: SubgraphName): string => readFileSync(new URL(`../../../schema/${name}.graphql`, import.meta.url), 'utf8');
const typesOf = (typeDefs: string): ObjectTypeDefinitionNode[] => parse(typeDefs).definitions.filter((definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION);

export function imagineGraph(): ImaginedGraph {
  const texts = Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, textOf(name)])) as Record<SubgraphName, string>;
  const imagination = new Imagination(keysOf(Object.values(texts).flatMap(typesOf)));
  const subgraphs = Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, subgraphOf(name, texts[name], imagination)])) as ImaginedGraph['subgraphs'];
  return { subgraphs, fill: (schema) => imagination.fill(schema) };
}

function keysOf(types: readonly ObjectTypeDefinitionNode[]): Map<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const { name, directives = [] } of types) {
    const value = directives.find((directive) => directive.name.value === 'key')?.arguments?.find((argument) => argument.name.value === 'fields')?.value;
    if (value?.kind === Kind.STRING) keys.set(name.value, value.value.split(' '));
  }
  return keys;
}

function subgraphOf(name: SubgraphName, typeDefs: string, imagination: Imagination): RunningSubgraph {
  const types = typesOf(typeDefs);
  const unions = parse(typeDefs).definitions.filter((definition) => definition.kind === Kind.UNION_TYPE_DEFINITION);
  const resolvers = Object.fromEntries([
    ...types.map((type) => [type.name.value, imagination.resolversOf(type)] as const),
    ...unions.map((union) => [union.name.value, { __resolveType: ({ __typename }: { __typename: string }) => __typename }] as const),
  ]);
  const access: AccessTable = Object.fromEntries(types.map((type) => [type.name.value, /^(Query|Mutation|Subscription)$/.test(type.name.value) ? anyone : inherit]));
  const executor = createSubgraphExecutor({ typeDefs, resolvers, access, createContext: (context) => ({ ...context }), log: createLog({ level: 'silent', name }) });
  return { name, executor, http: {}, runScheduled: () => Promise.resolve(), ready: () => Promise.resolve(true), close: () => Promise.resolve() };
}

class Imagination {
  readonly #keys: ReadonlyMap<string, readonly string[]>;

  constructor(keys: ReadonlyMap<string, readonly string[]>) {
    this.#keys = keys;
  }

  resolversOf(type: ObjectTypeDefinitionNode): object {
    const fields = (type.fields ?? []).map(({ name }) => [name.value, type.name.value === 'Subscription' ? this.#live() : this.#resolve.bind(this)] as const);
    const keys = this.#keys.get(type.name.value);
    const reference = keys === undefined ? [] : [['__resolveReference', (given: Record<string, unknown>) => ({ ...given, seed: seedOf(type.name.value, keys.map((key) => given[key])) })] as const];
    return Object.fromEntries<unknown>([...fields, ...reference]);
  }

  fill(schema: GraphQLSchema): GraphQLSchema {
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      if (isUnionType(type)) type.resolveType = ({ __typename }: { __typename: string }) => __typename;
      if (isObjectType(type)) for (const field of Object.values(type.getFields())) Object.assign(field, type === schema.getSubscriptionType() ? this.#live() : { resolve: this.#resolve.bind(this) });
    }
    return schema;
  }

  #live(): object {
    return {
      subscribe: async function* events(_source: unknown, args: object) {
        for (let count = 0; count < EVENTS; count += 1) yield { seed: `event ${count} ${stable(args)}` };
      },
      resolve: (event: Source, _args: object, _context: unknown, info: GraphQLResolveInfo) => this.#value(info.returnType, `${event.seed}/${info.fieldName}`, info),
    };
  }

  #resolve(source: Source | undefined, args: Record<string, unknown>, _context: unknown, info: GraphQLResolveInfo): unknown {
    const name = info.fieldName;
    const parent = info.parentType.name;
    if (source !== undefined && this.#keys.get(parent)?.includes(name) === true) return source[name];
    const createdAt = FROM_CREATED_AT.has(`${parent}.${name}`) ? ` since ${JSON.stringify(source?.['createdAt'] ?? this.#instant(`${source?.seed ?? ''}/createdAt/{}`))}` : '';
    return this.#value(info.returnType, `${source?.seed ?? parent}${createdAt}/${name}/${stable(args)}`, info);
  }

  #value(type: GraphQLOutputType, seed: string, info: GraphQLResolveInfo): unknown {
    if (!isNonNullType(type) && numberOf(seed) % NULL_ONE_IN === 0) return null;
    const inner = getNullableType(type);
    if (isListType(inner)) return Array.from({ length: numberOf(`${seed}#`) % 4 }, (_, index) => this.#value(inner.ofType as GraphQLOutputType, `${seed}.${index}`, info));
    if (isUnionType(inner)) {
      const types = inner.getTypes();
      return this.#object((types[numberOf(seed) % types.length] as { name: string }).name, seed, info);
    }
    if (isObjectType(inner)) return this.#object(inner.name, seed, info);
    return this.#leaf(inner as { name: string }, seed);
  }

  #object(typename: string, seed: string, info: GraphQLResolveInfo): Source {
    const keys = this.#keys.get(typename);
    if (keys === undefined) return { __typename: typename, seed };
    const type = info.schema.getType(typename);
    const fields = isObjectType(type) ? type.getFields() : {};
    const values = keys.map((key) => this.#leaf(getNullableType((fields[key] as { type: GraphQLOutputType }).type) as { name: string }, `${typename}.${key} ${numberOf(`${seed} ${key}`) % ENTITIES_OF_A_KIND}`));
    return { __typename: typename, ...Object.fromEntries(keys.map((key, index) => [key, values[index]])), seed: seedOf(typename, values) };
  }

  #instant(seed: string): string {
    return new Date(numberOf(seed) * 1_000).toISOString();
  }

  #leaf(type: { name: string }, seed: string): unknown {
    const number = numberOf(seed);
    if (isEnumType(type)) {
      const names = type.getValues().map(({ name }) => name).toSorted();
      return names[number % names.length];
    }
    const byName: Record<string, unknown> = {
      Boolean: number % 2 === 0,
      Int: number % 1_000,
      SafeInt: number,
      Float: (number % 1_000) / 8,
      DateTime: this.#instant(seed),
      // Names that mean something elsewhere mean nothing within a JSON value.
      JSON: { id: seed, __typename: 'Customer', private_id: number, createdAt: null },
    };
    return byName[type.name] ?? `text ${number}`;
  }
}

function seedOf(typename: string, keys: readonly unknown[]): string {
  return `${typename}:${JSON.stringify(keys)}`;
}

function numberOf(seed: string): number {
  return createHash('sha1').update(seed).digest().readUInt32BE();
}

/** Arguments as they come out of different schemas, whose inputs may have their fields in another order. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part));
}
