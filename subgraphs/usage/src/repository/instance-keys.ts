import type { Tx } from '@iotistic/chassis/database';
import type { UsageTables } from './tables.ts';

/** The key that this instance signs with: the first one that was seen, which may be the one that is given. */
export async function keepFirstKey(tx: Tx<UsageTables>, key: { instanceId: string; customerId: string; publicKey: string }, now: Date): Promise<string> {
  await tx
    .insertInto('instance_keys')
    .values({ instance_id: key.instanceId, customer_id: key.customerId, public_key: key.publicKey, first_seen_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { public_key: known } = await tx.selectFrom('instance_keys').select('public_key').where('instance_id', '=', key.instanceId).executeTakeFirstOrThrow();
  return known;
}

/** Answers false when none was known. */
export async function forgetKey(tx: Tx<UsageTables>, instanceId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('instance_keys').where('instance_id', '=', instanceId).executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}
