import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import type { BillingConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createLoaders, type Loaders } from './graphql/loaders.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { events } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { BillingTables } from './repository/tables.ts';

export type BillingApp = BaseApp<BillingTables> & { config: BillingConfig; loaders: Loaders };

export function startBilling(config: BillingConfig, platform: Platform): Promise<RunningSubgraph> {
  return startSubgraph<'billing', BillingTables, BillingApp>(
    {
      name: 'billing',
      typeDefs: new URL('../../../schema/billing.graphql', import.meta.url),
      migrations,
      build: (base) => ({ ...base, config, loaders: createLoaders(base.db) }),
      resolvers: createResolvers,
      access,
      events,
    },
    platform,
  );
}
