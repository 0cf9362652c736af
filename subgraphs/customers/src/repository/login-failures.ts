import type { Db, Tx } from '@iotistic/chassis/database';
import type { CustomersTables } from './tables.ts';

/** Failures that have had their time are removed so many at once, by the next failure. */
const PRUNED_AT_ONCE = 1_000;

/** An attempt's account and the device or address that makes it, by their hashes. */
export interface LoginPlace {
  accountSha256: string;
  markSha256: string;
  /** It never logged in to this account. */
  isStranger: boolean;
}

/** The failures of this place since then, newest first. */
export async function listFailuresOfPlace(db: Db<CustomersTables>, place: LoginPlace, since: Date, limit: number): Promise<Date[]> {
  const rows = await db
    .selectFrom('login_failures')
    .select('failed_at')
    .where('account_sha256', '=', place.accountSha256)
    .where('mark_sha256', '=', place.markSha256)
    .where('failed_at', '>', since)
    .orderBy('failed_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.failed_at);
}

/** The account's failures of all strangers since then, newest first. */
export async function listFailuresOfStrangers(
  db: Db<CustomersTables>,
  accountSha256: string,
  since: Date,
  limit: number,
): Promise<Date[]> {
  const rows = await db
    .selectFrom('login_failures')
    .select('failed_at')
    .where('account_sha256', '=', accountSha256)
    .where('is_stranger', '=', true)
    .where('failed_at', '>', since)
    .orderBy('failed_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.failed_at);
}

export async function insertLoginFailure(tx: Tx<CustomersTables>, place: LoginPlace, at: Date): Promise<void> {
  const { accountSha256, markSha256, isStranger } = place;
  await tx
    .insertInto('login_failures')
    .values({ account_sha256: accountSha256, mark_sha256: markSha256, is_stranger: isStranger, failed_at: at })
    .execute();
}

export async function clearLoginFailures(tx: Tx<CustomersTables>, place: LoginPlace): Promise<void> {
  await tx
    .deleteFrom('login_failures')
    .where('account_sha256', '=', place.accountSha256)
    .where('mark_sha256', '=', place.markSha256)
    .execute();
}

export async function pruneLoginFailures(tx: Tx<CustomersTables>, before: Date): Promise<void> {
  await tx
    .deleteFrom('login_failures')
    .where('position', 'in', (eb) =>
      eb
        .selectFrom('login_failures')
        .select('position')
        .where('failed_at', '<', before)
        .orderBy('position')
        .limit(PRUNED_AT_ONCE)
        .forUpdate()
        .skipLocked(),
    )
    .execute();
}
