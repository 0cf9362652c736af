import { type CustomersConfig, deploymentsBy } from '../config.ts';
import type { Cluster } from './cluster.ts';
import { createHelmCluster } from './helm.ts';
import { createSimulatedCluster } from './simulated-cluster.ts';

/** Where this process deploys to; null where it does not. @throws ConfigError */
export function openCluster(config: CustomersConfig): Cluster | null {
  switch (deploymentsBy(config)) {
    case 'helm':
      return createHelmCluster({ chart: config.HELM_CHART_PATH ?? '' });
    case 'simulation':
      return createSimulatedCluster({ totalMs: config.SIMULATED_DEPLOYMENT_MS });
    default:
      return null;
  }
}
