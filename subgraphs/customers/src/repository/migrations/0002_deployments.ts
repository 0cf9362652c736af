import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Of an instance there is one that is not removed. Times of work (lease, next attempt, deadline) are the database's own:
  // workers on several machines must agree on them.
  sql`create table deployments (
    id text primary key,
    customer_id text not null references customers,
    instance_id text not null references instances,
    operation text not null check (operation in ('DEPLOY', 'REMOVE')),
    status text not null check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REMOVED')),
    step text,
    progress integer not null check (progress between 0 and 100),
    namespace text not null,
    host text not null,
    url text,
    run integer not null,
    attempts integer not null,
    interruptions integer not null,
    fence bigint not null,
    lease_until timestamptz,
    next_attempt_at timestamptz not null,
    deadline_at timestamptz,
    job_id text not null,
    job_attempt integer,
    reason text,
    error text,
    revision bigint not null,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    deployed_at timestamptz
  )`,
  sql`create unique index deployments_one_per_instance on deployments (instance_id) where status <> 'REMOVED'`,
  sql`create index deployments_of_instance on deployments (instance_id, created_at desc, id desc)`,
  sql`create index deployments_of_customer on deployments (customer_id, created_at desc, id desc)`,
  sql`create index deployments_newest on deployments (created_at desc, id desc)`,
  sql`create index deployments_unfinished on deployments (next_attempt_at) where status in ('QUEUED', 'RUNNING')`,

  sql`create table deployment_log_lines (
    position bigint generated always as identity primary key,
    deployment_id text not null references deployments,
    at timestamptz not null,
    line text not null
  )`,
  sql`create index deployment_log_lines_of_deployment on deployment_log_lines (deployment_id, position desc)`,

  // A deployment's own keys end with it.
  sql`alter table api_keys add column deployment_id text references deployments`,
  sql`create index api_keys_of_deployment on api_keys (deployment_id) where deployment_id is not null and revoked_at is null`,

  // What billing says of each customer: whether it may deploy, and as what.
  sql`create table subscriptions (
    customer_id text primary key,
    plan text not null,
    licensed_until timestamptz,
    version bigint not null
  )`,
];

export const m0002 = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
