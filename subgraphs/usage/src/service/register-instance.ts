import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { insertInstances } from '../repository/instances.ts';

/** Knows an instance by name before its first report. One that is known stays as it is. */
export async function registerInstance(app: Pick<UsageApp, 'db'>, instance: EventPayload<'instance.registered'>): Promise<void> {
  const { instanceId: id, customerId, name, at } = instance;
  await app.db.transaction().execute((tx) => insertInstances(tx, [{ id, customerId, name }], new Date(at)));
}
