import type { CustomersApp } from '../app.ts';
import type { StepRun } from '../clients/cluster.ts';
import type { DeploymentRun } from './deployment-run.ts';
import { revokeDeploymentKeys } from './mint-deployment-key.ts';
import { targetOf } from './take-deployment-step.ts';

const TIMEOUT_MS = 60_000;

/**
 * Clears away what an instance that never stood has left: release, namespace, keys. What cannot be cleared away is said
 * in its log, and does not change why it failed; a retry finds it, and a removal tries again.
 * @throws what the run was aborted with
 */
export async function cleanUpDeployment(app: Pick<CustomersApp, 'db' | 'clock' | 'live' | 'cluster'>, run: DeploymentRun): Promise<void> {
  const target = await targetOf(app, run.deployment);
  const step: StepRun = { signal: AbortSignal.any([run.stopSignal, AbortSignal.timeout(TIMEOUT_MS)]), log: run.log };
  try {
    await app.cluster?.uninstallRelease(target, step);
    await app.cluster?.deleteNamespace(target, 'MADE_BY_IT', step);
  } catch (error) {
    run.stopSignal.throwIfAborted();
    run.log(`not all of it could be cleared away: ${error instanceof Error ? error.message : String(error)}`);
  }
  await revokeDeploymentKeys(app, run, null);
}
