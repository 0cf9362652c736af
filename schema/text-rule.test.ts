/** Every text that a client can send goes through one rule at the door: looked for in the schema, so that a new field is held too. */
import { JUDGED_BY_USE_CASE, keepsBlanks } from '@iotistic/contracts/input-limits';
import { CLIENT_RULES } from '@iotistic/chassis/literal-rule';
import { compileVariableCheck } from '@iotistic/chassis/variable-check';
import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { readPublicSchema } from './public-schema.ts';

const schema = readPublicSchema();
type Step = string | number;

interface TextField {
  operation: 'query' | 'mutation' | 'subscription';
  field: GraphQLField<unknown, unknown>;
  /** `RevokeLicenseInput.reason`, or `Query.customer.id` for an argument. */
  place: string;
  path: Step[];
}

/** The texts within an input type, each with the way that leads there. */
function textsIn(type: GraphQLInputType, place: string, path: Step[]): Pick<TextField, 'place' | 'path'>[] {
  const given = getNullableType(type);
  if (isListType(given)) return textsIn(given.ofType as GraphQLInputType, place, [...path, 0]);
  if (isInputObjectType(given)) return Object.values(given.getFields()).flatMap((field) => textsIn(field.type, `${given.name}.${field.name}`, [...path, field.name]));
  return isLeafType(given) && ['String', 'ID'].includes(given.name) ? [{ place, path }] : [];
}

const roots = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() } as const;
const texts = Object.entries(roots).flatMap(([operation, root]) =>
  Object.values(root?.getFields() ?? {}).flatMap((field) =>
    field.args.flatMap((arg) => textsIn(arg.type, `${root?.name ?? ''}.${field.name}.${arg.name}`, [arg.name]).map((text): TextField => ({ ...text, operation: operation as TextField['operation'], field }))),
  ),
);

/** A value of this type that has only what it must have, and what lies on the way to the text. */
function valueOf(type: GraphQLInputType, path: readonly Step[], text: string): unknown {
  const given = getNullableType(type);
  if (isListType(given)) return path[0] === 0 ? [valueOf(given.ofType as GraphQLInputType, path.slice(1), text)] : [];
  if (isInputObjectType(given)) {
    const fields = Object.values(given.getFields()).filter((field) => field.name === path[0] || isRequiredInputField(field));
    return Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type, field.name === path[0] ? path.slice(1) : ['-'], text)]));
  }
  if (path.length === 0) return text;
  if (isEnumType(given)) return given.getValues()[0]?.name;
  return { Boolean: true, Int: 1, SafeInt: 1, Float: 1, DateTime: '2026-11-20T12:00:00.000Z', JSON: {} }[getNamedType(given).name] ?? 'x';
}

/** The operation with everything in variables, each as the schema has it. */
function asked({ operation, field, path }: TextField, text: string): { document: ReturnType<typeof parse>; variables: Record<string, unknown> } {
  const args = field.args.filter((arg) => arg.name === path[0] || isRequiredArgument(arg));
  const given = args.length === 0 ? '' : `(${args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')})`;
  const passed = args.length === 0 ? '' : `(${args.map(({ name }) => `${name}: $${name}`).join(', ')})`;
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const variables = Object.fromEntries(args.map(({ name, type }) => [name, valueOf(type, name === path[0] ? path.slice(1) : ['-'], text)]));
  return { document: parse(`${operation} ${given} { ${field.name}${passed}${selection} }`), variables };
}

function problemOf(of: TextField, text: string): unknown {
  const { document, variables } = asked(of, text);
  expect(validate(schema, document)).toEqual([]);
  try {
    return compileVariableCheck(schema, document.definitions[0] as OperationDefinitionNode, new Map()).problemsOf(variables, 1_000);
  } catch (error) {
    const { code, reason, details } = error as { code: string; reason: string; details: Record<string, unknown> };
    return [code, reason, details['path']];
  }
}

const shown = (path: readonly Step[]): string => path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`)).join('');
const isJudged = ({ place }: TextField): boolean => JUDGED_BY_USE_CASE.has(place) || JUDGED_BY_USE_CASE.has(place.split('.')[0] ?? '');
const HOSTILE: [what: string, text: string][] = [['a zero byte', 'a\u0000b'], ['a zero byte at its end', 'ab\u0000'], ['half a character', 'a\ud800b'], ['the other half', '\udc00'], ['an escape', 'a\u001b[31m'], ['a line end within', 'a\nb'], ['a control character of eight bits', 'a\u0085b'], ['more than is looked at', 'x'.repeat(40_000)]];

describe('every text of every operation', () => {
  it('is found, those of all mutations among them', () => {
    expect(texts.filter(({ operation }) => operation === 'mutation').length).toBeGreaterThan(45);
    expect(new Set(texts.filter(isJudged).map(({ place }) => place))).toEqual(new Set(['CreateCheckoutSessionInput.cancelUrl', 'CreateCheckoutSessionInput.successUrl', 'CreatePortalSessionInput.returnUrl', 'ImportUsageFileInput.file', 'Query.verifyLicense.token', 'UsageReportInput.reportId', 'UsageReportInput.previousHash']));
  });

  it.each(texts.filter((text) => !isJudged(text)).map((text) => [text.place, text] as const))('%s is refused with its path, whatever cannot be stored is in it', (_place, text) => {
    for (const [, hostile] of HOSTILE) expect(problemOf(text, hostile)).toEqual(['INVALID_INPUT', 'INVALID_TEXT', shown(text.path)]);
    for (const good of [' SAVE10\n', 'Zoë 株式会社 😀', '\ufeffÅ\r\n']) expect(problemOf(text, good)).toEqual([]);
  });

  it('is refused as a literal too, with its path', () => {
    const errors = validate(schema, parse('mutation { revokeLicense(input: { customerId: "c", reason: "x\\u0000" }) { __typename } }'), CLIENT_RULES);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'INVALID_INPUT', reason: 'INVALID_TEXT', path: 'input.reason' }]);
    // Half a character does not even parse there.
    expect(() => parse('{ customer(id: "x\\ud800") { id } }')).toThrow('Invalid Unicode escape');
    expect(validate(schema, parse('{ verifyLicense(token: "x\\u0000") { state } }'), CLIENT_RULES)).toEqual([]);
  });

  it('loses the blanks at its ends, but for passwords and what programs send', () => {
    const kept = new Set(texts.filter(({ place }) => keepsBlanks(place)).map(({ place }) => place.replace(/\..*/, '')));
    expect([...kept].filter((owner) => !/^(Query|SignUp|LogIn|.*Password|.*Email|.*Invitation)(Input)?$/.test(owner)).sort()).toEqual(['FetchLicenseInput', 'ImportUsageFileInput', 'InstanceHealthInput', 'ReportUsageInput', 'UsageReportInput']);
  });
});

it('no type of an input is one that the rule does not look into', () => {
  const scalars = texts.length > 0 ? Object.values(schema.getTypeMap()).filter((type) => isLeafType(type) && !isEnumType(type) && type.astNode?.kind === Kind.SCALAR_TYPE_DEFINITION) : [];
  expect(scalars.map(({ name }) => name).sort()).toEqual(['DateTime', 'JSON', 'SafeInt']);
});
