/**
 * Composes schema/*.graphql to schema/supergraph.graphql. With --check it writes nothing and fails when the committed
 * file differs. A schema that does not compose fails with the composer's own words.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'];
const folder = new URL('.', import.meta.url);
const target = new URL('supergraph.graphql', folder);

const composed = composeServices(
  SUBGRAPHS.map((name) => ({ name, url: `http://${name}.invalid/graphql`, typeDefs: parse(readFileSync(new URL(`${name}.graphql`, folder), 'utf8')) })),
);
if (composed.errors !== undefined) {
  for (const error of composed.errors) console.error(error.message);
  process.exit(1);
}
for (const hint of composed.hints) console.warn(hint.toString());
const text = `${composed.supergraphSdl.trimEnd()}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  console.error('schema/supergraph.graphql is not what schema/*.graphql compose to: run "npm run compose" and commit it.');
  process.exit(1);
}
