import { type DatabaseConnection, type Driver, PostgresDialect, type PostgresDialectConfig, PostgresDriver, type TransactionSettings } from 'kysely';
import { type OpenSpan, openChildSpan } from './tracing.ts';

/** The span of a transaction; null outside of any trace. @param scope the service whose it is. */
export function openTransactionSpan(scope: string): OpenSpan | null {
  return openChildSpan(scope, 'transaction', { 'db.system.name': 'postgresql', 'db.namespace': scope });
}

/** PostgreSQL, with a span for each transaction that is part of a trace. Taken only where traces are sent. */
export class TracedPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #scope: string;

  /** @param scope the service whose transactions these are. */
  constructor(config: PostgresDialectConfig, scope: string) {
    super(config);
    this.#config = config;
    this.#scope = scope;
  }

  override createDriver(): Driver {
    return new TracedDriver(this.#config, this.#scope);
  }
}

class TracedDriver extends PostgresDriver {
  readonly #open = new WeakMap<DatabaseConnection, OpenSpan>();
  readonly #scope: string;

  constructor(config: PostgresDialectConfig, scope: string) {
    super(config);
    this.#scope = scope;
  }

  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const span = openTransactionSpan(this.#scope);
    if (span !== null) this.#open.set(connection, span);
    await this.#ending(connection, () => super.beginTransaction(connection, settings), { alsoWhenGood: false });
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await this.#ending(connection, () => super.commitTransaction(connection), { alsoWhenGood: true });
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    this.#open.get(connection)?.fail('rolled back');
    await this.#ending(connection, () => super.rollbackTransaction(connection), { alsoWhenGood: true });
  }

  async #ending(connection: DatabaseConnection, work: () => Promise<void>, { alsoWhenGood }: { alsoWhenGood: boolean }): Promise<void> {
    let isOver = true;
    try {
      await work();
      isOver = alsoWhenGood;
    } catch (error) {
      this.#open.get(connection)?.fail(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      if (isOver) {
        this.#open.get(connection)?.end();
        this.#open.delete(connection);
      }
    }
  }
}
