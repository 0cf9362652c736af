import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { graphql } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import pg from 'pg';
import { WebSocketServer } from 'ws';
import type { Account } from '../../contestant.ts';
import { type Context, createSchema } from './schema.ts';
import { createLoaders, SCHEMA } from './storage.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 20) });
pool.on('error', () => undefined);
await pool.query(SCHEMA);
const accounts: Account[] = [];
for (let index = 0; index < Number(process.env['CUSTOMERS'] ?? 1); index += 1) accounts.push(await createAccount());

const schema = createSchema(pool);
const server = createServer((request, response) => void answer(request, response));
const sockets = new WebSocketServer({ server, path: '/graphql' });
const live = useServer<{ apiKey?: string }, { customerId?: string }>(
  {
    schema,
    onConnect: async (context) => {
      const customerId = await findCustomer(context.connectionParams?.apiKey);
      if (customerId === null) return false;
      context.extra.customerId = customerId;
      return true;
    },
    context: (context): Context => ({ customerId: context.extra.customerId ?? '', loaders: createLoaders(pool) }),
  },
  sockets,
);
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accounts }));

const stop = (): void => {
  server.closeAllConnections();
  server.close();
  void Promise.resolve(live.dispose())
    .then(() => pool.end())
    .then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'application/json');
  try {
    const customerId = await findCustomer(request.headers['x-api-key']?.toString());
    if (customerId === null) {
      response.writeHead(401).end('{"errors":[{"message":"Invalid API key"}]}');
      return;
    }
    const { query, variables } = JSON.parse(await text(request)) as { query: string; variables?: Record<string, unknown> };
    const result = await graphql({ schema, source: query, variableValues: variables ?? null, contextValue: { customerId, loaders: createLoaders(pool) } satisfies Context });
    response.end(JSON.stringify(result));
  } catch {
    response.writeHead(500).end('{"errors":[{"message":"Internal error"}]}');
  }
}

async function findCustomer(apiKey: string | undefined): Promise<string | null> {
  if (apiKey === undefined) return null;
  const { rows } = await pool.query<{ id: string }>('select id from customers where api_key_hash = $1', [createHash('sha256').update(apiKey).digest('hex')]);
  return rows[0]?.id ?? null;
}

async function createAccount(): Promise<Account> {
  const customerId = `cust_${randomBytes(12).toString('hex')}`;
  const apiKey = `iotk_${randomBytes(32).toString('base64url')}`;
  await pool.query('insert into customers (id, company_name, api_key_hash) values ($1, $2, $3)', [customerId, 'Acme Corp', createHash('sha256').update(apiKey).digest('hex')]);
  await pool.query(`insert into subscriptions (id, customer_id, plan_key, plan_name) values ($1, $2, 'TRIAL', 'Trial')`, [`subn_${randomBytes(12).toString('hex')}`, customerId]);
  await pool.query(`insert into licenses (id, customer_id, expires_at) values ($1, $2, now() + interval '14 days')`, [`lic_${randomBytes(12).toString('hex')}`, customerId]);
  return { customerId, apiKey, connectionParams: { apiKey } };
}
