import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionOptions, type IntrospectionQuery, isInputObjectType, isObjectType, lexicographicSortSchema, parse, print, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPublicSchema } from '../../schema/public-schema.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const OPTIONS = ['descriptions', 'specifiedByUrl', 'directiveIsRepeatable', 'schemaDescription', 'inputValueDeprecation', 'oneOf'] as const;
const combinations: IntrospectionOptions[] = Array.from({ length: 2 ** OPTIONS.length }, (_, bits) => Object.fromEntries(OPTIONS.map((name, index) => [name, ((bits >> index) & 1) === 1])));

/** Type names and fields: what a description without descriptions has all the same. */
const shapeOf = (introspection: IntrospectionQuery): string =>
  Object.values(buildClientSchema(introspection).getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .map((type) => `${type.name}(${isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()).map((field) => `${field.name}: ${String(field.type)}`).join() : ''})`)
    .toSorted()
    .join('\n');

describe('the description of the schema', () => {
  it('is given in every form that graphql-js asks for, and is the schema', async () => {
    const expected = shapeOf((await gateway.client.ask<IntrospectionQuery>(getIntrospectionQuery())));
    for (const options of combinations) expect(shapeOf(await gateway.client.ask<IntrospectionQuery>(getIntrospectionQuery(options)))).toBe(expected);
    const whole = await gateway.client.ask<IntrospectionQuery>(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true, directiveIsRepeatable: true, oneOf: true }));
    expect(printSchema(lexicographicSortSchema(buildClientSchema(whole)))).toBe(printSchema(lexicographicSortSchema(readPublicSchema())));
  });

  it('answers every field that it says a description has', async () => {
    const { __schema } = await gateway.client.ask<{ __schema: { types: { name: string; fields: { name: string; args: { name: string }[]; type: Ref }[] | null }[] } }>('{ __schema { types { name fields(includeDeprecated: true) { name args(includeDeprecated: true) { name } type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }');
    const own = new Map(__schema.types.filter(({ name }) => name.startsWith('__')).map((type) => [type.name, type]));
    const fieldsOf = (type: string, depth: number): string => (own.get(type)?.fields ?? []).map((field) => {
      const args = field.args.some(({ name }) => name === 'includeDeprecated') ? '(includeDeprecated: true)' : '';
      const inner = namedOf(field.type);
      if (!own.has(inner) || own.get(inner)?.fields === null) return `${field.name}${args}`;
      return depth === 0 ? '' : `${field.name}${args} { ${fieldsOf(inner, depth - 1)} }`;
    }).join(' ');
    for (const question of [`{ __schema { ${fieldsOf('__Schema', 2)} } }`, `{ __type(name: "PlanKey") { ${fieldsOf('__Type', 2)} } }`, `{ __type(name: "SignUpInput") { ${fieldsOf('__Type', 2)} } }`]) {
      expect((await gateway.client.send(print(parse(question.replaceAll(/\w+(\([^)]*\))? \{ +\}/g, ''))))).errors).toBeUndefined();
    }
  });

  it('says whether a type is one of several', async () => {
    expect(await gateway.client.ask('query ($name: String!) { __type(name: $name) { isOneOf specifiedByURL } }', { name: 'PlanKey' })).toEqual({ __type: { isOneOf: null, specifiedByURL: null } });
    expect(await gateway.client.ask('{ __type(name: "SignUpInput") { isOneOf } }')).toEqual({ __type: { isOneOf: false } });
    expect(await gateway.client.ask('{ __type(name: "Credential") { name } }')).toEqual({ __type: null });
  });

  it('comes beside data, in the order in which both are asked for', async () => {
    const query = 'query ($with: Boolean!) { ...Before plans { id: key } type: __type(name: "Plan") { ...Names } ... @include(if: $with) { __schema { queryType { name } } } __typename } fragment Before on Query { first: __typename id: __type(name: "Money") { ...Names } } fragment Names on __Type { name __typename }';
    const expected = { first: 'Query', id: { name: 'Money', __typename: '__Type' }, plans: [{ id: 'TRIAL' }], type: { name: 'Plan', __typename: '__Type' } };
    expect(JSON.stringify(await gateway.client.ask(query, { with: false }))).toBe(JSON.stringify({ ...expected, __typename: 'Query' }));
    expect(JSON.stringify(await gateway.client.ask(query, { with: true }))).toBe(JSON.stringify({ ...expected, __schema: { queryType: { name: 'Query' } }, __typename: 'Query' }));
  });

  it('stays with what other fields lose', async () => {
    gateway.fake.down.add('billing');
    const answer = await gateway.client.send('{ __type(name: "Plan") { name } viewer { __typename } plan(key: TRIAL) { key } }');
    gateway.fake.down.delete('billing');
    expect(answer).toMatchObject({ status: 200, data: { __type: { name: 'Plan' }, viewer: null, plan: null }, errors: [{ path: ['plan'], extensions: { code: 'UNAVAILABLE' } }] });
  });
});

type Ref = { kind: string; name: string | null; ofType?: Ref | null };

function namedOf({ name, ofType }: Ref): string {
  return name ?? (ofType === null || ofType === undefined ? '' : namedOf(ofType));
}

describe('tools of others', () => {
  const deep = (depth: number): string => (depth === 0 ? 'kind name' : `kind name ofType { ${deep(depth - 1)} }`);
  // What GraphiQL, Rover, graphql-codegen and graphql 15 to 17 send differs in names, options and how far types are unwrapped.
  it.each([
    ['graphql 15', getIntrospectionQuery({ descriptions: true })],
    ['GraphiQL', getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, directiveIsRepeatable: true, specifiedByUrl: true })],
    ['graphql 17, nine levels of types', getIntrospectionQuery({ oneOf: true, inputValueDeprecation: true, specifiedByUrl: true }).replace(/fragment TypeRef on __Type \{[\s\S]*$/, `fragment TypeRef on __Type { ${deep(9)} }`)],
    ['what a client looks up first', '{ type: __type(name: "__Type") { fields { name } } directive: __type(name: "__Directive") { fields { name args { name } } } inputValue: __type(name: "__InputValue") { fields { name } } }'],
  ])('get through the limits: %s', async (_name, query) => {
    expect((await gateway.client.send(query)).errors).toBeUndefined();
  });

  it('are told nothing where the operator does not want it, whatever they call it', async () => {
    const own = await startTestGateway({ environment: { NODE_ENV: 'production' } });
    for (const query of ['{ a: __type(name: "Plan") { name } }', 'query { ...S } fragment S on Query { __schema { types { name } } }', '{ ... @skip(if: true) { __schema { types { name } } } plans { key } }']) expect(await own.admin.send(query)).toMatchObject({ status: 400, errors: [{ extensions: { reason: 'INTROSPECTION_DISABLED' } }] });
    expect(await own.admin.ask('{ __typename plans { __typename } }')).toEqual({ __typename: 'Query', plans: [{ __typename: 'Plan' }] });
    await own.stop();
  });
});
