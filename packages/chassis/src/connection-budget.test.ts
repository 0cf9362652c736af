import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConnections, countConnections, divideConnections, MIN_CONNECTIONS } from './connection-budget.ts';
import { connectPatiently } from './connection-guard.ts';
import { surviveLosses } from './database.ts';
import { createLog } from './log.ts';

let database: TestDatabase;
const lines: string[] = [];
const log = createLog({ level: 'warn', name: 'test', destination: { write: (line) => void lines.push(line) } });

beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty', migrate: () => Promise.resolve() });
});
afterAll(() => database.drop());

/** max_connections, less those that are reserved. */
async function places(): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ free: number }>("select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - coalesce(current_setting('reserved_connections', true), '0')::int as free");
  await client.end();
  return rows[0]?.free ?? 0;
}

describe('the connections of a process', () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + MIN_CONNECTIONS))('are divided so that %i are never exceeded, and each pool has its own', (maximum) => {
    for (const pipeline of [undefined, 5]) {
      const sizes = divideConnections(maximum, { statements: 10, pipeline });
      expect(countConnections(sizes, true)).toBeLessThanOrEqual(maximum);
      expect([sizes.statements >= 2, sizes.locks >= 1, sizes.pipeline >= (pipeline === undefined ? 0 : 1)]).toEqual([true, true, true]);
    }
  });

  it('are as many as each pool likes where nothing limits them', () => {
    expect(countConnections(divideConnections(undefined, {}), true)).toBe(15);
    expect(countConnections(divideConnections(undefined, { statements: 10, pipeline: 5 }), true)).toBe(22);
    expect(countConnections(divideConnections(7, {}), false)).toBe(7 + 26);
  });

  it('are refused at the start where PostgreSQL can never have as many, with the figures', async () => {
    const free = await places();
    await expect(checkConnections({ url: database.url, name: 'usage', needs: free + 1, log })).rejects.toThrow(new RegExp(`DATABASE_MAX_CONNECTIONS: usage may open ${free + 1} connections, and PostgreSQL takes ${free} `));
  });

  it('are warned of where others have them, in one sentence with the figures, and are said nothing of otherwise', async () => {
    const free = await places();
    await checkConnections({ url: database.url, name: 'usage', needs: 5, log });
    expect(lines).toEqual([]);
    const other = new pg.Client({ connectionString: database.url, application_name: 'iotistic-billing' });
    await other.connect();
    await checkConnections({ url: database.url, name: 'usage', needs: free, log });
    await other.end();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ needs: free, free, msg: expect.stringMatching(/^usage may open \d+ connections beside the \d+ that are open, [1-9]\d* of them this plane's/) as string });
  });
});

describe('a server that has no connection left', () => {
  it('fails nobody who can have one of the pool soon, and says too many in the end', async () => {
    const role = `few_${Math.trunc(performance.now() * 1000)}`;
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`create role ${role} login password 'few' connection limit 1`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'few';
    const pool = new pg.Pool({ connectionString: url.href, max: 3 });
    surviveLosses(pool, log);
    const first = await connectPatiently(pool);
    let isServed = false;
    const second = connectPatiently(pool).then((client) => {
      isServed = true;
      return client;
    });
    await expect(pool.connect()).rejects.toMatchObject({ code: '53300' });
    expect(isServed).toBe(false);
    first.release();
    (await second).release();
    const held = await connectPatiently(pool);
    await expect(connectPatiently(pool)).rejects.toMatchObject({ code: '53300' });
    held.release();
    await pool.end();
    await admin.query(`drop role ${role}`);
    await admin.end();
  });
});
