import type { Tx } from '@iotistic/chassis/database';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { hostOf, namespaceOf } from '../domain/deployment-target.ts';
import { queuedAnew } from '../domain/deployment-transitions.ts';
import { mayDeploy } from '../domain/license-standing.ts';
import { addLogLines } from '../repository/deployment-log.ts';
import { insertDeployment, type LockedDeployment } from '../repository/deployment-work.ts';
import type { InstanceRow } from '../repository/instances.ts';
import { findStanding } from '../repository/subscriptions.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { lineNow, publishDeployment, saveDeploymentChange, tellWatchers } from './save-deployment-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

export const DEPLOY_JOB = 'deploy-instance';

/** Queues the first run for an instance, in the transaction that makes the instance. Its job is sent after the commit. @throws AppError HELM_NOT_CONFIGURED, LICENSE_REQUIRED */
export async function insertQueuedDeployment(tx: Tx<CustomersTables>, app: Pick<App, 'clock' | 'config' | 'cluster'>, instance: InstanceRow, actor: string): Promise<Deployment> {
  await refuseWithoutLicense(tx, app, instance.customerId);
  const at = app.clock.now();
  const id = newId('depl');
  const deployment: Deployment = {
    id,
    customerId: instance.customerId,
    instanceId: instance.id,
    operation: 'DEPLOY',
    status: 'QUEUED',
    step: null,
    progress: 0,
    namespace: namespaceOf(instance.customerId, instance.name),
    host: hostOf(instance.customerId, instance.name, app.config.INSTANCE_DOMAIN),
    url: null,
    run: 1,
    attempts: 0,
    interruptions: 0,
    fence: 0,
    jobId: newJobId(id),
    jobAttempt: null,
    reason: null,
    error: null,
    revision: 1,
    createdAt: at,
    startedAt: null,
    finishedAt: null,
    deployedAt: null,
  };
  await insertDeployment(tx, deployment);
  await addLogLines(tx, id, [lineNow(app, 'queued')]);
  await writeAuditEntry(tx, { customerId: instance.customerId, at, actor, action: 'deployment.queued', target: id, detail: instance.name });
  await publishDeployment(tx, app, deployment);
  return deployment;
}

/** Queues a deployment that there is once more, for this operation, under a job of its own. */
export function queueAnew(tx: Tx<CustomersTables>, app: Pick<App, 'clock'>, { deployment }: Pick<LockedDeployment, 'deployment'>, operation: Deployment['operation']): Promise<Deployment> {
  const after = { ...queuedAnew(deployment, operation), jobId: newJobId(deployment.id) };
  return saveDeploymentChange(tx, app, { before: deployment, after, lines: [lineNow(app, operation === 'DEPLOY' ? 'queued once more' : 'its removal is queued')], times: { leaseMs: 0, nextAttemptMs: 0 } });
}

/** Hands a queued deployment to the workers. Where the queue does not take it, the sweep makes up for it. */
export async function sendDeployment(app: Pick<App, 'work' | 'live' | 'log'>, deployment: Deployment): Promise<void> {
  try {
    await app.work.add(DEPLOY_JOB, deployment.jobId, { deploymentId: deployment.id });
  } catch (err) {
    app.log.warn({ err, deployment: deployment.id }, 'a deployment was not handed to the queue; it will be');
  }
  await tellWatchers(app, deployment);
}

/** A job of its own for each time that it is asked for: one that comes late from an earlier one is told apart. */
export function newJobId(deploymentId: string): string {
  return `${deploymentId}-${newId('job')}`;
}

/** Of a customer that billing has not spoken of yet, the worker asks again. @throws AppError HELM_NOT_CONFIGURED, LICENSE_REQUIRED */
export async function refuseWithoutLicense(tx: Tx<CustomersTables>, app: Pick<App, 'clock' | 'cluster'>, customerId: string): Promise<void> {
  refuseWithoutCluster(app);
  const standing = await findStanding(tx, customerId);
  if (standing !== undefined && !mayDeploy(standing, app.clock.now())) throw new AppError('CONFLICT', 'LICENSE_REQUIRED');
}

/** @throws AppError HELM_NOT_CONFIGURED */
export function refuseWithoutCluster(app: Pick<App, 'cluster'>): void {
  if (app.cluster === null) throw new AppError('UNAVAILABLE', 'HELM_NOT_CONFIGURED');
}
