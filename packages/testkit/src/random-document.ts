import { type GraphQLArgument, type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema, getNamedType, getNullableType, isAbstractType, isCompositeType, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType } from 'graphql';

export interface RandomDocument {
  text: string;
  variables: Record<string, unknown>;
}

/** Aliases that mean something to who plans or carries out a query. */
const ADVERSARIAL = ['id', '__typename', 'createdAt', 'customerId', 'meter', 'periodStart', 'fileId', 'instance', 'verdicts', 'key', '_entities', 'representations', 'private_id', 'private_id_', 'email__alias_0', 'status', 'customer', 'subscription', 'name', 'edges', 'node', '__proto__x', 'toString', 'constructor', 'Customer', 'Query', 'representation', 'data', 'errors'];
const VARIABLE_NAMES = ['representations', 'id', 'a', 'first', 'private_representations', '_'];
const MAX_DEPTH = 6;
const MAX_FIELDS = 4;
const INSTANT = '2026-11-20T09:30:00.000Z';

/** Documents that are valid and as nasty as can be: fragments, directives, the same field twice, and aliases that mean something elsewhere. */
export function randomDocument(seed: number, schema: GraphQLSchema, kind: 'query' | 'mutation' | 'subscription'): RandomDocument {
  const root = schema.getRootType(kind as never);
  if (root === null || root === undefined) throw new Error(`there is no ${kind}`);
  return new Writer(seed, schema).write(kind, root);
}

/** Names that are taken in one object of an answer; what is below one that is asked for twice is one object too. */
type Scope = Set<string>;

class Writer {
  readonly #schema: GraphQLSchema;
  #state: number;
  readonly #fragments: string[] = [];
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};

  constructor(seed: number, schema: GraphQLSchema) {
    this.#state = seed >>> 0;
    this.#schema = schema;
  }

  write(kind: string, root: GraphQLObjectType): RandomDocument {
    const selection = kind === 'subscription' ? this.#field(this.#pick(Object.values(root.getFields())), MAX_DEPTH, new Set()) : this.#selection(root, kind === 'mutation' ? 2 : MAX_FIELDS, MAX_DEPTH, new Set());
    const head = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    return { text: `${kind} ${this.#chance(0.5) ? 'Named' : ''}${head} { ${selection} } ${this.#fragments.join(' ')}`, variables: this.#variables };
  }

  /** mulberry32 */
  #number(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  #chance(share: number): boolean {
    return this.#number() < share;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#number() * values.length)] as T;
  }

  #selection(type: GraphQLOutputType, count: number, depth: number, scope: Scope): string {
    const parts: string[] = [];
    if (isObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
      for (let left = 1 + Math.floor(this.#number() * count); left > 0 && fields.length > 0; left -= 1) parts.push(this.#wrapped(type, this.#field(this.#pick(fields), depth, scope)));
    } else if (isAbstractType(type)) {
      for (const possible of this.#schema.getPossibleTypes(type)) if (this.#chance(0.8)) parts.push(`... on ${possible.name} { ${this.#selection(possible, count, depth, scope)} }`);
    }
    if (this.#chance(0.2) || parts.filter((part) => part !== '').length === 0) parts.push(this.#typename(scope));
    return parts.filter((part) => part !== '').join(' ') || this.#typename(scope);
  }

  #typename(scope: Scope): string {
    const name = this.#chance(0.5) ? '__typename' : this.#pick(ADVERSARIAL);
    for (const free of [name, '__typename', 't', 'tt', 'ttt', 'tttt']) {
      // What is __typename already may be so once more.
      if (scope.has(free) && !scope.has(`__typename as ${free}`)) continue;
      scope.add(free).add(`__typename as ${free}`);
      return free === '__typename' ? free : `${free}: __typename`;
    }
    return '';
  }

  /** The same selection as it is, within a fragment, or below a directive. */
  #wrapped(type: GraphQLObjectType, selection: string): string {
    if (selection === '') return '';
    const turn = this.#number();
    if (turn < 0.1) return `... on ${type.name} { ${selection} }`;
    if (turn < 0.15) return `... { ${selection} }`;
    if (turn < 0.2) return `... on ${type.name} ${this.#directive()} { ${selection} }`;
    if (turn < 0.3) {
      const name = `F${this.#fragments.length}`;
      this.#fragments.push(`fragment ${name} on ${type.name} { ${selection} }`);
      return this.#chance(0.3) ? `...${name} ...${name}` : `...${name}`;
    }
    return selection;
  }

  #directive(): string {
    const word = this.#pick(['skip', 'include']);
    const value = this.#chance(0.5);
    if (this.#chance(0.4)) return `@${word}(if: ${value})`;
    return `@${word}(if: $${this.#variable('Boolean!', value)})`;
  }

  #variable(type: string, value: unknown): string {
    const wanted = this.#pick(VARIABLE_NAMES);
    const name = wanted in this.#variables ? `v${this.#declared.length}` : wanted;
    this.#declared.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return name;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number, scope: Scope): string {
    const name = this.#chance(0.5) ? field.name : this.#pick(ADVERSARIAL);
    if (scope.has(name) || scope.has(`${name} below`)) return '';
    scope.add(name);
    const asked = `${name === field.name ? '' : `${name}: `}${field.name}${this.#arguments(field.args)}`;
    const type = getNamedType(field.type);
    const directive = depth < MAX_DEPTH && this.#chance(0.1) ? ` ${this.#directive()}` : '';
    if (!isCompositeType(type)) return `${asked}${directive}`;
    const below: Scope = new Set();
    const one = `${asked}${directive} { ${this.#selection(type, MAX_FIELDS, depth - 1, below)} }`;
    return this.#chance(0.1) ? `${one} ${asked} { ${this.#selection(type, 2, depth - 1, below)} }` : one;
  }

  #arguments(args: readonly GraphQLArgument[]): string {
    const given = args.filter(({ type }) => isNonNullType(type) || this.#chance(0.3)).map(({ name, type }) => {
      const value = this.#value(type, 3);
      return `${name}: ${this.#chance(0.3) ? `$${this.#variable(String(type), value)}` : this.#literal(type, value)}`;
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    const inner = getNullableType(type);
    if (isListType(inner)) return [this.#value(inner.ofType as GraphQLInputType, depth - 1)];
    if (isInputObjectType(inner)) {
      const fields = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type) || (depth > 0 && this.#chance(0.3)));
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, depth - 1)]));
    }
    if (isEnumType(inner)) return this.#pick(inner.getValues()).name;
    const byName: Record<string, unknown> = { Boolean: this.#chance(0.5), Int: 1 + Math.floor(this.#number() * 3), SafeInt: 7, Float: 1.5, DateTime: INSTANT, JSON: {} };
    return byName[(inner as { name: string }).name] ?? `text ${this.#pick(['a', 'b'])}`;
  }

  #literal(type: GraphQLInputType, value: unknown): string {
    const inner = getNullableType(type);
    if (isListType(inner)) return `[${(value as unknown[]).map((each) => this.#literal(inner.ofType as GraphQLInputType, each)).join(', ')}]`;
    if (isInputObjectType(inner)) return `{ ${Object.entries(value as object).map(([name, each]) => `${name}: ${this.#literal((inner.getFields()[name] as { type: GraphQLInputType }).type, each)}`).join(', ')} }`;
    return isEnumType(inner) ? String(value) : JSON.stringify(value);
  }
}
