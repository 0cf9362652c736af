import type { EventPayload } from '@iotistic/contracts/events';
import type { LicensingApp } from '../app.ts';
import { addInstances } from '../repository/instances.ts';

/** Learns the name of an instance that others heard of first; one that is known stays as it is. */
export async function rememberInstance(app: Pick<LicensingApp, 'db'>, instance: EventPayload<'instance.registered'>): Promise<void> {
  await app.db.transaction().execute((tx) => addInstances(tx, [instance]));
}
