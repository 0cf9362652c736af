import type pg from 'pg';
import type { UsageReport } from './app.ts';

const COLUMNS = [
  'customer_id',
  'instance_id',
  'reported_at',
  'active_devices',
  'total_devices',
  'mqtt_messages_published',
  'mqtt_messages_received',
  'mqtt_bytes_sent',
  'mqtt_bytes_received',
  'http_requests',
  'http_bytes_sent',
  'http_bytes_received',
  'postgres_size_mb',
  'postgres_row_count',
] as const;

/** The design documents' table and the index that their history query needs. */
export const SCHEMA = `
  create table customers (
    id serial primary key,
    customer_id varchar(255) unique not null,
    email varchar(255) unique not null,
    company_name varchar(255),
    created_at timestamptz not null default now()
  );
  create table api_keys (
    key_hash text primary key,
    customer_id varchar(255) not null references customers (customer_id),
    revoked_at timestamptz
  );
  create table usage_reports (
    id bigserial primary key,
    customer_id varchar(255) not null references customers (customer_id),
    instance_id varchar(255) not null,
    reported_at timestamptz not null,
    active_devices integer not null,
    total_devices integer not null,
    mqtt_messages_published bigint not null,
    mqtt_messages_received bigint not null,
    mqtt_bytes_sent bigint not null,
    mqtt_bytes_received bigint not null,
    http_requests bigint not null,
    http_bytes_sent bigint not null,
    http_bytes_received bigint not null,
    postgres_size_mb double precision not null,
    postgres_row_count bigint not null,
    created_at timestamptz not null default now()
  );
  create index usage_reports_by_customer on usage_reports (customer_id, reported_at desc);
`;

const INSERT = `insert into usage_reports (${COLUMNS.join(', ')}) values`;
const ONE_ROW = `${INSERT} (${COLUMNS.map((_, index) => `$${index + 1}`).join(', ')}) returning id, customer_id, created_at`;

function valuesOf({ timestamp, ...report }: UsageReport): (string | number)[] {
  const row = { ...report, reported_at: timestamp };
  return COLUMNS.map((column) => row[column]);
}

/** One row, one commit. A statement with a name is parsed and planned once per connection; few services give theirs one. */
export async function insertReport(pool: pg.Pool, report: UsageReport, name: string | undefined): Promise<object> {
  const { rows } = await pool.query<{ id: string; customer_id: string; created_at: Date }>({ name, text: ONE_ROW, values: valuesOf(report) });
  return rows[0] ?? {};
}

export async function insertReports(pool: pg.Pool, reports: readonly UsageReport[]): Promise<number> {
  const width = COLUMNS.length;
  const tuples = reports.map((_, row) => `(${COLUMNS.map((_column, index) => `$${row * width + index + 1}`).join(', ')})`);
  const { rowCount } = await pool.query({ name: `insert-${reports.length}-reports`, text: `${INSERT} ${tuples.join(', ')}`, values: reports.flatMap(valuesOf) });
  return rowCount ?? 0;
}
