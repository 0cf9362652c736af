import { maySee } from '@iotistic/chassis/access';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { isId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { nextStatus } from '../domain/deployment-transitions.ts';
import { findNewestDeployments } from '../repository/deployments.ts';
import { lockDeployment } from '../repository/deployment-work.ts';
import { findInstances, type InstanceRow } from '../repository/instances.ts';
import { queueAnew, refuseWithoutCluster, sendDeployment } from './queue-deployment.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

/**
 * Queues the removal of what was deployed for an instance. The instance stays listed, with what it reported. One whose
 * removal was asked for before, or is done, is answered as it is.
 * @throws AppError INSTANCE_NOT_FOUND, NOT_DEPLOYED, DEPLOYMENT_RUNNING, HELM_NOT_CONFIGURED
 */
export async function removeInstance(app: App, caller: Caller, input: { id: string }): Promise<InstanceRow> {
  const [instance] = isId('inst', input.id) ? await findInstances(app.db, [input.id]) : [];
  if (instance === undefined || !maySee(caller, instance.customerId)) throw new AppError('NOT_FOUND', 'INSTANCE_NOT_FOUND');
  await queueRemoval(app, instance.id, actorOf(caller));
  return instance;
}

/** @throws AppError NOT_DEPLOYED, DEPLOYMENT_RUNNING, HELM_NOT_CONFIGURED */
export async function queueRemoval(app: App, instanceId: string, actor: string): Promise<void> {
  const queued = await app.db.transaction().execute(async (tx): Promise<Deployment | null> => {
    const [newest] = await findNewestDeployments(tx, [instanceId]);
    const locked = newest === undefined ? undefined : await lockDeployment(tx, newest.id);
    if (locked === undefined) throw new AppError('CONFLICT', 'NOT_DEPLOYED');
    if (nextStatus(locked.deployment, 'remove') !== 'QUEUED') return null;
    refuseWithoutCluster(app);
    await writeAuditEntry(tx, { customerId: locked.deployment.customerId, at: app.clock.now(), actor, action: 'deployment.removal_queued', target: locked.deployment.id });
    return queueAnew(tx, app, locked, 'REMOVE');
  });
  if (queued !== null) await sendDeployment(app, queued);
}
