/**
 * Writes subgraphs/NAME/src/graphql/generated.ts: the types of each subgraph's resolvers, from schema/NAME.graphql; and
 * cli/src/generated.ts: the documents of schema/operations/cli, typed from the public schema. With --check it writes nothing
 * and fails when a committed file differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, parse } from 'graphql';

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
  keep(`subgraphs/${name}/src/graphql/generated.ts`, `// Written by "npm run codegen" from schema/${name}.graphql.\n${content}${FEDERATION_TYPES}`);
}
for (const client of ['cli']) keep(`${client}/src/generated.ts`, `// Written by "npm run codegen" from schema/operations/${client}.\n${await generateOperations(client)}`);
process.exit(stale ? 1 : 0);

/** The documents of one of our own clients as texts with the types of their variables and answers: all that it needs of the schema. */
async function generateOperations(client: string): Promise<string> {
  const folder = new URL(`operations/${client}/`, import.meta.url);
  const documents = readdirSync(folder).toSorted().map((location) => ({ location, document: parse(readFileSync(new URL(location, folder), 'utf8')) }));
  const supergraph = readFileSync(new URL('supergraph.graphql', import.meta.url), 'utf8');
  const schemaAst = buildSchema(supergraph, { assumeValidSDL: true });
  return codegen({
    filename: `${client}/src/generated.ts`,
    documents,
    schema: parse(supergraph) as never,
    schemaAst,
    config: { documentMode: 'string', useTypeImports: true, enumsAsTypes: true, immutableTypes: true, strictScalars: true, dedupeFragments: true, scalars: { DateTime: 'string', SafeInt: 'number', JSON: 'Record<string, unknown>', join__FieldSet: 'string', link__Import: 'string', join__FieldValue: 'string', join__DirectiveArguments: 'string' } },
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
  });
}

/** Writes the file, or with --check only compares it. */
function keep(path: string, text: string): void {
  const url = new URL(`../${path}`, import.meta.url);
  if (!check) writeFileSync(url, text);
  else if (readFileSync(url, 'utf8') !== text) {
    console.error(`${path} is stale: run "npm run codegen" and commit it.`);
    stale = true;
  }
}
