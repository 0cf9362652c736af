import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { CustomersTables } from './tables.ts';

const PRUNED_AT_ONCE = 1_000;

/** Those of the marks from which the account was entered before. */
export async function findKnownMarks(
  db: Db<CustomersTables>,
  accountSha256: string,
  marks: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('known_devices')
    .select('mark_sha256')
    .where('account_sha256', '=', accountSha256)
    .where('mark_sha256', 'in', [...marks])
    .execute();
  return new Set(rows.map((row) => row.mark_sha256));
}

/** Keeps the marks, of each account the latest `keep`, and removes some that were not used since `forgetBefore`. */
export async function rememberMarks(
  tx: Tx<CustomersTables>,
  accountSha256: string,
  marks: readonly string[],
  rules: { at: Date; keep: number; forgetBefore: Date },
): Promise<void> {
  await tx
    .insertInto('known_devices')
    .values(marks.map((mark) => ({ account_sha256: accountSha256, mark_sha256: mark, last_used_at: rules.at })))
    .onConflict((conflict) => conflict.columns(['account_sha256', 'mark_sha256']).doUpdateSet({ last_used_at: rules.at }))
    .execute();
  await sql`
    delete from known_devices where (account_sha256, mark_sha256) in (
      select account_sha256, mark_sha256 from known_devices where account_sha256 = ${accountSha256}
      order by last_used_at desc, mark_sha256 offset ${rules.keep}
    )`.execute(tx);
  await sql`
    delete from known_devices where (account_sha256, mark_sha256) in (
      select account_sha256, mark_sha256 from known_devices where last_used_at < ${rules.forgetBefore}
      order by last_used_at limit ${PRUNED_AT_ONCE} for update skip locked
    )`.execute(tx);
}
