import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import pg from 'pg';
import { ROOT } from '../../child.ts';
import { createAccounts, createKeyCheck } from '../express-rest/api-keys.ts';
import { SCHEMA } from '../express-rest/usage-reports.ts';
import { type Context, usageResolvers } from './usage-resolvers.ts';

/** One of the four, with our own schema of it. Resolvers are there for what is asked. */
const name = process.env['SUBGRAPH'] ?? '';
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 20) });
pool.on('error', () => undefined);
if (name === 'customers') await pool.query(SCHEMA);
const accounts = name === 'customers' ? await createAccounts(pool, Number(process.env['CUSTOMERS'] ?? 1)) : [];

const typeDefs = parse(readFileSync(join(ROOT, `schema/${name}.graphql`), 'utf8'));
const server = new ApolloServer<Context>({ schema: buildSubgraphSchema({ typeDefs, resolvers: name === 'usage' ? usageResolvers(pool) : {} }) });
const findCustomer = createKeyCheck(pool);
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async ({ req }) => ({ customerId: await findCustomer(req.headers['x-api-key']?.toString() ?? '') }),
});
process.send?.({ kind: 'ready', url, accounts });

const stop = (): void => void server.stop().then(() => pool.end()).then(() => process.exit(0));
process.once('SIGTERM', stop);
process.once('disconnect', stop);
