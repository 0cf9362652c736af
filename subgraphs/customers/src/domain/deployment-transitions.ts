import { AppError, type ReasonOf } from '@iotistic/contracts/errors';
import type { Deployment, DeploymentStatus } from './deployment.ts';

/**
 * What happens to a deployment. `claim`: a worker takes it. `advance`: its worker reached a step. `postpone`: an attempt
 * failed, another follows. `finish`: it went well. `giveUp`: the last attempt failed. `retry`, `remove`: people ask.
 */
export const DEPLOYMENT_EVENTS = ['claim', 'advance', 'postpone', 'finish', 'giveUp', 'retry', 'remove'] as const;
export type DeploymentEvent = (typeof DEPLOYMENT_EVENTS)[number];

export type DeploymentRefusal = Extract<ReasonOf<'CONFLICT'>, 'DEPLOYMENT_RUNNING' | 'DEPLOYMENT_REMOVED' | 'NOTHING_TO_RETRY'>;

/** A status to go to; a refusal; `STAYS`: it is so already, asked twice; `STALE`: somebody speaks of what is over. */
type Outcome = { to: DeploymentStatus } | { refuse: DeploymentRefusal } | 'STAYS' | 'STALE';

const to = (status: DeploymentStatus): Outcome => ({ to: status });
const refuse = (reason: DeploymentRefusal): Outcome => ({ refuse: reason });

const OVER = { claim: 'STALE', advance: 'STALE', postpone: 'STALE', finish: 'STALE', giveUp: 'STALE' } as const;

/** The whole table. What a removal does is the same but for where it ends, and that it is asked for once. */
export const DEPLOYMENT_TABLE: Readonly<Record<DeploymentStatus, Readonly<Record<DeploymentEvent, Outcome>>>> = {
  QUEUED: { claim: to('RUNNING'), advance: 'STALE', postpone: 'STALE', finish: 'STALE', giveUp: 'STALE', retry: 'STAYS', remove: to('QUEUED') },
  RUNNING: { claim: to('RUNNING'), advance: to('RUNNING'), postpone: to('QUEUED'), finish: to('SUCCEEDED'), giveUp: to('FAILED'), retry: refuse('DEPLOYMENT_RUNNING'), remove: refuse('DEPLOYMENT_RUNNING') },
  SUCCEEDED: { ...OVER, retry: refuse('NOTHING_TO_RETRY'), remove: to('QUEUED') },
  FAILED: { ...OVER, retry: to('QUEUED'), remove: to('QUEUED') },
  REMOVED: { ...OVER, retry: refuse('DEPLOYMENT_REMOVED'), remove: 'STAYS' },
};

/** What the event makes of it: a status, `STAYS` or `STALE`. @throws AppError CONFLICT where people ask for what cannot be */
export function nextStatus({ status, operation }: Pick<Deployment, 'status' | 'operation'>, event: DeploymentEvent): DeploymentStatus | 'STAYS' | 'STALE' {
  // A removal that waits or runs is what was asked for.
  if (event === 'remove' && operation === 'REMOVE' && (status === 'QUEUED' || status === 'RUNNING')) return 'STAYS';
  const outcome = DEPLOYMENT_TABLE[status][event];
  if (outcome === 'STAYS' || outcome === 'STALE') return outcome;
  if ('refuse' in outcome) throw new AppError('CONFLICT', outcome.refuse);
  return event === 'finish' && operation === 'REMOVE' ? 'REMOVED' : outcome.to;
}

/** Asked for once more: everything of the run before is forgotten but what stands in the cluster. */
export function queuedAnew(deployment: Deployment, operation: Deployment['operation']): Deployment {
  return { ...deployment, operation, status: 'QUEUED', step: null, progress: 0, run: deployment.run + 1, attempts: 0, interruptions: 0, jobAttempt: null, reason: null, error: null, startedAt: null, finishedAt: null };
}

/** A worker takes it. One that takes it from a worker that died goes on where that one was; else an attempt begins. */
export function claimed(deployment: Deployment, now: Date): Deployment {
  const common = { ...deployment, status: 'RUNNING' as const, fence: deployment.fence + 1, startedAt: deployment.startedAt ?? now };
  if (deployment.status === 'RUNNING') return { ...common, interruptions: deployment.interruptions + 1 };
  return { ...common, step: null, progress: 0, attempts: deployment.attempts + 1, interruptions: 0 };
}
