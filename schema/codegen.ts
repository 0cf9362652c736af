/**
 * Writes subgraphs/NAME/src/graphql/generated.ts: the types of each subgraph's resolvers, from schema/NAME.graphql. With
 * --check it writes nothing and fails when a committed file differs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

/** What a resolver of this type returns where that is not the type itself: Type → module#Name, seen from generated.ts. */
const MAPPERS: Record<string, Record<string, string>> = JSON.parse(readFileSync(new URL('mappers.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;
/** Federation's own entrances, which the resolvers' types name and the plug-ins do not write. */
const FEDERATION_TYPES = 'export type _Service = { sdl?: Maybe<string> };\nexport type Query_EntitiesArgs = { representations: ReadonlyArray<Record<string, unknown>> };\n';
const check = process.argv.includes('--check');
let stale = false;

for (const [name, mappers] of Object.entries(MAPPERS)) {
  const typeDefs = parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8'));
  const filename = new URL(`../subgraphs/${name}/src/graphql/generated.ts`, import.meta.url);
  const schema = buildSubgraphSchema({ typeDefs });
  const content = await codegen({
    filename: filename.pathname,
    documents: [],
    schema: typeDefs as never,
    schemaAst: schema,
    config: {
      federation: true,
      contextType: './context.ts#Context',
      mappers,
      useTypeImports: true,
      enumsAsTypes: true,
      strictScalars: true,
      immutableTypes: true,
      avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
      inputMaybeValue: 'T | null | undefined',
      scalars: {
        DateTime: { input: 'Date', output: 'Date | string' },
        SafeInt: 'number',
        JSON: 'Record<string, unknown>',
        _Any: 'Record<string, unknown>',
        _FieldSet: 'string',
        federation__FieldSet: 'string',
        federation__Scope: 'string',
        federation__Policy: 'string',
        federation__ContextFieldValue: 'string',
        link__Import: 'string',
      },
    },
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers: typescriptResolvers },
  });
  const text = `// Written by "npm run codegen" from schema/${name}.graphql.\n${content}${FEDERATION_TYPES}`;
  if (!check) writeFileSync(filename, text);
  else if (readFileSync(filename, 'utf8') !== text) {
    console.error(`subgraphs/${name}/src/graphql/generated.ts is stale: run "npm run codegen" and commit it.`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);
