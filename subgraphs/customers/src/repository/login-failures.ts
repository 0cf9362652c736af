import type { Db, Tx } from '@iotistic/chassis/database';
import type { CustomersTables } from './tables.ts';

/** Failures that have had their time are removed so many at once, by whoever fails next. */
const PRUNED_AT_ONCE = 1_000;

/** The account's failures since then, newest first. */
export async function listLoginFailures(db: Db<CustomersTables>, accountSha256: string, since: Date, limit: number): Promise<Date[]> {
  const rows = await db.selectFrom('login_failures').select('failed_at').where('account_sha256', '=', accountSha256).where('failed_at', '>', since).orderBy('failed_at', 'desc').limit(limit).execute();
  return rows.map((row) => row.failed_at);
}

export async function insertLoginFailure(tx: Tx<CustomersTables>, accountSha256: string, at: Date): Promise<void> {
  await tx.insertInto('login_failures').values({ account_sha256: accountSha256, failed_at: at }).execute();
}

export async function clearLoginFailures(tx: Tx<CustomersTables>, accountSha256: string): Promise<void> {
  await tx.deleteFrom('login_failures').where('account_sha256', '=', accountSha256).execute();
}

export async function pruneLoginFailures(tx: Tx<CustomersTables>, before: Date): Promise<void> {
  await tx
    .deleteFrom('login_failures')
    .where('position', 'in', (eb) => eb.selectFrom('login_failures').select('position').where('failed_at', '<', before).orderBy('position').limit(PRUNED_AT_ONCE).forUpdate().skipLocked())
    .execute();
}
