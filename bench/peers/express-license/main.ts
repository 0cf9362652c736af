import { createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { Account } from '../../contestant.ts';
import { createApp } from './app.ts';
import { SCHEMA } from './licenses.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 20) });
pool.on('error', () => undefined);
await pool.query(SCHEMA);
const accounts: Account[] = [];
for (let index = 0; index < Number(process.env['CUSTOMERS'] ?? 1); index += 1) accounts.push(await createAccount());

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const keys = { publicKey, privateKey: process.env['KEY_READ_ONCE'] === 'true' ? createPrivateKey(privateKey) : privateKey };
const server = createServer(createApp(pool, keys, { history: process.env['HISTORY'] !== 'false' }));
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accounts }));

const stop = (): void => {
  server.close(() => void pool.end().then(() => process.exit(0)));
  server.closeAllConnections();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);

async function createAccount(): Promise<Account> {
  const customerId = `cust_${randomBytes(12).toString('hex')}`;
  const apiKey = `iotk_${randomBytes(32).toString('base64url')}`;
  await pool.query('insert into customers (customer_id, email, company_name) values ($1, $2, $3)', [customerId, `${customerId}@example.com`, 'Acme Corp']);
  await pool.query("insert into subscriptions (customer_id, plan, status, trial_ends_at, current_period_ends_at) values ($1, 'trial', 'trialing', now() + interval '14 days', now() + interval '14 days')", [customerId]);
  await pool.query('insert into api_keys (key_hash, customer_id) values ($1, $2)', [createHash('sha256').update(apiKey).digest('hex'), customerId]);
  return { customerId, apiKey, connectionParams: { apiKey } };
}
