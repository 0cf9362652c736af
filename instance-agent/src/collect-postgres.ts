import './driver-environment.ts';
import pg from 'pg';
import type { Collector, Found } from './collector.ts';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 5_000;

/** By `set`: a pooler refuses settings that come with the connection. */
const SESSION = `set statement_timeout = ${STATEMENT_MS}; set default_transaction_read_only = on`;
const SIZE = 'select pg_database_size(current_database())::text as bytes';
/**
 * The planner's own estimate: counting the rows of a time series would cost more than storing them. -1 is a table that was never
 * analysed, as all are after an upgrade or a restore: while that holds for all that have pages, nobody knows how many rows there are.
 */
const ROWS = `select case when bool_or(c.reltuples < 0 and pg_relation_size(c.oid) > 0) and not bool_or(c.reltuples > 0) then null
  else coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint::text end as rows from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

/** Whether the driver reads it as a way to a database, sockets included (`postgres://u:p@/db?host=/run/postgresql`). */
export function isPostgresUrl(text: string): boolean {
  try {
    const { host, port } = new pg.Client({ connectionString: text });
    return /^postgres(ql)?:/i.test(text) && !host.includes(',') && port > 0 && port < 65_536;
  } catch {
    return false;
  }
}

/** How large the product's database is, and about how many rows it has (DATABASE_METRICS_URL). Reads only; one connection, which ends with the question. */
export class PostgresCollector implements Collector {
  readonly kind = 'postgres';
  readonly name: string;

  constructor(private readonly url: string) {
    const { host, port, database } = new pg.Client({ connectionString: url });
    this.name = `postgres://${host}:${port}/${database ?? ''}`;
  }

  nameOf(quantity: string): string {
    return quantity;
  }

  async collect(_baselines: unknown, signal: AbortSignal): Promise<Found> {
    const client = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: CONNECT_MS, query_timeout: STATEMENT_MS + 1_000, application_name: 'iotistic-agent' });
    // A backend that is ended while the connection idles says so here, and would otherwise end the process.
    client.on('error', () => undefined);
    const abort = (): void => void client.end().catch(() => undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await client.connect();
      await client.query(SESSION);
      const [size, rows] = [await client.query<{ bytes: string }>(SIZE), await client.query<{ rows: string | null }>(ROWS)];
      const gauges = { ...quantity('storageBytes', size.rows[0]?.bytes), ...quantity('storageRows', rows.rows[0]?.rows) };
      return { gauges, counters: {}, baselines: {}, split: {} };
    } catch (error) {
      // PostgreSQL's own words may name users and hosts; its code says enough.
      throw new Error('cannot be asked', { cause: error });
    } finally {
      signal.removeEventListener('abort', abort);
      await client.end().catch(() => undefined);
    }
  }
}

/** What was not answered is not zero. */
function quantity(name: 'storageBytes' | 'storageRows', text: string | null | undefined): Found['gauges'] {
  const value = Number(text ?? NaN);
  return Number.isSafeInteger(value) && value >= 0 ? { [name]: value } : {};
}
