import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import type { Cluster } from './clients/cluster.ts';
import { openCluster } from './clients/open-cluster.ts';
import { createPasswords, type Passwords } from './clients/passwords.ts';
import type { CustomersConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { events, jobs, schedule } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { CustomersTables } from './repository/tables.ts';
import { createDeploymentMetrics, type DeploymentMetrics } from './service/deployment-metrics.ts';
import { KeyUses } from './service/record-key-uses.ts';

export type CustomersApp = BaseApp<CustomersTables> & {
  config: CustomersConfig;
  passwords: Passwords;
  keyUses: KeyUses;
  /** Where instances are deployed to; null where nothing is. */
  cluster: Cluster | null;
  deploymentMetrics: DeploymentMetrics;
  /** All queues of the plane, not only its own: they share one backend. */
  queues: QueueOverview;
};

export async function startCustomers(config: CustomersConfig, platform: Platform): Promise<RunningSubgraph> {
  const cluster = openCluster(config);
  return startSubgraph<'customers', CustomersTables, CustomersApp>(
    {
      name: 'customers',
      typeDefs: new URL('../../../schema/customers.graphql', import.meta.url),
      migrations,
      build: async (base) => ({ ...base, config, passwords: await createPasswords(), keyUses: new KeyUses(base), queues: platform.jobs, cluster, deploymentMetrics: createDeploymentMetrics(base.metrics) }),
      resolvers: createResolvers,
      access,
      events,
      jobs,
      schedule,
      close: (app) => app.keyUses.close(),
    },
    platform,
  );
}
