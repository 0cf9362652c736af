import type { Metrics } from '@iotistic/chassis/metrics';
import type { Deployment } from '../domain/deployment.ts';

export interface DeploymentMetrics {
  /** A worker begins; what it answers is called with how it stands when that worker is done with it. */
  begin(): (deployment: Deployment) => void;
}

const ENDS = ['SUCCEEDED', 'FAILED', 'REMOVED'] as const;
const BUCKETS_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200];

export function createDeploymentMetrics(metrics: Metrics): DeploymentMetrics {
  const total = metrics.counter('iotistic_deployments_total', 'Deployments and removals that ended, by how.', ['status']);
  const duration = metrics.histogram('iotistic_deployment_duration_seconds', 'From the first attempt to the end, by how it ended.', ['status'], BUCKETS_SECONDS);
  const running = metrics.gauge('iotistic_deployments_running', 'Deployments and removals that this process works on.', []);
  for (const status of ENDS) total.inc({ status }, 0);
  running.set(0);
  return {
    begin() {
      running.inc();
      return ({ status, startedAt, finishedAt }) => {
        running.dec();
        if (status === 'QUEUED' || status === 'RUNNING') return;
        total.inc({ status });
        if (startedAt !== null && finishedAt !== null) duration.observe({ status }, Math.max(0, finishedAt.getTime() - startedAt.getTime()) / 1_000);
      };
    },
  };
}
