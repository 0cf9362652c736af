import { createHash } from 'node:crypto';
import { type PostgresPool, type PostgresPoolClient, type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import { connectPatiently } from './connection-guard.ts';

const MARK = '/* prepared */ ';
const NAME_LENGTH = 32;

/**
 * A statement of a hot path: PostgreSQL parses it once per connection, and plans it once where a plan that does not know
 * the values is as good (plan_cache_mode auto). Its text must be the same each time: what differs goes in as values, lists as one
 * array. Any other statement is read and planned anew each time, which for a wide one costs more than running it.
 */
export function prepared<T>(statement: RawBuilder<T>): RawBuilder<T> {
  return sql<T>`${sql.raw(MARK)}${statement}`;
}

type Query = (text: string | { name: string; text: string; values: readonly unknown[] }, values?: readonly unknown[]) => unknown;

/** The pool as Kysely takes it, whose connections give prepared statements their name. */
export function withPreparedStatements(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<object, PostgresPoolClient>();
  return {
    async connect() {
      const client = await connectPatiently(pool);
      const wrapped = known.get(client) ?? naming(client);
      known.set(client, wrapped);
      return wrapped;
    },
    end: () => pool.end(),
  };
}

/** Kysely asks with a text and its values, or with a cursor. */
function naming(client: pg.PoolClient): PostgresPoolClient {
  const query = client.query.bind(client) as Query;
  const named: Query = (text, values) => (typeof text === 'string' && values !== undefined && text.startsWith(MARK) ? query({ name: nameOf(text), text, values }) : query(text, values));
  return { query: named as PostgresPoolClient['query'], release: () => client.release() };
}

const names = new Map<string, string>();

/** They are few, since each is written in the code. PostgreSQL keeps 63 characters of a name. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, NAME_LENGTH);
  names.set(text, name);
  return name;
}
