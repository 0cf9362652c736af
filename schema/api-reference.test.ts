import { readFileSync } from 'node:fs';
import { type GraphQLSchema, isEnumType, isInputObjectType, isIntrospectionType, isObjectType, isSpecifiedScalarType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { renderApiReference } from './api-reference.ts';
import { readPublicSchema } from './public-schema.ts';

const schema = readPublicSchema();

/** Every coordinate of the schema (`Customer.invoices(first:)`) with what is said of it. */
function coordinates(of: GraphQLSchema): [coordinate: string, description: string][] {
  return Object.values(of.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => {
      const own: [string, string][] = [[type.name, type.description ?? '']];
      if (isEnumType(type)) return [...own, ...type.getValues().map(({ name, description }): [string, string] => [`${type.name}.${name}`, description ?? ''])];
      if (isInputObjectType(type)) return [...own, ...Object.values(type.getFields()).map(({ name, description }): [string, string] => [`${type.name}.${name}`, description ?? ''])];
      if (!isObjectType(type)) return own;
      return [
        ...own,
        ...Object.values(type.getFields()).flatMap((field): [string, string][] => [
          [`${type.name}.${field.name}`, field.description ?? ''],
          // A mutation's one argument is its input, whose type says what it is.
          ...field.args.filter(({ name }) => name !== 'input').map((arg): [string, string] => [`${type.name}.${field.name}(${arg.name}:)`, arg.description ?? '']),
        ]),
      ];
    });
}

describe('the API reference', () => {
  it('has something to say of every public type, field, argument and value', () => {
    const all = coordinates(schema);
    expect(all.length).toBeGreaterThan(900);
    expect(all.filter(([, description]) => description.trim() === '').map(([coordinate]) => coordinate)).toEqual([]);
  });

  it('shows nothing that is for the gateway alone', () => {
    expect(schema.getType('Credential')).toBeUndefined();
    expect(readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8')).not.toContain('CredentialState');
  });

  it('is current: npm run docs:api changes nothing', () => {
    expect(readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8') === renderApiReference(schema), 'docs/api.md is stale: run "npm run docs:api" and commit it').toBe(true);
  });
});
