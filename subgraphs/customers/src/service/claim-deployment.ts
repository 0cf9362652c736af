import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { claimed, nextStatus, queuedAnew } from '../domain/deployment-transitions.ts';
import { type LockedDeployment, lockDeployment } from '../repository/deployment-work.ts';
import { type DeploymentJob, LEASE_MS } from './deployment-run.ts';
import { lineNow, saveDeploymentChange, tellWatchers } from './save-deployment-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'live' | 'config'>;

/**
 * Takes a deployment for the worker of this job, with a fence above that of everyone before: IN_HAND while another has it,
 * null where there is nothing to do.
 */
export async function claimDeployment(app: App, id: string, job: Pick<DeploymentJob, 'id' | 'attempt'>): Promise<{ deployment: Deployment; remainingMs: number } | 'IN_HAND' | null> {
  const deadlineMs = app.config.DEPLOYMENT_DEADLINE_SECONDS * 1_000;
  const claim = await app.db.transaction().execute(async (tx) => {
    const locked = await lockDeployment(tx, id);
    if (locked === undefined || locked.deployment.jobId !== job.id) return null;
    const deployment = wasRetriedInQueue(locked, job) ? queuedAnew(locked.deployment, locked.deployment.operation) : locked.deployment;
    if (nextStatus(deployment, 'claim') !== 'RUNNING') return null;
    if (!locked.isFree) return 'IN_HAND';
    if (deployment !== locked.deployment) await writeAuditEntry(tx, { customerId: deployment.customerId, at: app.clock.now(), actor: 'queue', action: 'deployment.retried', target: id });
    const after = claimed(deployment, app.clock.now());
    const isResumed = deployment.status === 'RUNNING';
    const line = isResumed ? `another worker takes over${after.step === null ? '' : ` at ${after.step}`}` : `attempt ${after.attempts} of ${app.config.QUEUE_MAX_RETRY} begins`;
    const saved = await saveDeploymentChange(tx, app, { before: locked.deployment, after, lines: [lineNow(app, line)], times: { leaseMs: LEASE_MS, ...(isResumed ? {} : { deadlineMs }) } });
    return { deployment: saved, remainingMs: isResumed ? (locked.remainingMs ?? deadlineMs) : deadlineMs };
  });
  if (claim !== null && claim !== 'IN_HAND') await tellWatchers(app, claim.deployment);
  return claim;
}

/** A job whose failure ended the deployment, and that runs again after it: somebody pressed retry where queues are looked at. One that merely comes twice is the same attempt. */
function wasRetriedInQueue({ deployment }: LockedDeployment, job: Pick<DeploymentJob, 'attempt'>): boolean {
  return deployment.status === 'FAILED' && deployment.jobAttempt !== null && job.attempt > deployment.jobAttempt;
}
