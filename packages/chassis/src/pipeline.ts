import { failpoint } from '@iotistic/contracts/failpoints';
import type { PostgresPoolClient, PostgresQueryResult, RawBuilder } from 'kysely';
import { type Database, type DatabaseOptions, openPool } from './database.ts';
import type { PoolMetrics } from './database-metrics.ts';
import { openTransactionSpan } from './transaction-spans.ts';

/** What a transaction comes to: what its caller is answered once it is committed, and what it writes. */
export interface Decided<R> {
  result: R;
  writes: readonly RawBuilder<unknown>[];
}

type Statements<Rows extends readonly object[]> = { readonly [K in keyof Rows]: RawBuilder<Rows[K]> };
type Answers<Rows extends readonly object[]> = { readonly [K in keyof Rows]: readonly Rows[K][] };

/** Transactions of a hot path, on connections of their own. */
export interface Pipeline {
  /**
   * A transaction in two round trips instead of one for each statement: what it reads goes with its begin, what it writes with its
   * commit (libpq calls it pipeline mode). Each statement sees what was committed before it began, as in any other transaction.
   * @param decide what to write; null ends the transaction without having written anything.
   * @throws what the database says of the first statement that failed: nothing is written then. Where the connection is lost, whether it is committed is not known.
   */
  transaction<Rows extends readonly object[], R>(reads: Statements<Rows>, decide: (answers: Answers<Rows>) => Decided<R> | null): Promise<R | null>;
  /**
   * A statement that is a transaction by itself: one round trip, and no begin or commit.
   * @throws as transaction does.
   */
  statement(statement: RawBuilder<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** @param database whose tables the statements are of; its pool stays as it is. */
export function openPipeline(database: Pick<Database<unknown>, 'db'>, options: DatabaseOptions): Pipeline {
  const { pool, watched, connections } = openPool({ ...options, pipeline: true }, `${options.schema}-pipeline`);
  async function onConnection<R>(work: (running: PipelinedTransaction) => Promise<R>): Promise<R> {
    const client = await connections.connect();
    const span = openTransactionSpan(options.schema);
    try {
      return await work(new PipelinedTransaction(client, database, watched));
    } catch (error) {
      span?.fail(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      span?.end();
      client.release();
    }
  }
  return {
    transaction: (reads, decide) => onConnection((running) => running.run(reads as readonly RawBuilder<object>[], decide as (answers: readonly (readonly object[])[]) => Decided<never> | null)),
    statement: (statement) => onConnection((running) => running.runAlone(statement)),
    close: () => pool.end(),
  };
}

class PipelinedTransaction {
  readonly #client: PostgresPoolClient;
  readonly #database: Pick<Database<unknown>, 'db'>;
  readonly #watched: PoolMetrics | null;

  constructor(client: PostgresPoolClient, database: Pick<Database<unknown>, 'db'>, watched: PoolMetrics | null) {
    this.#client = client;
    this.#database = database;
    this.#watched = watched;
  }

  async run<R>(reads: readonly RawBuilder<object>[], decide: (answers: readonly (readonly object[])[]) => Decided<R> | null): Promise<R | null> {
    let decided: Decided<R> | null = null;
    try {
      const [, ...answers] = await this.#send(['begin', ...reads]);
      decided = decide(answers);
    } finally {
      // One that is lost has rolled back by itself.
      if (decided === null) await this.#send(['rollback']).catch(() => undefined);
    }
    // Where a write fails, this commit is PostgreSQL's rollback.
    if (decided !== null) await this.#commit([...decided.writes, 'commit']);
    return decided === null ? null : decided.result;
  }

  async runAlone(statement: RawBuilder<unknown>): Promise<void> {
    await this.#commit([statement]);
  }

  async #commit(statements: readonly (string | RawBuilder<unknown>)[]): Promise<void> {
    await failpoint('pipeline.committing');
    await this.#send(statements);
    await failpoint('pipeline.committed');
  }

  /** All at once. Ends when all have ended, so that no answer is left for whoever has the connection next. */
  async #send(statements: readonly (string | RawBuilder<unknown>)[]): Promise<(readonly object[])[]> {
    const startedAtMs = performance.now();
    const sent = statements.map((statement) => (typeof statement === 'string' ? this.#client.query<object>(statement, []) : this.#sendOne(statement)));
    const ended = await Promise.allSettled(sent);
    const failed = ended.find((each) => each.status === 'rejected');
    this.#watched?.onQuery({ level: failed === undefined ? 'query' : 'error', queryDurationMillis: performance.now() - startedAtMs });
    if (failed !== undefined) throw failed.reason;
    return ended.map((each) => (each.status === 'fulfilled' ? each.value.rows : []));
  }

  #sendOne(statement: RawBuilder<unknown>): Promise<PostgresQueryResult<object>> {
    const { sql, parameters } = statement.compile(this.#database.db);
    return this.#client.query<object>(sql, parameters);
  }
}
