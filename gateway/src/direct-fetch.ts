import type { QueryPlan } from '@apollo/query-planner';
import type { SubgraphRequest } from '@iotistic/chassis/subgraph-executor';
import { type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from 'graphql';
import type { Operation } from './documents.ts';

/** An operation that one subgraph answers as the client asked it: nothing is left to join, to rename or to take away. */
export interface DirectFetch {
  subgraph: string;
  requestOf(variables: Record<string, unknown>): SubgraphRequest;
  /** What was answered, under the client's own names. */
  dataOf(data: Record<string, unknown>): Record<string, unknown>;
}

/**
 * The one fetch of such a plan, whose answer is the client's as it is; null for all others. Told by comparing what is asked
 * with what the subgraph is asked: whatever the planner adds (a type's name, a key), leaves out (introspection) or makes
 * depend on a variable shows there.
 */
export function directFetchOf(operation: Operation, plan: QueryPlan): DirectFetch | null {
  const { node } = plan;
  if (operation.kind === 'subscription' || node?.kind !== 'Fetch' || node.requires !== undefined || node.inputRewrites !== undefined || node.outputRewrites !== undefined || node.contextRewrites !== undefined) return null;
  const fetched = parse(node.operation, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  let root: SelectionSetNode | null = null;
  for (const definition of fetched.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) root = definition.selectionSet;
  }
  const asked = shapeOf([operation.node.selectionSet], operation.fragments);
  if (root === null || asked === null || asked !== shapeOf([root], fragments)) return null;
  const names = node.variableUsages ?? [];
  const { serviceName: subgraph, operation: query, operationName } = node;
  return { subgraph, requestOf: (variables) => ({ query, operationName, variables: pick(variables, names) }), dataOf: (data) => data };
}

/** The names of an answer, level by level in their order; null where a directive decides over one. */
function shapeOf(sets: readonly SelectionSetNode[], fragments: ReadonlyMap<string, FragmentDefinitionNode>): string | null {
  const fields = new Map<string, SelectionSetNode[]>();
  if (!collect(sets, fragments, fields)) return null;
  const parts: string[] = [];
  for (const [name, below] of fields) {
    const shape = below.length === 0 ? '' : shapeOf(below, fragments);
    if (shape === null) return null;
    parts.push(`${name}{${shape}}`);
  }
  return parts.join();
}

function collect(sets: readonly SelectionSetNode[], fragments: ReadonlyMap<string, FragmentDefinitionNode>, fields: Map<string, SelectionSetNode[]>): boolean {
  for (const { selections } of sets) for (const selection of selections) {
    if ((selection.directives?.length ?? 0) > 0) return false;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      fields.set(name, [...(fields.get(name) ?? []), ...(selection.selectionSet === undefined ? [] : [selection.selectionSet])]);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
    if (inner === undefined || !collect([inner], fragments, fields)) return false;
  }
  return true;
}

/** Those of the variables that a fetch uses. */
export function pick(variables: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => variables[name] !== undefined).map((name) => [name, variables[name]]));
}
