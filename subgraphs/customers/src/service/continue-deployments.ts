import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { listForgotten, lockDeployment, saveDeployment } from '../repository/deployment-work.ts';
import { DEPLOY_JOB, newJobId, sendDeployment } from './queue-deployment.ts';

type App = Pick<CustomersApp, 'db' | 'work' | 'live' | 'log'>;

/** A job that was sent a moment ago may not be in the queue yet. */
const DUE_FOR_MS = 5_000;
const MAX_AT_ONCE = 200;

/**
 * Makes the job of each deployment anew that should be under way and has none: its queue was flushed, or refused it, or
 * gave it up because too many workers died with it.
 */
export async function continueDeployments(app: App, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  await rounds.run({
    limit: MAX_AT_ONCE,
    list: (except, limit) => listForgotten(app.db, DUE_FOR_MS, except, limit),
    keyOf: ({ id }) => id,
    // Those that wait for their turn stay in the list, before others whose job is lost.
    each: ({ id, jobId }) => continueDeployment(app, id, jobId).then(() => 'stays'),
    failed: (err, { id }) => app.log.warn({ err, deployment: id }, 'a deployment waits to be continued'),
    signal,
  });
}

async function continueDeployment(app: App, id: string, jobId: string): Promise<void> {
  if (await app.work.isPending(DEPLOY_JOB, jobId)) return;
  const renewed = await renewJob(app, id, jobId);
  if (renewed !== null) await sendDeployment(app, renewed);
}

/** The deployment under another job; null when it went on meanwhile. */
async function renewJob(app: Pick<App, 'db'>, id: string, jobId: string): Promise<Deployment | null> {
  return app.db.transaction().execute(async (tx) => {
    const locked = await lockDeployment(tx, id);
    if (locked === undefined || !locked.isFree || locked.deployment.jobId !== jobId) return null;
    const { status } = locked.deployment;
    if (status !== 'QUEUED' && status !== 'RUNNING') return null;
    return saveDeployment(tx, { ...locked.deployment, jobId: newJobId(id) }, {});
  });
}
