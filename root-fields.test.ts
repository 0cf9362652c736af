/**
 * Which callers may ask a root field is said by its subgraph; the gateway, which refuses before anything is read, says
 * the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessTable } from '@iotistic/chassis/access';
import { JUDGED_BY_USE_CASE, LIST_LIMITS, MAX_PER_OPERATION } from '@iotistic/contracts/input-limits';
import { LOGGING_IN, ROOT_FIELDS } from '@iotistic/contracts/root-fields';
import { buildASTSchema, isInputObjectType, isListType, getNullableType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { access as billing } from './subgraphs/billing/src/graphql/access.ts';
import { access as customers } from './subgraphs/customers/src/graphql/access.ts';
import { access as licensing } from './subgraphs/licensing/src/graphql/access.ts';
import { access as usage } from './subgraphs/usage/src/graphql/access.ts';

const tables: AccessTable[] = [billing, customers, licensing, usage];
const isRoot = (name: string): boolean => /^(Query|Mutation|Subscription)\./.test(name);
const supergraph = buildASTSchema(parse(readFileSync(join(import.meta.dirname, 'schema/supergraph.graphql'), 'utf8')), {
  assumeValidSDL: true,
});

describe('the rules of root fields', () => {
  it('are in the gateway what they are in the subgraphs', () => {
    const rules = tables.flatMap((table) =>
      Object.entries(table)
        .filter(([name]) => isRoot(name))
        .map(([name, { rule }]) => [name, rule] as const),
    );
    expect(Object.fromEntries(rules)).toEqual(ROOT_FIELDS);
  });

  it('leave none of the graph out', () => {
    const fields = [supergraph.getQueryType(), supergraph.getMutationType(), supergraph.getSubscriptionType()].flatMap(
      (type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    expect(fields.toSorted()).toEqual(Object.keys(ROOT_FIELDS).toSorted());
  });
});

describe('the limits of inputs', () => {
  const inputs = Object.values(supergraph.getTypeMap()).filter(isInputObjectType);

  it('every list among them has its own', () => {
    const lists = inputs.flatMap((input) =>
      Object.values(input.getFields())
        .filter(({ type }) => isListType(getNullableType(type)))
        .map(({ name }) => `${input.name}.${name}`),
    );
    expect([...lists, 'Query._entities.representations'].toSorted()).toEqual(Object.keys(LIST_LIMITS).toSorted());
  });

  it('are of what the graph has', () => {
    const known = new Set(
      inputs.flatMap((input) => [input.name, ...Object.keys(input.getFields()).map((name) => `${input.name}.${name}`)]),
    );
    for (const name of JUDGED_BY_USE_CASE)
      expect(known.has(name) || ROOT_FIELDS[name.split('.').slice(0, 2).join('.')] !== undefined, name).toBe(true);
    for (const name of [...Object.keys(MAX_PER_OPERATION), ...LOGGING_IN])
      expect(ROOT_FIELDS[name] !== undefined || name === 'Query.__schema', name).toBe(true);
  });
});
