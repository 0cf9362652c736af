import type { Redis } from 'ioredis';
import type pg from 'pg';

/**
 * A counter that lies where the jobs lie. It is raised after jobs were added, so that a backend that has the count has
 * those jobs too: whatever loses the jobs (a flush, an older snapshot, another backend) loses the mark or sets it back.
 */
export interface QueueMark {
  /** Drawn when the mark was made: one that was made again after a loss is another. */
  epoch: string;
  count: number;
  /** The connection that it was read over. A server that ended and came back has ended the connection too. */
  connection: number;
}

export interface QueueMarks {
  /** Null where there is none. @throws Error, soon, when the backend does not answer. */
  read(name: string): Promise<QueueMark | null>;
  /** Counts one further. Null when the mark is of another epoch by now, or its connection has ended since it was read. */
  raise(name: string, mark: QueueMark): Promise<number | null>;
  /** Makes the mark again, from 0. */
  renew(name: string, epoch: string): Promise<void>;
}

/** Beside BullMQ's own tables: whoever drops the schema drops the marks too. */
export async function createMarksTable(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`iotistic:${schema}:queue_marks`]);
    await client.query(`create table if not exists ${schema}.queue_marks (name text primary key, epoch text not null, count bigint not null)`);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const UNDEFINED_TABLE = '42P01';

/** @param repair makes the schema again where it was dropped under a process that runs. */
export function postgresMarks(pool: pg.Pool, schema: string, repair: () => Promise<void>): QueueMarks {
  const table = `${schema}.queue_marks`;
  // A commit is durable before the job that it added is acknowledged: a lost connection says nothing about earlier ones.
  const connection = 0;
  return {
    async read(name) {
      try {
        const { rows } = await pool.query<{ epoch: string; count: string }>(`select epoch, count from ${table} where name = $1`, [name]);
        return rows[0] === undefined ? null : { epoch: rows[0].epoch, count: Number(rows[0].count), connection };
      } catch (error) {
        if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error;
        await repair();
        return null;
      }
    },
    async raise(name, { epoch }) {
      const { rows } = await pool.query<{ count: string }>(`update ${table} set count = count + 1 where name = $1 and epoch = $2 returning count`, [name, epoch]);
      return rows[0] === undefined ? null : Number(rows[0].count);
    },
    async renew(name, epoch) {
      await pool.query(`insert into ${table} (name, epoch, count) values ($1, $2, 0) on conflict (name) do update set epoch = excluded.epoch, count = 0`, [name, epoch]);
    },
  };
}

const RAISE = "if redis.call('hget', KEYS[1], 'epoch') == ARGV[1] then return redis.call('hincrby', KEYS[1], 'count', 1) end return false";

/**
 * In Redis, which keeps what it was sent in its order: a snapshot, a log that was cut off or a replica that lags has all
 * jobs from before the count that it has.
 * @param connect opens a connection that answers or fails soon; its own, so that one that ended is seen.
 */
export function redisMarks(connect: () => Redis, prefix: string): QueueMarks {
  const keyOf = (name: string): string => `${prefix}:iotistic-mark:${name}`;
  let redis: Redis | null = null;
  let connection = 0;
  const open = (): Redis => {
    redis ??= connect().on('close', () => (connection += 1));
    return redis;
  };
  return {
    async read(name) {
      const opened = open();
      // Noted first: where the answer comes over a later connection, the raise sees the difference.
      const before = connection;
      const [epoch, count] = await opened.hmget(keyOf(name), 'epoch', 'count');
      return epoch === undefined || epoch === null ? null : { epoch, count: Number(count ?? 0), connection: before };
    },
    async raise(name, mark) {
      const count = await open().eval(RAISE, 1, keyOf(name), mark.epoch);
      return typeof count === 'number' && connection === mark.connection ? count : null;
    },
    async renew(name, epoch) {
      await open().hset(keyOf(name), { epoch, count: 0 });
    },
  };
}
