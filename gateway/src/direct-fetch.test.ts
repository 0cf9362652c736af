import { readFileSync } from 'node:fs';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { directFetchOf } from './direct-fetch.ts';
import type { Operation } from './documents.ts';
import { readSupergraphSdl } from './supergraph.ts';

const supergraph = Supergraph.build(readSupergraphSdl());
const planner = new QueryPlanner(supergraph);

function direct(text: string): ReturnType<typeof directFetchOf> {
  const document = parse(text);
  const node = document.definitions.find((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
  const fragments = new Map(document.definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION).map((definition) => [definition.name.value, definition]));
  const operation: Operation = { kind: node.operation, name: node.name?.value ?? null, text, document, node, fragments, rootFields: [], variables: { problemsOf: () => [] }, fixedCost: null, writtenFields: 1 };
  return directFetchOf(operation, planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema(), document)));
}

const agents = (name: string): string => readFileSync(new URL(`../../schema/operations/agent/${name}.graphql`, import.meta.url), 'utf8');

describe('an operation is answered by one fetch as it is', () => {
  it.each([
    ['what agents send', agents('report-usage'), 'usage'],
    ['a list with its pages', 'query ($n: Int) { customers(first: $n) { totalCount edges { cursor node { id email } } pageInfo { hasNextPage } } }', 'customers'],
    ['under other names', '{ list: plans { name: key entitlements { limits { limit: key value } } } }', 'billing'],
    ['through fragments of one type', 'query A { plans { ...B entitlements { features { key } } } } fragment B on Plan { key name entitlements { limits { key } } }', 'billing'],
  ])('%s', (_name, text, subgraph) => {
    const found = direct(text);
    expect(found?.subgraph).toBe(subgraph);
    expect(found?.requestOf({ n: 3, input: { instance: 'a' }, other: 1 }).variables).not.toHaveProperty('other');
  });

  it.each([
    ['it is joined from two', '{ customers { edges { node { id subscription { status } } } } }'],
    ['two are asked at once', '{ plans { key } customers { totalCount } }'],
    ['a type’s name is told, which the planner answers', '{ __typename plans { key } }'],
    ['the schema is asked for', '{ __schema { types { name } } plans { key } }'],
    ['a variable decides', 'query ($with: Boolean!) { plans { key name @include(if: $with) } }'],
    ['an abstract type needs its name', '{ viewer { ... on UserViewer { user { id } } } }'],
    ['it is live', 'subscription { licenseChanged(customerId: "x") { id } }'],
  ])('not where %s', (_name, text) => {
    expect(direct(text)).toBeNull();
  });
});
