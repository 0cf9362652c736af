import { setTimeout as sleep } from 'node:timers/promises';
import { DeploymentFailure } from '../domain/deployment-failure.ts';
import type { Cluster, ClusterTarget, StepRun } from './cluster.ts';

/** What part of the whole each step takes. */
const SHARES = { namespace: 0.05, secret: 0.05, release: 0.25, rollout: 0.5, health: 0.15, uninstall: 0.2, deletion: 0.1 } as const;
type SimulatedStep = keyof typeof SHARES;

/** The whole is this much shorter or longer, always the same for the same instance: 4 s make 3 to 5 s. */
const SPREAD = 0.25;

/**
 * What an instance is called says how its deployment goes, so that each fault can be seen without a cluster: `fail-…`
 * fails at its release, `flaky-…` once and then no more, `hang-…` hangs in its rollout, `taken-…` finds its namespace taken,
 * `sick-…` never becomes healthy.
 */
const FAULTS = ['fail', 'flaky', 'hang', 'taken', 'sick'] as const;
type Fault = (typeof FAULTS)[number];

/** Takes the place of Helm where there is none: the steps, their order, their faults and about their time. It keeps nothing, so every step bears a repeat. */
export function createSimulatedCluster(options: { totalMs: number }): Cluster {
  const flaky = new Set<string>();

  async function take(step: SimulatedStep, target: ClusterTarget, { signal }: StepRun): Promise<void> {
    await sleep(options.totalMs * SHARES[step] * paceOf(target.instanceId), undefined, { signal });
  }

  return {
    async ensureNamespace(target, run) {
      await take('namespace', target, run);
      if (faultOf(target) === 'taken') throw new DeploymentFailure('NAMESPACE_TAKEN');
      run.log(`namespace/${target.namespace} configured (simulated)`);
    },
    async applySecret(target, _secret, run) {
      await take('secret', target, run);
      run.log('secret/iotistic-credentials configured (simulated)');
    },
    async upgradeRelease(target, values, run) {
      await take('release', target, run);
      if (faultOf(target) === 'fail' || (faultOf(target) === 'flaky' && !flaky.delete(target.deploymentId) && flaky.add(target.deploymentId))) {
        throw new DeploymentFailure('HELM_FAILED', 'Error: UPGRADE FAILED: the simulation was asked to fail');
      }
      run.log(`release "${target.instanceName}" has been upgraded (simulated, plan ${values.plan})`);
    },
    async awaitRollout(target, run) {
      for (const part of ['postgresql', 'mosquitto', 'redis', 'api', 'dashboard']) {
        run.log(`waiting for ${part} to roll out (simulated)`);
        await sleep((options.totalMs * SHARES.rollout * paceOf(target.instanceId)) / 5, undefined, { signal: run.signal });
      }
      if (faultOf(target) === 'hang') await untilAborted(run.signal);
    },
    async checkHealth(target, run) {
      await take('health', target, run);
      if (faultOf(target) === 'sick') throw new DeploymentFailure('INSTANCE_UNHEALTHY', 'api is not ready: the simulation was asked to be unhealthy');
      run.log('all pods are ready (simulated)');
    },
    async uninstallRelease(target, run) {
      await take('uninstall', target, run);
      run.log(`release "${target.instanceName}" uninstalled (simulated)`);
    },
    async deleteNamespace(target, _extent, run) {
      await take('deletion', target, run);
      run.log(`namespace "${target.namespace}" deleted (simulated)`);
    },
  };
}

function faultOf({ instanceName }: ClusterTarget): Fault | undefined {
  return FAULTS.find((fault) => instanceName.startsWith(`${fault}-`));
}

/** 0.75 to 1.25, by the instance. */
function paceOf(instanceId: string): number {
  const byte = instanceId.charCodeAt(instanceId.length - 1) % 16;
  return 1 - SPREAD + (2 * SPREAD * byte) / 15;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
