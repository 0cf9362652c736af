import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from './operations.ts';

const schemaFolder = new URL('../../schema/', import.meta.url);
const operationsFolder = new URL('operations/agent/', schemaFolder);

/** The public schema; what composition adds to it for the router does not matter here. */
function publicSchema() {
  const supergraph = readFileSync(new URL('supergraph.graphql', schemaFolder), 'utf8');
  return buildSchema(supergraph, { assumeValidSDL: true });
}

describe('the documents that the agent sends', () => {
  it('are the files of schema/operations/agent, all of them, letter by letter', () => {
    const files = readdirSync(operationsFolder).sort();
    expect(files).toEqual(Object.keys(OPERATIONS).map((name) => `${name}.graphql`).sort());
    for (const [name, document] of Object.entries(OPERATIONS)) expect(readFileSync(new URL(`${name}.graphql`, operationsFolder), 'utf8')).toBe(document);
  });

  it.each(Object.entries(OPERATIONS))('%s fits the public schema', (_name, document) => {
    expect(validate(publicSchema(), parse(document)).map(({ message }) => message)).toEqual([]);
  });
});
