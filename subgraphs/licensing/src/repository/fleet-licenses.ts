import type { Db } from '@iotistic/chassis/database';
import type { PageRequest } from '@iotistic/chassis/page';
import { READ_ONLY_DAYS, GRACE_DAYS } from '@iotistic/contracts/license';
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { LicenseStatus } from '../domain/license-status.ts';
import { type LicenseRow, toLicense } from './licenses.ts';
import type { LicensingTables } from './tables.ts';

export interface FleetFilter {
  /** Null for all but those that were replaced. */
  status: LicenseStatus | null;
  /** Those alone that end between now and then; null for whenever. */
  expiresBefore: Date | null;
  now: Date;
}

/** Where a license stands in the list: by its end, then by its id. */
export type FleetKey = [expiresAt: string, id: string];

const DAY_MS = 86_400_000;
type Builder = ExpressionBuilder<LicensingTables, 'licenses'>;

/** The calendar as conditions on `expires_at`: each state begins so many days after it. */
function conditionsOf(eb: Builder, { status, expiresBefore, now }: FleetFilter): Expression<SqlBool>[] {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const between = (from: number, to: number): Expression<SqlBool>[] => [eb('expires_at', '<=', before(from)), eb('expires_at', '>', before(to))];
  const unrevoked = eb('revoked_at', 'is', null);
  const inForce = [eb('superseded_at', 'is', null), unrevoked];
  const byStatus: Record<LicenseStatus, () => Expression<SqlBool>[]> = {
    ACTIVE: () => [...inForce, eb('expires_at', '>', now)],
    GRACE: () => [...inForce, ...between(0, GRACE_DAYS)],
    READ_ONLY: () => [...inForce, ...between(GRACE_DAYS, GRACE_DAYS + READ_ONLY_DAYS)],
    EXPIRED: () => [...inForce, eb('expires_at', '<=', before(GRACE_DAYS + READ_ONLY_DAYS))],
    SUPERSEDED: () => [eb('superseded_at', 'is not', null), unrevoked],
    REVOKED: () => [eb('revoked_at', 'is not', null)],
  };
  const ending = expiresBefore === null ? [] : [unrevoked, eb('expires_at', '>', now), eb('expires_at', '<=', expiresBefore)];
  return [...(status === null ? [eb('superseded_at', 'is', null)] : byStatus[status]()), ...ending];
}

/** Of all customers, those that end first at first; one more than asked for where there is one. */
export async function listFleetLicenses(db: Db<LicensingTables>, filter: FleetFilter, { first, after }: PageRequest<FleetKey>): Promise<LicenseRow[]> {
  const rows = await db
    .selectFrom('licenses')
    .selectAll()
    .where((eb) => eb.and(conditionsOf(eb, filter)))
    .where(after === null ? sql<boolean>`true` : sql<boolean>`(expires_at, id) > (${after[0]}::timestamptz, ${after[1]})`)
    .orderBy('expires_at')
    .orderBy('id')
    .limit(first + 1)
    .execute();
  return rows.map(toLicense);
}

export async function countFleetLicenses(db: Db<LicensingTables>, filter: FleetFilter): Promise<number> {
  const { count } = await db.selectFrom('licenses').select((select) => select.fn.countAll<number>().as('count')).where((eb) => eb.and(conditionsOf(eb, filter))).executeTakeFirstOrThrow();
  return count;
}

/** How many licenses that were not replaced have each status. */
export async function countByStatus(db: Db<LicensingTables>, now: Date): Promise<Map<LicenseStatus, number>> {
  const { rows } = await sql<{ status: LicenseStatus; count: number }>`
    select status, count(*)::int as count from (
      select case when revoked_at is not null then 'REVOKED' when expires_at > ${now}::timestamptz then 'ACTIVE'
        when expires_at > ${new Date(now.getTime() - GRACE_DAYS * DAY_MS)}::timestamptz then 'GRACE'
        when expires_at > ${new Date(now.getTime() - (GRACE_DAYS + READ_ONLY_DAYS) * DAY_MS)}::timestamptz then 'READ_ONLY' else 'EXPIRED' end as status
      from licenses where superseded_at is null and not air_gap
    ) l group by status`.execute(db);
  return new Map(rows.map(({ status, count }) => [status, count]));
}
