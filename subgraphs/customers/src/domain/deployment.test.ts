import { readFileSync } from 'node:fs';
import type { AppError } from '@iotistic/contracts/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, DeploymentOperation, DeploymentStatus } from './deployment.ts';
import { DEPLOYMENT_FAILURES, DeploymentFailure } from './deployment-failure.ts';
import { DEPLOY_STEPS, progressAt, REMOVE_STEPS, stepsLeft, stepsOf } from './deployment-steps.ts';
import { hostOf, namespaceOf, parseDeployedName } from './deployment-target.ts';
import { claimed, DEPLOYMENT_EVENTS, type DeploymentEvent, nextStatus, queuedAnew } from './deployment-transitions.ts';
import { mayDeploy, removalThreshold, standingOf } from './license-standing.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const NEW: Deployment = { id: 'depl_1', customerId: 'cust_1', instanceId: 'inst_1', operation: 'DEPLOY', status: 'QUEUED', step: null, progress: 0, namespace: 'n', host: 'h.example', url: null, run: 1, attempts: 0, interruptions: 0, fence: 0, jobId: 'j', jobAttempt: null, reason: null, error: null, revision: 1, createdAt: NOW, startedAt: null, finishedAt: null, deployedAt: null };

const outcomeOf = (status: DeploymentStatus, operation: DeploymentOperation, event: DeploymentEvent): string => {
  try {
    return nextStatus({ status, operation }, event);
  } catch (error) {
    return (error as AppError).reason;
  }
};

const OVER = new Set<DeploymentStatus>(['SUCCEEDED', 'FAILED', 'REMOVED']);

/** What must never be between two moments of a deployment. */
function faultsOf(before: Deployment, event: DeploymentEvent, after: Deployment): string[] {
  const faults: [isThere: boolean, text: string][] = [
    [after.status === 'RUNNING' && after.fence <= before.fence && event !== 'advance', 'runs under an old fence'],
    [OVER.has(before.status) && after.status !== before.status && event !== 'retry' && event !== 'remove', 'went on by itself when it was over'],
    [before.status === 'REMOVED', 'went on after its removal'],
    [after.status === 'REMOVED' && after.operation !== 'REMOVE', 'is removed, which nobody asked for'],
    [after.operation === 'REMOVE' && after.status === 'SUCCEEDED', 'stands after a removal'],
    [after.status === 'QUEUED' && event !== 'postpone' && (after.attempts > 0 || after.reason !== null || after.finishedAt !== null), 'is queued with what is past'],
  ];
  return faults.filter(([isThere]) => isThere).map(([, text]) => text);
}

describe('what happens to a deployment', () => {
  const [claim, advance, postpone, finish, giveUp] = ['STALE', 'STALE', 'STALE', 'STALE', 'STALE'];
  const TABLE: Record<DeploymentStatus, Record<DeploymentEvent, string>> = {
    QUEUED: { claim: 'RUNNING', advance, postpone, finish, giveUp, retry: 'STAYS', remove: 'QUEUED' },
    RUNNING: { claim: 'RUNNING', advance: 'RUNNING', postpone: 'QUEUED', finish: 'SUCCEEDED', giveUp: 'FAILED', retry: 'DEPLOYMENT_RUNNING', remove: 'DEPLOYMENT_RUNNING' },
    SUCCEEDED: { claim, advance, postpone, finish, giveUp, retry: 'NOTHING_TO_RETRY', remove: 'QUEUED' },
    FAILED: { claim, advance, postpone, finish, giveUp, retry: 'QUEUED', remove: 'QUEUED' },
    REMOVED: { claim, advance, postpone, finish, giveUp, retry: 'DEPLOYMENT_REMOVED', remove: 'STAYS' },
  };
  /** Where a removal differs. */
  const OF_REMOVAL: Partial<Record<DeploymentStatus, Partial<Record<DeploymentEvent, string>>>> = { QUEUED: { remove: 'STAYS' }, RUNNING: { finish: 'REMOVED', remove: 'STAYS' } };

  it.each(Object.keys(TABLE) as DeploymentStatus[])('is told of every event while %s', (status) => {
    for (const event of DEPLOYMENT_EVENTS) {
      expect(outcomeOf(status, 'DEPLOY', event), event).toBe(TABLE[status][event]);
      expect(outcomeOf(status, 'REMOVE', event), event).toBe(OF_REMOVAL[status]?.[event] ?? TABLE[status][event]);
    }
  });

  it('in whatever order: what is over stays so until people ask, fences and runs only rise, and a removal ends removed', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DEPLOYMENT_EVENTS), { maxLength: 60 }), (events) => {
        let deployment = NEW;
        for (const event of events) {
          const before = deployment;
          const outcome = outcomeOf(deployment.status, deployment.operation, event);
          if (outcome === 'STALE' || outcome === 'STAYS' || !['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'REMOVED'].includes(outcome)) continue;
          if (event === 'claim') deployment = claimed(deployment, NOW);
          else if (event === 'retry') deployment = queuedAnew(deployment, deployment.operation);
          else if (event === 'remove') deployment = queuedAnew(deployment, 'REMOVE');
          else deployment = { ...deployment, status: outcome as DeploymentStatus };
          expect(deployment.status).toBe(outcome);
          expect(deployment.fence).toBeGreaterThanOrEqual(before.fence);
          expect(deployment.run).toBeGreaterThanOrEqual(before.run);
          expect(faultsOf(before, event, deployment)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a worker that takes over from a dead one makes no attempt of its own, and goes on at its step', () => {
    const first = { ...claimed(NEW, NOW), step: 'rollout', progress: 50 };
    const second = claimed(first, NOW);
    expect([second.attempts, second.step, second.progress, second.interruptions, second.fence]).toEqual([1, 'rollout', 50, 1, 2]);
    const again = claimed({ ...second, status: 'QUEUED' }, NOW);
    expect([again.attempts, again.step, again.progress, again.interruptions, again.fence]).toEqual([2, null, 0, 0, 3]);
  });
});

describe('the steps', () => {
  it('are seven, in order, with a progress that only rises', () => {
    expect(DEPLOY_STEPS).toEqual(['check', 'namespace', 'secret', 'release', 'rollout', 'health', 'finish']);
    for (const operation of ['DEPLOY', 'REMOVE'] as const) {
      const progress = stepsOf(operation).map((step) => progressAt(operation, step) ?? -1);
      expect(progress).toEqual([...new Set(progress)].toSorted((a, b) => a - b));
      expect(progress[0]).toBe(0);
      expect(Math.max(...progress)).toBeLessThan(100);
    }
  });

  it('that are left begin with the one at which the worker died', () => {
    expect(stepsLeft('DEPLOY', null)).toEqual(DEPLOY_STEPS);
    expect(stepsLeft('DEPLOY', 'rollout')).toEqual(['rollout', 'health', 'finish']);
    expect(stepsLeft('REMOVE', 'rollout')).toEqual(REMOVE_STEPS);
  });
});

describe('a name that is deployed', () => {
  it.each(['a', 'us-east-1-prod', '0', 'x'.repeat(45)])('may be %s, and its namespace and host are DNS labels', (name) => {
    expect(parseDeployedName(name)).toBe(name);
    for (const label of [namespaceOf('cust_1', name), hostOf('cust_1', name, 'example.com').split('.')[0] ?? '']) expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it.each(['', 'Prod', 'a.b', '-a', 'a-', 'a_b', 'x'.repeat(46), 'ü', 'a b', '$(reboot)', '--set'])('may not be %j', (name) => {
    expect(() => parseDeployedName(name)).toThrow(expect.objectContaining({ reason: 'INVALID_NAME' }) as Error);
  });

  it('gives each customer a namespace of its own, always the same', () => {
    expect(namespaceOf('cust_1', 'prod')).toBe(namespaceOf('cust_1', 'prod'));
    expect(namespaceOf('cust_1', 'prod')).not.toBe(namespaceOf('cust_2', 'prod'));
  });
});

describe('a license', () => {
  const change = { customerId: 'cust_1', plan: 'STARTER' as const, status: 'ACTIVE' as const, trialEndsAt: null, currentPeriodEndsAt: '2026-11-20T12:00:00.000Z', version: 3, updatedAt: '2026-11-01T00:00:00.000Z', entitlements: { features: {}, limits: {}, included: {} } };
  const DAY_MS = 86_400_000;

  it('lets deploy until its grace is over', () => {
    const standing = standingOf({ ...change, endsAt: change.currentPeriodEndsAt });
    expect(mayDeploy(standing, new Date(NOW.getTime() + 7 * DAY_MS - 1))).toBe(true);
    expect(mayDeploy(standing, new Date(NOW.getTime() + 7 * DAY_MS))).toBe(false);
  });

  it('ends with the trial, where it is known to end, or where it was canceled; a paid one goes on from period to period', () => {
    const endOf = (over: Partial<Parameters<typeof standingOf>[0]>): string | null => standingOf({ ...change, ...over }).licensedUntil?.toISOString() ?? null;
    expect(endOf({ status: 'TRIALING', trialEndsAt: '2026-11-10T00:00:00.000Z' })).toBe('2026-11-10T00:00:00.000Z');
    expect(endOf({ status: 'PAST_DUE', trialEndsAt: '2026-11-10T00:00:00.000Z' })).toBe(change.currentPeriodEndsAt);
    expect(endOf({ status: 'CANCELED', currentPeriodEndsAt: null })).toBe(change.updatedAt);
    expect(endOf({ status: 'ACTIVE', endsAt: '2026-11-30T00:00:00.000Z' })).toBe('2026-11-30T00:00:00.000Z');
    expect(endOf({ status: 'ACTIVE' })).toBeNull();
  });

  it('is over with its calendar of 21 days, and what stood goes so many days later', () => {
    expect(removalThreshold(new Date(NOW.getTime() + 31 * DAY_MS), 10)).toEqual(NOW);
  });
});

describe('a failure', () => {
  it('is explained in docs/errors.md, each and no other, with whether another attempt follows', () => {
    const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^- \*\*([A-Z0-9_]+)\*\* \(again: (yes|no)\)/gm)].map(([, reason, again]) => `${reason} ${again}`);
    expect(documented.toSorted()).toEqual(Object.entries(DEPLOYMENT_FAILURES).map(([reason, { isFinal }]) => `${reason} ${isFinal ? 'no' : 'yes'}`).toSorted());
  });

  it('says what was said, or its own sentence, and never more than a person reads', () => {
    expect(new DeploymentFailure('HELM_FAILED', 'x'.repeat(9_000)).message).toHaveLength(500);
    expect(new DeploymentFailure('HELM_FAILED', '').message).toBe(DEPLOYMENT_FAILURES.HELM_FAILED.message);
  });
});
