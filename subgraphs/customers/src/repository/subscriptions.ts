import type { Db, Tx } from '@iotistic/chassis/database';
import type { SubscriptionStanding } from '../domain/license-standing.ts';
import type { CustomersTables } from './tables.ts';

export function findStanding(db: Db<CustomersTables>, customerId: string): Promise<SubscriptionStanding | undefined> {
  return db.selectFrom('subscriptions').select(['customer_id as customerId', 'plan', 'licensed_until as licensedUntil', 'version', 'max_instances as maxInstances']).where('customer_id', '=', customerId).executeTakeFirst();
}

/** Unless a newer version is stored. */
export async function saveStanding(tx: Tx<CustomersTables>, standing: SubscriptionStanding): Promise<void> {
  await tx
    .insertInto('subscriptions')
    .values({ customer_id: standing.customerId, plan: standing.plan, licensed_until: standing.licensedUntil, version: standing.version, max_instances: standing.maxInstances })
    .onConflict((conflict) =>
      conflict
        .column('customer_id')
        .doUpdateSet((eb) => ({ plan: eb.ref('excluded.plan'), licensed_until: eb.ref('excluded.licensed_until'), version: eb.ref('excluded.version'), max_instances: eb.ref('excluded.max_instances') }))
        .whereRef('excluded.version', '>', 'subscriptions.version'),
    )
    .execute();
}
