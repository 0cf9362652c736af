import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { WorkKind } from '@iotistic/chassis/work';
import { z } from 'zod';
import type { CustomersApp } from '../app.ts';
import { continueDeployments } from '../service/continue-deployments.ts';
import { DEPLOY_JOB } from '../service/queue-deployment.ts';
import { recordAuditEntry } from '../service/record-audit-entry.ts';
import { recordInstance } from '../service/record-instance.ts';
import { recordSubscription } from '../service/record-subscription.ts';
import { removeUnlicensed } from '../service/remove-unlicensed.ts';
import { runDeployment } from '../service/run-deployment.ts';

export const events = (app: CustomersApp): EventHandlers<'customers'> => ({
  'instance.reported': (instance) => recordInstance(app, instance),
  'instance.activated': (instance) => recordInstance(app, instance),
  'subscription.changed': (change) => recordSubscription(app, change),
  'billing.audited': (entry) => recordAuditEntry(app, entry),
  'licensing.audited': (entry) => recordAuditEntry(app, entry),
  'usage.audited': (entry) => recordAuditEntry(app, entry),
});

const deploymentJob = z.object({ deploymentId: z.string() });
/** Beyond its own deadline a deployment may wait for another worker's lease, and clear away what it left. */
const BEYOND_DEADLINE_MS = 120_000;

export const jobs = (app: CustomersApp): Record<string, WorkKind> => ({
  [DEPLOY_JOB]: {
    queue: 'customer-deployments',
    concurrency: app.config.QUEUE_CONCURRENCY,
    deadlineMs: app.config.DEPLOYMENT_DEADLINE_SECONDS * 1_000 + BEYOND_DEADLINE_MS,
    retry: { attempts: app.config.QUEUE_MAX_RETRY, backoffMs: app.config.QUEUE_BACKOFF_DELAY },
    run: (data, job) => runDeployment(app, deploymentJob.parse(data).deploymentId, job),
  },
});

/** The rounds of each work live as long as the schedule. */
export function schedule(app: CustomersApp): ScheduledWork[] {
  const continueDeploymentsRounds = new FairRounds();
  const removeUnlicensedRounds = new FairRounds();
  return [
    { name: 'continue-deployments', everyMs: 5_000, run: (signal) => continueDeployments(app, signal, continueDeploymentsRounds) },
    { name: 'remove-unlicensed', everyMs: 60 * 60_000, run: (signal) => removeUnlicensed(app, signal, removeUnlicensedRounds) },
  ];
}
