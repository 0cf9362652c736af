import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { DEFAULT_MAX_INSTANCES } from '../domain/license-standing.ts';
import { parseDeployedName } from '../domain/deployment-target.ts';
import { parseInstanceName } from '../domain/name.ts';
import { findNewestDeployments } from '../repository/deployments.ts';
import { countInstances, findInstances, type InstanceRow, insertInstance } from '../repository/instances.ts';
import { findStanding } from '../repository/subscriptions.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { lockActiveCustomer } from './lock-customer-for-change.ts';
import { insertQueuedDeployment, sendDeployment } from './queue-deployment.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

/**
 * Names an instance before it is first heard of and, where that is asked for, queues its deployment; of one that was
 * removed, a new deployment under the name it had.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, INVALID_NAME, NAME_TAKEN (also by one that made itself known), TOO_MANY_INSTANCES, LICENSE_REQUIRED, HELM_NOT_CONFIGURED
 */
export async function createInstance(app: App, caller: Caller, input: { customerId: string; name: string; deploy?: boolean | null | undefined }): Promise<InstanceRow> {
  const deploy = input.deploy === true;
  const name = deploy ? parseDeployedName(input.name) : parseInstanceName(input.name);
  const { instance, deployment } = await app.db.transaction().execute(async (tx) => {
    const customer = await lockActiveCustomer(tx, input.customerId);
    const made = await registerInstance(tx, app, { customerId: customer.id, name, actor: actorOf(caller), mayBeRemoved: deploy });
    return { instance: made, deployment: deploy ? await insertQueuedDeployment(tx, app, made, actorOf(caller)) : null };
  });
  if (deployment !== null) await sendDeployment(app, deployment);
  return instance;
}

/** An instance under its name, in the transaction of who asks for it. @throws AppError NAME_TAKEN, TOO_MANY_INSTANCES */
export async function registerInstance(tx: Tx<CustomersTables>, app: Pick<App, 'clock'>, asked: { customerId: string; name: string; actor: string; mayBeRemoved: boolean }): Promise<InstanceRow> {
  const { customerId, name, actor } = asked;
  const at = app.clock.now();
  const instance: InstanceRow = { id: instanceId(customerId, name), customerId, name, createdAt: at };
  if (!(await insertInstance(tx, instance))) return asked.mayBeRemoved ? getRemovedInstance(tx, instance.id) : taken();
  await refuseTooMany(tx, customerId);
  await writeAuditEntry(tx, { customerId, at, actor, action: 'instance.created', target: instance.id, detail: name });
  await publish(tx, 'customers', 'instance.registered', { customerId, instanceId: instance.id, name, at: at.toISOString() }, at);
  return instance;
}

async function refuseTooMany(tx: Tx<CustomersTables>, customerId: string): Promise<void> {
  const standing = await findStanding(tx, customerId);
  const maximum = standing === undefined ? DEFAULT_MAX_INSTANCES : standing.maxInstances;
  if (maximum === null) return;
  if ((await countInstances(tx, customerId, maximum + 1)) > maximum) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_INSTANCES');
}

async function getRemovedInstance(tx: Tx<CustomersTables>, id: string): Promise<InstanceRow> {
  const [[instance], [newest]]: [InstanceRow[], Deployment[]] = [await findInstances(tx, [id]), await findNewestDeployments(tx, [id])];
  return instance !== undefined && newest?.status === 'REMOVED' ? instance : taken();
}

function taken(): never {
  throw new AppError('CONFLICT', 'NAME_TAKEN');
}
