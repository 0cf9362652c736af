import { publish } from '@iotistic/chassis/outbox';
import DataLoader from 'dataloader';
import type { LicensingApp } from '../app.ts';
import { activateInstances, addInstances, lockInstances, saveSightings, type Sighting } from '../repository/instances.ts';

/** Notes that an instance fetched its license. */
export interface SightingRecorder {
  record(sighting: Sighting): Promise<void>;
}

/** An instance that says the same again is written down once a minute. */
const SAME_AGAIN_AFTER_MS = 60_000;
const MAX_REMEMBERED = 50_000;

/** Numbers change all the time; what an operator looks for is a problem that came or went. */
function isSameTrouble(a: Sighting['health'], b: Sighting['health']): boolean {
  return (a?.problems ?? []).join() === (b?.problems ?? []).join();
}

/**
 * Writes sightings, those of one turn of the event loop in one transaction. An instance that is seen for the first time
 * is told of in that transaction, once.
 */
export function createSightingRecorder(app: Pick<LicensingApp, 'db' | 'clock' | 'log'>): SightingRecorder {
  const written = new Map<string, Sighting>();

  function isWritten(sighting: Sighting): boolean {
    const last = written.get(sighting.instanceId);
    return last !== undefined && last.licenseId === sighting.licenseId && last.agentVersion === sighting.agentVersion && last.runId === sighting.runId && isSameTrouble(last.health, sighting.health) && Math.abs(sighting.at.getTime() - last.at.getTime()) < SAME_AGAIN_AFTER_MS;
  }

  function remember(sighting: Sighting): void {
    written.delete(sighting.instanceId);
    written.set(sighting.instanceId, sighting);
    if (written.size > MAX_REMEMBERED) written.delete(written.keys().next().value ?? '');
  }

  async function writeAll(given: readonly Sighting[]): Promise<void[]> {
    const sightings = [...new Map(given.map((sighting) => [sighting.instanceId, sighting])).values()];
    await app.db.transaction().execute(async (tx) => {
      await addInstances(tx, sightings.filter(({ instanceId }) => !written.has(instanceId)).toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1)));
      await lockInstances(tx, sightings.map(({ instanceId }) => instanceId));
      const activated = await activateInstances(tx, sightings);
      for (const instance of await saveSightings(tx, sightings)) app.log.warn({ instance }, 'two agents run under the name of one instance');
      for (const { customerId, instanceId, name, at } of sightings.filter((sighting) => activated.has(sighting.instanceId))) {
        await publish(tx, 'licensing', 'instance.activated', { customerId, instanceId, name, at: at.toISOString() }, app.clock.now());
      }
    });
    for (const sighting of sightings) remember(sighting);
    return given.map(() => undefined);
  }

  const writer = new DataLoader<Sighting, void>(writeAll, { cache: false, maxBatchSize: 500, batchScheduleFn: (run) => setImmediate(run) });
  return {
    async record(sighting) {
      if (!isWritten(sighting)) await writer.load(sighting);
    },
  };
}
