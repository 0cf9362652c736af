import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomersApp } from '../app.ts';
import type { Cluster, ClusterTarget } from '../clients/cluster.ts';
import type { Deployment } from '../domain/deployment.ts';
import { DeploymentFailure } from '../domain/deployment-failure.ts';
import type { DeployStep, RemoveStep } from '../domain/deployment-steps.ts';
import { mayDeploy, type SubscriptionStanding } from '../domain/license-standing.ts';
import { findCustomers } from '../repository/customers.ts';
import { findInstances } from '../repository/instances.ts';
import { findStanding } from '../repository/subscriptions.ts';
import { type DeploymentRun, FencedOut } from './deployment-run.ts';
import { mintDeploymentKey, revokeDeploymentKeys } from './mint-deployment-key.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'live'>;
type Step = (at: { app: App; run: DeploymentRun; cluster: Cluster; target: ClusterTarget }) => Promise<void>;

const DEPLOY: Readonly<Record<DeployStep, Step>> = {
  check: ({ app, run }) => checkCustomer(app, run),
  namespace: ({ cluster, target, run }) => cluster.ensureNamespace(target, run),
  // A key is told once, so who comes after one that died makes another; the earlier ones end when it is in its place.
  secret: async ({ app, cluster, target, run }) => {
    const key = await mintDeploymentKey(app, run, target.instanceName);
    await cluster.applySecret(target, { apiKey: key.secret }, run);
    await revokeDeploymentKeys(app, run, key.id);
  },
  release: async ({ app, cluster, target, run }) => {
    const plan = (await findStanding(app.db, target.customerId))?.plan ?? 'UNKNOWN';
    await cluster.upgradeRelease(target, { plan: plan.toLowerCase(), host: run.deployment.host, controlPlaneUrl: app.config.CONTROL_PLANE_URL }, run);
  },
  rollout: ({ cluster, target, run }) => cluster.awaitRollout(target, run),
  health: ({ cluster, target, run }) => cluster.checkHealth(target, run),
  finish: () => Promise.resolve(),
};

const REMOVE: Readonly<Record<RemoveStep, Step>> = {
  uninstall: ({ cluster, target, run }) => cluster.uninstallRelease(target, run),
  namespace: ({ cluster, target, run }) => cluster.deleteNamespace(target, 'WITHOUT_VOLUMES', run),
  finish: ({ app, run }) => revokeDeploymentKeys(app, run, null),
};

/** Does one step of a deployment or removal, which may have been done before, wholly or in part. @throws DeploymentFailure, and what the run was aborted with */
export async function takeStep(app: App, run: DeploymentRun, step: string): Promise<void> {
  if (app.cluster === null) throw new DeploymentFailure('HELM_NOT_CONFIGURED');
  const steps: Readonly<Record<string, Step>> = run.deployment.operation === 'DEPLOY' ? DEPLOY : REMOVE;
  await steps[step]?.({ app, run, cluster: app.cluster, target: await targetOf(app, run.deployment) });
  run.signal.throwIfAborted();
}

/** @throws FencedOut when its instance is gone, which nothing deletes. */
export async function targetOf(app: Pick<CustomersApp, 'db'>, { id, customerId, instanceId, namespace }: Deployment): Promise<ClusterTarget> {
  const [instance] = await findInstances(app.db, [instanceId]);
  if (instance === undefined) throw new FencedOut();
  return { deploymentId: id, customerId, instanceId, instanceName: instance.name, namespace };
}

const LOOK_AGAIN_MS = 200;
const MAX_WAIT_MS = 15_000;
/** Billing speaks of a new customer within seconds. Of one that is older and that it has said nothing of since this was stored, its license alone decides. */
const NEW_FOR_MS = 3_600_000;

/** Whether the customer may have something new, which may have changed since it was asked for. @throws DeploymentFailure CUSTOMER_DEACTIVATED, LICENSE_REQUIRED, LICENSE_PENDING */
async function checkCustomer(app: App, run: DeploymentRun): Promise<void> {
  const { customerId } = run.deployment;
  const [customer] = await findCustomers(app.db, [customerId]);
  if (customer?.status !== 'ACTIVE') throw new DeploymentFailure('CUSTOMER_DEACTIVATED');
  const isNew = app.clock.now().getTime() - customer.createdAt.getTime() < NEW_FOR_MS;
  const standing = isNew ? await awaitStanding(app, run) : await findStanding(app.db, customerId);
  if (standing === undefined && isNew) throw new DeploymentFailure('LICENSE_PENDING');
  if (standing !== undefined && !mayDeploy(standing, app.clock.now())) throw new DeploymentFailure('LICENSE_REQUIRED');
  run.log(`the customer may deploy${standing === undefined ? '' : ` (${standing.plan})`}`);
}

/** Who has just signed up has its trial in a moment. */
async function awaitStanding(app: App, run: DeploymentRun): Promise<SubscriptionStanding | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    const standing = await findStanding(app.db, run.deployment.customerId);
    if (standing !== undefined || waitedMs >= MAX_WAIT_MS) return standing;
    await sleep(LOOK_AGAIN_MS, undefined, { signal: run.signal });
  }
}
