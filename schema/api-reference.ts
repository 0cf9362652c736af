import { type GraphQLSchema, introspectionFromSchema, type IntrospectionQuery } from 'graphql';
import { renderSchema } from 'graphql-markdown';

const PROLOGUE = `Written by \`npm run docs:api\` from the descriptions in \`schema/*.graphql\`: change them there. How a request is made, and how errors look, is in
[errors.md](errors.md); examples are in [rest-to-graphql.md](rest-to-graphql.md); who may do what is in each subgraph's \`graphql/access.ts\` and is tested.`;

/** The public schema as a document: every operation, type, field, argument and value with its description. */
export function renderApiReference(schema: GraphQLSchema): string {
  const lines: string[] = [];
  renderSchema(withDefaults(introspectionFromSchema(schema)), { title: 'API reference', prologue: PROLOGUE, printer: (line) => lines.push(line) });
  return `${lines.join('\n').trim()}\n`;
}

interface Described {
  description?: string | null | undefined;
  defaultValue?: string | null | undefined;
}

/** The renderer knows no default values: they are said with the description. */
function withDefaults(introspection: IntrospectionQuery): IntrospectionQuery {
  const said = <T extends Described>(value: T): T => (value.defaultValue === null || value.defaultValue === undefined ? value : { ...value, description: `${value.description ?? ''} Default: \`${value.defaultValue}\`.`.trim() });
  const types = introspection.__schema.types.map((type) => {
    if (type.kind === 'INPUT_OBJECT') return { ...type, inputFields: type.inputFields.map(said) };
    if (type.kind !== 'OBJECT') return type;
    return { ...type, fields: type.fields.map((field) => ({ ...field, args: field.args.map(said) })) };
  });
  return { __schema: { ...introspection.__schema, types } };
}
