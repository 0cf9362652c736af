import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import { createPasswords, type Passwords } from './clients/passwords.ts';
import type { CustomersConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { events } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { CustomersTables } from './repository/tables.ts';
import { KeyUses } from './service/record-key-uses.ts';

export type CustomersApp = BaseApp<CustomersTables> & {
  config: CustomersConfig;
  passwords: Passwords;
  keyUses: KeyUses;
  /** All queues of the plane, not only its own: they share one backend. */
  queues: QueueOverview;
};

export function startCustomers(config: CustomersConfig, platform: Platform): Promise<RunningSubgraph> {
  return startSubgraph<'customers', CustomersTables, CustomersApp>(
    {
      name: 'customers',
      typeDefs: new URL('../../../schema/customers.graphql', import.meta.url),
      migrations,
      build: async (base) => ({ ...base, config, passwords: await createPasswords(), keyUses: new KeyUses(base), queues: platform.jobs }),
      resolvers: createResolvers,
      access,
      events,
      close: (app) => app.keyUses.close(),
    },
    platform,
  );
}
