import { AppError } from '@iotistic/contracts/errors';
import { JUDGED_BY_USE_CASE } from '@iotistic/contracts/input-limits';
import {
  type ASTNode,
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isSpecifiedScalarType,
  Kind,
  type ObjectValueNode,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
  ValuesOfCorrectTypeRule,
} from 'graphql';
import { checkText } from './value-check.ts';

/**
 * The specification's rule on literals, in words of our own: graphql's repeat the literal, which may be a secret or
 * very long.
 */
function literalsFit(context: ValidationContext): ReturnType<ValidationRule> {
  return {
    ListValue(node) {
      if (isListType(getNullableType(context.getParentInputType()))) return undefined;
      checkLeaf(context, node);
      return false;
    },
    ObjectValue(node) {
      const type = getNamedType(context.getInputType());
      if (isInputObjectType(type)) {
        checkRequired(context, node, type);
        return undefined;
      }
      checkLeaf(context, node);
      return false;
    },
    ObjectField(node) {
      const parent = getNamedType(context.getParentInputType());
      if (isAbsent(context.getInputType()) && isInputObjectType(parent))
        report(context, node, `Field "${node.name.value.slice(0, 64)}" is not defined by type "${parent.name}".`);
    },
    NullValue(node) {
      const type = context.getInputType();
      if (isNonNullType(type)) report(context, node, `Expected value of type "${String(type)}", found null.`);
    },
    EnumValue: (node) => checkLeaf(context, node),
    IntValue: (node) => checkLeaf(context, node),
    FloatValue: (node) => checkLeaf(context, node),
    StringValue(node, _key, parent, _path, ancestors) {
      const within = parent === undefined ? ancestors : [...ancestors, parent];
      checkLeaf(context, node, isJudgedByUseCase(context, parent) ? null : placeOf(within));
    },
    BooleanValue: (node) => checkLeaf(context, node),
  };
}

/** Graphql's rules, with the one on literals replaced. */
export const CLIENT_RULES: readonly ValidationRule[] = specifiedRules.map((rule) =>
  rule === ValuesOfCorrectTypeRule ? literalsFit : rule,
);

function checkRequired(context: ValidationContext, node: ObjectValueNode, type: ReturnType<typeof getNamedType>): void {
  if (!isInputObjectType(type)) return;
  const given = new Set(node.fields.map(({ name }) => name.value));
  for (const field of Object.values(type.getFields())) {
    if (!given.has(field.name) && isRequiredInputField(field))
      report(
        context,
        node,
        `Field "${type.name}.${field.name}" of required type "${String(field.type)}" was not provided.`,
      );
  }
}

function isAbsent(type: unknown): type is null | undefined {
  return type === null || type === undefined;
}

/** @param place of a text that is looked at */
function checkLeaf(context: ValidationContext, node: ValueNode, place: string | null = null): void {
  const expected = context.getInputType();
  if (isAbsent(expected)) return;
  if (!fits(expected, node)) report(context, node, `Expected value of type "${String(expected)}".`);
  else if (node.kind === Kind.STRING && place !== null) checkLiteralText(context, node.value, node, place);
}

function fits(expected: GraphQLInputType, node: ValueNode): boolean {
  const type = getNamedType(expected);
  if (!isLeafType(type)) return false;
  const isComposite = node.kind === Kind.LIST || node.kind === Kind.OBJECT;
  if (isComposite && (isEnumType(type) || isSpecifiedScalarType(type))) return false;
  try {
    return type.parseLiteral(node, {}) !== undefined;
  } catch {
    return false;
  }
}

/** `input.reason`: the argument and the fields that a literal stands in. */
function placeOf(ancestors: Ancestors): string {
  const nodes = ancestors.flatMap((each) => ('kind' in each ? [each] : []));
  const named = nodes.filter((each) => each.kind === Kind.ARGUMENT || each.kind === Kind.OBJECT_FIELD);
  return named.map(({ name }) => name.value).join('.');
}

function isJudgedByUseCase(context: ValidationContext, parent: Ancestors[number] | undefined): boolean {
  if (parent === undefined || !('kind' in parent)) return false;
  const owner = getNamedType(context.getParentInputType())?.name ?? '';
  if (parent.kind === Kind.OBJECT_FIELD)
    return JUDGED_BY_USE_CASE.has(owner) || JUDGED_BY_USE_CASE.has(`${owner}.${parent.name.value}`);
  if (parent.kind !== Kind.ARGUMENT) return false;
  const field = `${context.getParentType()?.name ?? ''}.${context.getFieldDef()?.name ?? ''}`;
  return JUDGED_BY_USE_CASE.has(`${field}.${parent.name.value}`);
}

function checkLiteralText(context: ValidationContext, text: string, node: ValueNode, place: string): void {
  try {
    checkText(text, place === '' ? 'a default' : place);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.reportError(
      new GraphQLError(error.message, {
        nodes: node,
        extensions: { ...error.details, code: error.code, reason: error.reason },
      }),
    );
  }
}

/** What a visitor of graphql knows of where it is. */
type Ancestors = readonly (ASTNode | readonly ASTNode[])[];

function report(
  context: ValidationContext,
  node: ValueNode | { kind: typeof Kind.OBJECT_FIELD },
  message: string,
): void {
  context.reportError(new GraphQLError(message, { nodes: node as ValueNode }));
}
