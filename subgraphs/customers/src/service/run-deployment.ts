import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { DEPLOYMENT_FAILURES, DeploymentFailure, type DeploymentFailureReason } from '../domain/deployment-failure.ts';
import { CLEAN_UP_STEP, stepsLeft } from '../domain/deployment-steps.ts';
import { nextStatus } from '../domain/deployment-transitions.ts';
import { claimDeployment } from './claim-deployment.ts';
import { cleanUpDeployment } from './clean-up-deployment.ts';
import { type DeploymentJob, DeploymentRun, FencedOut, HandedBack, LEASE_MS } from './deployment-run.ts';
import { takeStep } from './take-deployment-step.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'live' | 'log' | 'config' | 'cluster' | 'deploymentMetrics'>;

/** A step may bring the service down with it: the workers that died at the same one are counted. */
const MAX_INTERRUPTIONS = 20;
const LOOK_AGAIN_MS = 500;

/**
 * The job of one deployment: takes it, does what is left of its steps and says how it ended. A job that is not the one
 * queued last, or comes when all is done, changes nothing. One that comes while another worker has it waits until that
 * one is done, or counts as dead.
 * @throws Error when another attempt shall follow; AppError DEPLOYMENT_FAILED when none shall.
 */
export async function runDeployment(app: App, deploymentId: string, job: DeploymentJob): Promise<void> {
  const claim = await claimInTurn(app, deploymentId, job);
  if (claim === null) return;
  const run = new DeploymentRun(app, job, claim.deployment, claim.remainingMs);
  const endMeasuring = app.deploymentMetrics.begin();
  try {
    await failpoint('customers.deployment-claimed');
    await attempt(app, run, job);
  } catch (error) {
    if (error instanceof FencedOut) return app.log.warn({ deployment: deploymentId }, error.message);
    if (error instanceof HandedBack) await handBack(run);
    throw error;
  } finally {
    await run.close();
    endMeasuring(run.deployment);
  }
}

/** Whoever has it is heard of, or dies, within the time of a lease. */
async function claimInTurn(app: App, deploymentId: string, job: DeploymentJob): Promise<{ deployment: Deployment; remainingMs: number } | null> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    const claim = await claimDeployment(app, deploymentId, job);
    if (claim !== 'IN_HAND') return claim;
    if (waitedMs > LEASE_MS || job.closing.aborted) return null;
    await sleep(LOOK_AGAIN_MS);
  }
}

async function attempt(app: App, run: DeploymentRun, job: DeploymentJob): Promise<void> {
  const { step, attempts, operation } = run.deployment;
  // Killed while it cleared away: the steps had failed before.
  const failure = step === CLEAN_UP_STEP ? failureBefore(run.deployment) : await failureOf(app, run, () => takeSteps(app, run));
  if (failure === null) return;
  if (step !== CLEAN_UP_STEP) run.log(`attempt ${attempts} of ${app.config.QUEUE_MAX_RETRY} failed (${failure.reason}): ${failure.message}`);
  if (step !== CLEAN_UP_STEP && !failure.isFinal && attempts < app.config.QUEUE_MAX_RETRY) return postpone(app, run, failure);
  if (operation === 'DEPLOY' && run.deployment.deployedAt === null) await clearAway(app, run, failure);
  await giveUp(app, run, job, failure);
}

/** What went wrong; null when nothing did. @throws FencedOut, HandedBack */
async function failureOf(app: App, run: DeploymentRun, work: () => Promise<void>): Promise<DeploymentFailure | null> {
  try {
    await work();
    return null;
  } catch (thrown) {
    const error = run.signal.aborted ? (run.signal.reason as unknown) : thrown;
    if (error instanceof FencedOut || error instanceof HandedBack) throw error;
    return toFailure(app, error, run.deployment);
  }
}

async function takeSteps(app: App, run: DeploymentRun): Promise<void> {
  if (run.deployment.interruptions > MAX_INTERRUPTIONS) throw new DeploymentFailure('WORKER_LOST');
  for (const step of stepsLeft(run.deployment.operation, run.deployment.step)) {
    await run.advance(step);
    await takeStep(app, run, step);
    await failpoint('customers.deployment-step');
  }
  await finish(app, run);
}

async function finish(app: App, run: DeploymentRun): Promise<void> {
  const now = app.clock.now();
  run.log(run.deployment.operation === 'DEPLOY' ? 'the instance is deployed' : 'the instance is removed');
  await run.change(
    (deployment) => ({ ...deployment, status: statusAfter(deployment, 'finish'), progress: 100, reason: null, error: null, finishedAt: now, url: deployment.operation === 'DEPLOY' ? `https://${deployment.host}/` : null, deployedAt: deployment.operation === 'DEPLOY' ? (deployment.deployedAt ?? now) : deployment.deployedAt }),
    { leaseMs: 0 },
  );
}

/** Another attempt follows after its pause: the job is tried again, and were it lost, the sweep makes another. */
async function postpone(app: App, run: DeploymentRun, failure: DeploymentFailure): Promise<never> {
  const { attempts } = run.deployment;
  const pauseMs = app.config.QUEUE_BACKOFF_DELAY * 2 ** (attempts - 1);
  await run.change((deployment) => ({ ...deployment, status: statusAfter(deployment, 'postpone'), reason: failure.reason, error: failure.message }), { leaseMs: 0, nextAttemptMs: pauseMs });
  throw new Error(`${failure.reason}: ${failure.message}`);
}

/** What an instance that never stood has left goes before the last word is said; who is killed meanwhile is followed by one who goes on with that. */
async function clearAway(app: App, run: DeploymentRun, failure: DeploymentFailure): Promise<void> {
  await run.change((deployment) => ({ ...deployment, step: CLEAN_UP_STEP, reason: failure.reason, error: failure.message }), { leaseMs: LEASE_MS });
  await cleanUpDeployment(app, run);
}

async function giveUp(app: App, run: DeploymentRun, job: DeploymentJob, failure: DeploymentFailure): Promise<never> {
  const finishedAt = app.clock.now();
  await run.change((deployment) => ({ ...deployment, status: statusAfter(deployment, 'giveUp'), reason: failure.reason, error: failure.message, finishedAt, jobAttempt: job.attempt }), { leaseMs: 0 });
  throw new AppError('CONFLICT', 'DEPLOYMENT_FAILED', `${failure.reason}: ${failure.message}`);
}

/** The queue tries the job again in a moment, wherever there is a worker. */
async function handBack(run: DeploymentRun): Promise<void> {
  run.log('the worker ends; another goes on');
  await run.change((deployment) => deployment, { leaseMs: 0 });
}

function statusAfter(deployment: Deployment, event: 'finish' | 'postpone' | 'giveUp'): Deployment['status'] {
  const next = nextStatus(deployment, event);
  if (next === 'STALE' || next === 'STAYS') throw new FencedOut();
  return next;
}

function toFailure(app: App, error: unknown, { id, step }: Deployment): DeploymentFailure {
  if (error instanceof DeploymentFailure) return error;
  if (error instanceof AppError && Object.hasOwn(DEPLOYMENT_FAILURES, error.reason)) return new DeploymentFailure(error.reason as DeploymentFailureReason, undefined, { cause: error });
  app.log.error({ err: error, deployment: id, step }, 'a deployment failed unexpectedly');
  return new DeploymentFailure('UNEXPECTED', undefined, { cause: error });
}

function failureBefore({ reason, error }: Deployment): DeploymentFailure {
  return new DeploymentFailure(reason !== null && Object.hasOwn(DEPLOYMENT_FAILURES, reason) ? (reason as DeploymentFailureReason) : 'UNEXPECTED', error ?? undefined);
}
