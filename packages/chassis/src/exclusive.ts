import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import type pg from 'pg';
import { clientTimeoutMs, connectPatiently } from './connection-guard.ts';
import { createPool } from './database.ts';
import type { Log } from './log.ts';
import { Turns } from './turns.ts';

/** Work that must not be done twice at once, in any process: whatever calls outside before it writes. */
export interface Exclusive {
  /**
   * Runs the work when nobody else, here or elsewhere, runs one of the same key. Not to be nested: who holds one key and
   * waits for another may wait for itself. It orders, it does not fence: should the database end the connection, the
   * work goes on and another may begin, so what it writes needs a guard of its own.
   * @param options.waitMs how long to stand in line, 15 s unless told; 0 does not wait at all.
   * @throws AppError UNAVAILABLE BUSY when the turn does not come in that time; whatever the work throws.
   */
  run<T>(key: string, work: () => Promise<T>, options?: { waitMs?: number }): Promise<T>;
  /** Sends home who stands in line, and waits for the work that runs. May be called again. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 6;
const WAIT_MS = 15_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** @param options.schema whose keys these are: the same key of another subgraph is another. */
export function createExclusive(options: { url: string; schema: string; log: Log; maxConnections?: number }): Exclusive {
  return new AdvisoryLocks(options);
}

/**
 * By advisory locks of sessions that are in no transaction, on connections of their own. Those of this process stand in
 * line here first, so that waiting for a key costs one connection and not one for each who waits.
 */
class AdvisoryLocks implements Exclusive {
  readonly #schema: string;
  readonly #pool: pg.Pool;
  readonly #connections: Turns;
  readonly #lines = new Map<string, { turns: Turns; inside: number }>();
  readonly #running = new Set<Promise<unknown>>();
  /** Connections that stand in the database's line. */
  readonly #waiting = new Set<pg.PoolClient>();
  #closed: Promise<void> | null = null;

  constructor({ maxConnections = MAX_CONNECTIONS, ...options }: { url: string; schema: string; log: Log; maxConnections?: number }) {
    this.#schema = options.schema;
    this.#connections = new Turns(maxConnections);
    this.#pool = createPool({ ...options, maxConnections, statementTimeoutMs: 0 });
  }

  run<T>(key: string, work: () => Promise<T>, { waitMs = WAIT_MS }: { waitMs?: number } = {}): Promise<T> {
    const result = this.#run(key, work, performance.now() + waitMs);
    this.#running.add(result);
    const forget = (): void => void this.#running.delete(result);
    result.then(forget, forget);
    return result;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    // Until close() has returned, nobody sees that it was called.
    await Promise.resolve();
    for (const { turns } of this.#lines.values()) turns.dismiss();
    this.#connections.dismiss();
    await Promise.allSettled([...this.#waiting].map((client) => client.end()));
    await Promise.allSettled(this.#running);
    await this.#pool.end();
  }

  async #run<T>(key: string, work: () => Promise<T>, endsAt: number): Promise<T> {
    const line = this.#lines.get(key) ?? { turns: new Turns(1), inside: 0 };
    this.#lines.set(key, line);
    line.inside += 1;
    try {
      return await this.#inTurn(line.turns, endsAt, () => this.#inTurn(this.#connections, endsAt, () => this.#locked(`iotistic:${this.#schema}:${key}`, endsAt, work)));
    } finally {
      line.inside -= 1;
      if (line.inside === 0) this.#lines.delete(key);
    }
  }

  async #inTurn<T>(turns: Turns, endsAt: number, work: () => Promise<T>): Promise<T> {
    if (this.#closed !== null || !(await turns.enter(endsAt - performance.now()))) throw this.#refusal();
    try {
      if (this.#closed !== null) throw this.#refusal();
      return await work();
    } finally {
      turns.leave();
    }
  }

  async #locked<T>(name: string, endsAt: number, work: () => Promise<T>): Promise<T> {
    const client = await connectPatiently(this.#pool);
    // A connection that may still hold the lock is ended, which unlocks.
    let mayHold = true;
    try {
      mayHold = await this.#acquire(client, name, endsAt - performance.now());
      if (!mayHold) throw this.#refusal();
      await failpoint('exclusive.locked');
      const result = await work();
      await failpoint('exclusive.done');
      return result;
    } finally {
      if (mayHold) mayHold = !(await unlock(client, name).catch(() => false));
      client.release(mayHold);
    }
  }

  async #acquire(client: pg.PoolClient, name: string, waitMs: number): Promise<boolean> {
    // Who was still connecting when close() ended those in line would stand in it for all of its time.
    if (this.#closed !== null) return false;
    this.#waiting.add(client);
    try {
      return await lock(client, name, waitMs);
    } catch (error) {
      throw this.#closed === null ? error : this.#refusal(error);
    } finally {
      this.#waiting.delete(client);
    }
  }

  #refusal(cause?: unknown): AppError {
    return this.#closed === null ? new AppError('UNAVAILABLE', 'BUSY', undefined, { cause }) : new AppError('UNAVAILABLE', 'SHUTTING_DOWN', undefined, { cause });
  }
}

async function lock(client: pg.PoolClient, name: string, waitMs: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as locked', [name]);
  if (rows[0]?.locked === true) return true;
  if (waitMs < 1) return false;
  try {
    await client.query("select set_config('lock_timeout', $1, false)", [String(Math.ceil(waitMs))]);
    await client.query(lockQuery(name, waitMs));
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/** The client waits as long as the server does, and not for one that has fallen silent. */
function lockQuery(name: string, waitMs: number): pg.QueryConfig {
  return { text: 'select pg_advisory_lock(hashtextextended($1, 0))', values: [name], query_timeout: clientTimeoutMs(Math.ceil(waitMs)) } as pg.QueryConfig;
}

async function unlock(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ unlocked: boolean }>('select pg_advisory_unlock(hashtextextended($1, 0)) as unlocked', [name]);
  return rows[0]?.unlocked === true;
}
