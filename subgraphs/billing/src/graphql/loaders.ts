import type { Db } from '@iotistic/chassis/database';
import DataLoader from 'dataloader';
import type { Subscription } from '../domain/subscription.ts';
import { listStandings, listSubscriptions, type Standing } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';

/**
 * One statement for all that is asked within a turn of the event loop, by whichever requests: nothing is cached, and who
 * may see a key is checked before it gets here.
 */
export interface Loaders {
  standings: DataLoader<string, Standing>;
  subscriptions: DataLoader<string, Subscription | null>;
}

const OPTIONS = { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => setImmediate(run) } as const;

export function createLoaders(db: Db<BillingTables>): Loaders {
  return {
    standings: new DataLoader((customerIds) => listStandings(db, customerIds), OPTIONS),
    subscriptions: new DataLoader((ids) => listSubscriptions(db, ids), OPTIONS),
  };
}
