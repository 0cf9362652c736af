import type { EventPayload } from '@iotistic/contracts/events';
import type { CustomersApp } from '../app.ts';
import { saveInstanceHeardOf } from '../repository/instances.ts';

/** An instance that made itself known to usage or licensing is listed here: told twice or in another order, the list is the same. */
export async function recordInstance(app: Pick<CustomersApp, 'db'>, instance: EventPayload<'instance.reported' | 'instance.activated'>): Promise<void> {
  await app.db.transaction().execute((tx) => saveInstanceHeardOf(tx, { id: instance.instanceId, customerId: instance.customerId, name: instance.name, createdAt: new Date(instance.at) }));
}
