import { type Kysely, sql } from 'kysely';

/**
 * Leases no longer end with the paid period: where a subscription in force ends is said by itself. What is in force already
 * is renewed at once; the lease that follows begins after the one that instances hold, or they would take it for an older one.
 */
export const m0004 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table entitlements add column ends_at timestamptz`.execute(db);
    await sql`
      with goes_on as (
        update licenses l set renew_at = l.issued_at from entitlements e
        where e.customer_id = l.customer_id and l.superseded_at is null and l.revoked_at is null and not l.air_gap and (l.renew_at is not null or e.status = 'ACTIVE')
        returning l.customer_id, l.issued_at
      )
      update entitlements e set updated_at = greatest(e.updated_at, date_trunc('second', g.issued_at) + interval '1 second') from goes_on g where g.customer_id = e.customer_id`.execute(db);
    await sql`create index licenses_in_force on licenses (expires_at, id) where superseded_at is null and not air_gap`.execute(db);
  },
};
