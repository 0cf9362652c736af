import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { type GraphQLSchema, parse } from 'graphql';

const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'];

/** The graph as clients see it: composed of schema/*.graphql, without what is for the gateway alone. @throws Error in the composer's own words. */
export function readPublicSchema(): GraphQLSchema {
  const composed = composeServices(SUBGRAPHS.map((name) => ({ name, url: `http://${name}.invalid/graphql`, typeDefs: parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8')) })));
  if (composed.errors !== undefined) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.schema.toAPISchema().toGraphQLJSSchema();
}
