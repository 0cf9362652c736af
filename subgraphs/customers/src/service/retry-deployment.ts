import { maySee } from '@iotistic/chassis/access';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { isId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { nextStatus } from '../domain/deployment-transitions.ts';
import { lockDeployment } from '../repository/deployment-work.ts';
import { lockCustomerShared } from '../repository/customers.ts';
import { queueAnew, refuseWithoutCluster, refuseWithoutLicense, sendDeployment } from './queue-deployment.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

/**
 * Queues what failed once more: a deployment, or a removal. One that is queued already is answered as it is.
 * @throws AppError DEPLOYMENT_NOT_FOUND, DEPLOYMENT_RUNNING, DEPLOYMENT_REMOVED, NOTHING_TO_RETRY, CUSTOMER_DEACTIVATED, LICENSE_REQUIRED, HELM_NOT_CONFIGURED
 */
export async function retryDeployment(app: App, caller: Caller, input: { id: string }): Promise<Deployment> {
  const { deployment, isQueued } = await app.db.transaction().execute(async (tx) => {
    const locked = isId('depl', input.id) ? await lockDeployment(tx, input.id) : undefined;
    if (locked === undefined || !maySee(caller, locked.deployment.customerId)) throw new AppError('NOT_FOUND', 'DEPLOYMENT_NOT_FOUND');
    const { id, customerId, operation } = locked.deployment;
    if (nextStatus(locked.deployment, 'retry') !== 'QUEUED') return { deployment: locked.deployment, isQueued: false };
    refuseWithoutCluster(app);
    if (operation === 'DEPLOY') {
      const customer = await lockCustomerShared(tx, customerId);
      if (customer?.status !== 'ACTIVE') throw new AppError('CONFLICT', 'CUSTOMER_DEACTIVATED');
      await refuseWithoutLicense(tx, app, customerId);
    }
    await writeAuditEntry(tx, { customerId, at: app.clock.now(), actor: actorOf(caller), action: 'deployment.retried', target: id });
    return { deployment: await queueAnew(tx, app, locked, operation), isQueued: true };
  });
  if (isQueued) await sendDeployment(app, deployment);
  return deployment;
}
