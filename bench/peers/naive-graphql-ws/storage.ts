import DataLoader from 'dataloader';
import type pg from 'pg';

export const SCHEMA = `
  create table customers (id text primary key, company_name text, api_key_hash text unique not null);
  create table instances (id text primary key, customer_id text not null references customers, name text not null, unique (customer_id, name));
  create table subscriptions (id text primary key, customer_id text unique not null references customers, plan_key text not null, plan_name text not null);
  create table licenses (id text primary key, customer_id text unique not null references customers, expires_at timestamptz not null);
  create table usage_reports (
    id bigserial primary key,
    report_id text unique not null,
    customer_id text not null references customers,
    instance_id text not null references instances,
    interval_start timestamptz not null,
    interval_end timestamptz not null,
    active_devices bigint not null,
    total_devices bigint not null
  );
`;

export interface Report {
  id: string;
  customerId: string;
  instanceId: string;
  activeDevices: number;
  totalDevices: number;
}

export interface ReportInput {
  reportId: string;
  intervalStart: string;
  intervalEnd: string;
  activeDevices: number;
  totalDevices: number;
}

type Row = Record<string, unknown> & { key: string };

export interface Loaders {
  instance: DataLoader<string, Row | null>;
  customer: DataLoader<string, Row | null>;
  subscription: DataLoader<string, Row | null>;
  license: DataLoader<string, Row | null>;
}

/** For one execution: a row that is asked for twice in it is read once. */
export function createLoaders(pool: pg.Pool): Loaders {
  const loader = (name: string, text: string): DataLoader<string, Row | null> =>
    new DataLoader(async (keys: readonly string[]) => {
      const { rows } = await pool.query<Row>({ name, text, values: [keys] });
      const found = new Map(rows.map((row) => [row.key, row]));
      return keys.map((key) => found.get(key) ?? null);
    });
  return {
    instance: loader('instances', 'select id as key, id, name from instances where id = any ($1)'),
    customer: loader('customers', 'select id as key, id, company_name as "companyName" from customers where id = any ($1)'),
    subscription: loader('subscriptions', `select customer_id as key, id, json_build_object('key', plan_key, 'name', plan_name) as plan from subscriptions where customer_id = any ($1)`),
    license: loader('licenses', 'select customer_id as key, id, expires_at as "expiresAt" from licenses where customer_id = any ($1)'),
  };
}

export async function insertReport(pool: pg.Pool, customerId: string, instance: string, report: ReportInput): Promise<Report> {
  const instanceId = `${customerId}/${instance}`;
  await pool.query({ name: 'instance', text: 'insert into instances (id, customer_id, name) values ($1, $2, $3) on conflict do nothing', values: [instanceId, customerId, instance] });
  const { rows } = await pool.query<{ id: string }>({
    name: 'report',
    text: 'insert into usage_reports (report_id, customer_id, instance_id, interval_start, interval_end, active_devices, total_devices) values ($1, $2, $3, $4, $5, $6, $7) returning id',
    values: [report.reportId, customerId, instanceId, report.intervalStart, report.intervalEnd, report.activeDevices, report.totalDevices],
  });
  return { id: rows[0]?.id ?? '', customerId, instanceId, activeDevices: report.activeDevices, totalDevices: report.totalDevices };
}
