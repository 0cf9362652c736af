import {
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { Findings, type ValueCheck, valueCheckOf } from './value-check.ts';

/** The variables of one operation, checked before anything is made of them. */
export interface VariableCheck {
  /**
   * What is wrong with these variables; nothing for those that fit, and at most five sentences.
   * @throws AppError where there is more than is looked at: too many values, a list or a text that is too long.
   */
  problemsOf(variables: Readonly<Record<string, unknown>>, maxValues: number): readonly string[];
}

interface Declared {
  name: string;
  check: ValueCheck;
  hasDefault: boolean;
  isDefaultNull: boolean;
  /** It may be null by its own type, but not where it is used. */
  needsValue: boolean;
  type: string;
}

const NOTHING_WRONG: VariableCheck = { problemsOf: () => [] };

/**
 * For a valid operation. A variable that may be null by its type, and has a default, may stand where null is not
 * allowed: the specification leaves that to the execution, where it would look like a fault of ours; so it is checked
 * here.
 */
export function compileVariableCheck(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): VariableCheck {
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return NOTHING_WRONG;
  const uses = usesOf(schema, operation, fragments);
  const declared = definitions.map(({ variable, type: node, defaultValue }): Declared => {
    const name = variable.name.value;
    const type = typeFromAST(schema, node as never) as GraphQLInputType | undefined;
    if (type === undefined || !isInputType(type)) throw new Error('an operation that was not validated');
    const { places, needsValue } = uses.get(name) ?? { places: [], needsValue: false };
    const check = valueCheckOf(type, places.length === 1 ? (places[0] as string) : '');
    return {
      name,
      check,
      hasDefault: defaultValue !== undefined,
      isDefaultNull: defaultValue?.kind === Kind.NULL,
      needsValue: needsValue && !isNonNullType(type),
      type: getNamedType(type).name,
    };
  });
  return {
    problemsOf(variables, maxValues) {
      const findings = new Findings(maxValues);
      findings.collect(() => {
        for (const each of declared) checkOne(each, variables, findings);
      });
      return findings.problems;
    },
  };
}

function checkOne(
  { name, check, hasDefault, isDefaultNull, needsValue, type }: Declared,
  variables: Readonly<Record<string, unknown>>,
  findings: Findings,
): void {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  findings.enter(name);
  if (needsValue && (value === null || (value === undefined && isDefaultNull)))
    findings.add(`expected ${type}, got null; it is used where null is not allowed.`);
  else if (value !== undefined || !hasDefault) check(value, findings);
  findings.leave();
}

interface Uses {
  /** `Query.plan.key`: the arguments that it is the value of. */
  places: string[];
  needsValue: boolean;
}

function usesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): Map<string, Uses> {
  const uses = new Map<string, Uses>();
  for (const definition of [operation, ...fragments.values()]) {
    const info = new TypeInfo(schema);
    visit(
      definition,
      visitWithTypeInfo(info, {
        VariableDefinition: () => false,
        Variable(node, _key, parent) {
          const known = uses.get(node.name.value) ?? { places: [], needsValue: false };
          const type = info.getInputType();
          const isArgument = parent !== undefined && 'kind' in parent && parent.kind === Kind.ARGUMENT;
          const place = isArgument
            ? `${info.getParentType()?.name ?? ''}.${info.getFieldDef()?.name ?? ''}.${parent.name.value}`
            : '';
          uses.set(node.name.value, {
            places: [...new Set([...known.places, place])],
            needsValue: known.needsValue || isNonNullType(type),
          });
        },
      }),
    );
  }
  return uses;
}
