import { tooDeep } from '@iotistic/chassis/document';
import { refusalOf } from '@iotistic/chassis/root-fields';
import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { ROOT_FIELDS } from '@iotistic/contracts/root-fields';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { CustomerBudget } from './customer-budget.ts';
import type { Operation } from './documents.ts';
import { RefusedOperation } from './format-error.ts';
import { type GraphqlRequest, parseJson } from './graphql-request.ts';
import { costOf, pointsOf } from './query-cost.ts';

/**
 * The one place that every operation passes before anything is planned, fetched or coerced for it, whatever door it
 * came by. What is cheapest to say comes first: whether this caller may ask it at all, how much its variables carry,
 * whether they fit, what it would cost.
 */
export interface Admission {
  /**
   * The variables of an operation that is admitted.
   * @throws RefusedOperation for a root field that is not the caller's, and for variables that do not fit. AppError for
   * what is too much.
   */
  admit(operation: Operation, asked: GraphqlRequest, caller: Caller): Record<string, unknown>;
}

/**
 * Values in the variables of one request: a stranger logs in or signs up, a person fills a form, an instance sends a
 * thousand reports.
 */
const MAX_VALUES: Readonly<Record<Caller['kind'], number>> = {
  anonymous: 200,
  user: 1_000,
  instance: 25_000,
  admin: 25_000,
  gateway: 25_000,
};
/** Objects and lists within each other. Our inputs have four. */
const MAX_NESTING = 32;

/** Fields of points over time in one answer: five of each hour of half a year. The operator looks at the fleet. */
const MAX_POINTS = 25_000;
/**
 * What a stranger may read is a price list, and the account that it has just opened; to plan more than that is what
 * costs.
 */
const MAX_WRITTEN_FIELDS_OF_A_STRANGER = 150;

export function createAdmission(options: { schema: GraphQLSchema; maxCost: number; budget?: CustomerBudget | undefined }): Admission {
  const { schema, maxCost, budget } = options;
  return {
    admit(operation, asked, caller) {
      // What is wrong with a query is said to a stranger too: its variables are a few words. Those of a mutation may
      // be a thousand reports.
      const isFirstAsked = operation.kind !== 'query' || asked.unread !== null;
      if (isFirstAsked) authorise(operation, caller);
      const maxValues = MAX_VALUES[caller.kind];
      const variables = readVariables(asked, maxValues);
      const problems = operation.variables.problemsOf(variables, maxValues);
      if (problems.length > 0)
        throw new RefusedOperation(
          problems.map(
            (problem) =>
              new GraphQLError(problem, { extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } }),
          ),
        );
      const { node, fragments } = operation;
      const { fields, points } = operation.fixedCost ?? {
        fields: costOf(node, fragments, schema, variables).fields,
        points: pointsOf(node, fragments, schema, variables),
      };
      requireAtMost(fields, maxCost);
      if (caller.kind !== 'admin') requireAtMost(points, MAX_POINTS);
      if (caller.kind === 'anonymous') requireAtMost(operation.writtenFields, MAX_WRITTEN_FIELDS_OF_A_STRANGER);
      if (!isFirstAsked) authorise(operation, caller);
      budget?.spend(caller, fields);
      return variables;
    },
  };
}

/**
 * Where there are variables: without them the field's own rule refuses as early. The operator is refused by the field
 * itself, too.
 */
function authorise({ node, rootFields }: Operation, caller: Caller): void {
  if (caller.kind === 'admin' || (node.variableDefinitions ?? []).length === 0) return;
  const refusal = refusalOf(node, rootFields, (name) => ROOT_FIELDS[name], caller);
  if (refusal !== null) throw new RefusedOperation([refusal]);
}

function requireAtMost(cost: number, maximum: number): void {
  if (cost > maximum)
    throw new AppError('INVALID_INPUT', 'QUERY_TOO_COMPLEX', undefined, { details: { maximum, cost } });
}

/** Those of a large body are made into values only here: by now their sender may ask for what they are sent with. */
function readVariables({ variables, unread }: GraphqlRequest, maxValues: number): Record<string, unknown> {
  if (unread === null) return variables;
  if (unread.depth > MAX_NESTING) throw tooDeep(MAX_NESTING);
  if (unread.values > maxValues)
    throw new AppError('INVALID_INPUT', 'TOO_MANY_VALUES', undefined, { details: { maximum: maxValues } });
  return parseJson(unread.text) as Record<string, unknown>;
}
