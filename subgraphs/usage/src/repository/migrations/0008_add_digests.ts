import { type Kysely, sql } from 'kysely';

const COUNT_COLUMNS = [
  'active_devices',
  'total_devices',
  'mqtt_messages_published',
  'mqtt_messages_received',
  'mqtt_bytes_sent',
  'mqtt_bytes_received',
  'http_requests',
  'http_bytes_sent',
  'http_bytes_received',
  'storage_bytes',
  'storage_rows',
];

/**
 * Digests of days whose reports are not kept any more, and when a period's bill was final, or was found to be none: reports
 * are kept for so long behind that.
 */
export const m0008 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table usage_digests (
        instance_no bigint not null,
        from_at timestamptz not null,
        part integer not null,
        through_at timestamptz not null,
        reports bigint not null,
        late bigint not null,
        sequences int8multirange not null,
        ${sql.raw(COUNT_COLUMNS.map((name) => `${name} bigint not null`).join(', '))},
        first_hash uuid,
        head uuid,
        hash bytea not null,
        made_at timestamptz not null,
        primary key (instance_no, from_at, part)
      )`.execute(db);
    await sql`alter table billing_periods add column closed_at timestamptz`.execute(db);
    await sql`update billing_periods set closed_at = invoiced_at where invoiced_at is not null`.execute(db);
  },
};
