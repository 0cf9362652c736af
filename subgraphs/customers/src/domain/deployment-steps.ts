import type { DeploymentOperation } from './deployment.ts';

/** What is done to deploy, in this order; each may be done again. */
export const DEPLOY_STEPS = ['check', 'namespace', 'secret', 'release', 'rollout', 'health', 'finish'] as const;
export type DeployStep = (typeof DEPLOY_STEPS)[number];

/** What is done to remove. */
export const REMOVE_STEPS = ['uninstall', 'namespace', 'finish'] as const;
export type RemoveStep = (typeof REMOVE_STEPS)[number];

/** After the last attempt of an instance that never stood: what it left in the cluster goes. */
export const CLEAN_UP_STEP = 'clean-up';

/** How far it is where a step begins, in percent: by what the steps usually take. */
const PROGRESS: Readonly<Record<DeploymentOperation, Readonly<Record<string, number>>>> = {
  DEPLOY: { check: 0, namespace: 5, secret: 15, release: 25, rollout: 50, health: 85, finish: 95 },
  REMOVE: { uninstall: 0, namespace: 50, finish: 95 },
};

export function stepsOf(operation: DeploymentOperation): readonly string[] {
  return operation === 'DEPLOY' ? DEPLOY_STEPS : REMOVE_STEPS;
}

/** Percent where this step begins; null for one that says nothing of it. */
export function progressAt(operation: DeploymentOperation, step: string): number | null {
  return PROGRESS[operation][step] ?? null;
}

/** The steps that are left for who takes it over at this one: the step itself is done again. */
export function stepsLeft(operation: DeploymentOperation, step: string | null): readonly string[] {
  const steps = stepsOf(operation);
  return steps.slice(Math.max(0, steps.indexOf(step ?? '')));
}
