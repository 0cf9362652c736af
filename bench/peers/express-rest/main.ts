import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { createAccounts } from './api-keys.ts';
import { createApp } from './app.ts';
import { SCHEMA } from './usage-reports.ts';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: Number(process.env['POOL_SIZE'] ?? 20) });
pool.on('error', () => undefined);
await pool.query(SCHEMA);
const accounts = await createAccounts(pool, Number(process.env['CUSTOMERS'] ?? 1));

const server = createServer(createApp(pool, { prepared: process.env['PREPARED'] === 'true' }));
server.listen(0, '127.0.0.1', () => process.send?.({ kind: 'ready', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, accounts }));

const stop = (): void => {
  server.close(() => void pool.end().then(() => process.exit(0)));
  server.closeAllConnections();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
