import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { MAX_MUTATIONS, MAX_OF_ONE_MUTATION, MAX_PER_OPERATION } from '@iotistic/contracts/input-limits';
import { LOGGING_IN, type RootRule } from '@iotistic/contracts/root-fields';
import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { refuseByRule } from './access.ts';
import { toAppError } from './public-error.ts';

/** A field that an operation asks for at its root. */
export interface RootField {
  /** `Mutation.signUp` */
  name: string;
  /** As the answer calls it. */
  responseName: string;
  /** A variable decides whether it is asked for. */
  isConditional: boolean;
}

const ROOT_TYPES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** The root fields of an operation, through its fragments, but those that a directive leaves out for certain. */
export function rootFieldsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): RootField[] {
  const type = ROOT_TYPES[operation.operation];
  const fields: RootField[] = [];
  const visited = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, isConditional: boolean): void => {
    for (const selection of selections) {
      const condition = conditionOf(selection.directives ?? []);
      if (condition === 'never') continue;
      const isUncertain = isConditional || condition === 'perhaps';
      if (selection.kind === Kind.FIELD)
        fields.push({
          name: `${type}.${selection.name.value}`,
          responseName: (selection.alias ?? selection.name).value,
          isConditional: isUncertain,
        });
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, isUncertain);
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) collect(fragment.selectionSet, isUncertain);
      }
    }
  };
  collect(operation.selectionSet, false);
  return fields;
}

function conditionOf(directives: readonly DirectiveNode[]): 'always' | 'never' | 'perhaps' {
  let isUncertain = false;
  for (const { name, arguments: given = [] } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const value = given.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind !== Kind.BOOLEAN) isUncertain = true;
    else if (value.value === (name.value === 'skip')) return 'never';
  }
  return isUncertain ? 'perhaps' : 'always';
}

/** @throws AppError TOO_MANY_ROOT_FIELDS for more than one operation may have of a kind that is work. */
export function checkCostlyFields(fields: readonly RootField[]): void {
  const responseNames = new Map<string, Set<string>>();
  let mutations = 0;
  for (const { name, responseName } of fields) {
    const isMutation = name.startsWith('Mutation.');
    const maximum = MAX_PER_OPERATION[name] ?? (isMutation ? MAX_OF_ONE_MUTATION : undefined);
    if (maximum === undefined) continue;
    const known = responseNames.get(name) ?? new Set();
    if (isMutation && !known.has(responseName)) mutations += 1;
    responseNames.set(name, known.add(responseName));
    if (known.size > maximum || mutations > MAX_MUTATIONS)
      throw new AppError('INVALID_INPUT', 'TOO_MANY_ROOT_FIELDS', undefined, { details: { field: name, maximum } });
  }
}

/**
 * The refusal of an operation of which this caller may do nothing; null for all others. A mutation is refused as a
 * whole when one of its fields is, since half of it is not what was asked; of a query the fields that the caller may
 * see are answered.
 */
export function refusalOf(
  operation: OperationDefinitionNode,
  fields: readonly RootField[],
  ruleOf: (name: string) => RootRule | undefined,
  caller: Caller,
): GraphQLError | null {
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  let first: GraphQLError | null = null;
  let asking = caller;
  for (const field of fields) {
    const refusal = field.isConditional ? null : refusalOfField(field, ruleOf(field.name) ?? 'anyone', asking);
    if (refusal === null && isQuery) return null;
    if (refusal !== null && !isQuery) return refusal;
    first ??= refusal;
    if (asking.kind === 'anonymous' && LOGGING_IN.has(field.name)) asking = SOMEONE_LOGGED_IN;
  }
  return first;
}

/** Which user it will be is known only when the first field has been answered. */
const SOMEONE_LOGGED_IN: Caller = { kind: 'user', customerId: '', userId: '', sessionId: '' };

function refusalOfField({ responseName }: RootField, rule: RootRule, caller: Caller): GraphQLError | null {
  try {
    refuseByRule(rule, caller);
    return null;
  } catch (error) {
    const { message, code, reason } = toAppError(error);
    return new GraphQLError(message, { path: [responseName], extensions: { code, reason } });
  }
}
