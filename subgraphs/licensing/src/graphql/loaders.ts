import type { Db } from '@iotistic/chassis/database';
import DataLoader from 'dataloader';
import { type ActivationRow, type InstanceRow, listActivations, listInstances } from '../repository/instances.ts';
import { countHistory, type HistoryCount, type HistoryEntry, type HistoryRequest, listHistory } from '../repository/license-history.ts';
import { type LicenseRow, listAirGapLicenses, listLicenses, listStandings, type Standing } from '../repository/licenses.ts';
import { getEpoch, listRevocations } from '../repository/revocations.ts';
import type { LicensingTables } from '../repository/tables.ts';

/**
 * One statement for all that is asked within a turn of the event loop, by whichever requests: nothing is cached, and who
 * may see a key is checked before it gets here.
 */
export interface Loaders {
  standings: DataLoader<string, Standing>;
  licenses: DataLoader<string, LicenseRow | null>;
  /** When a license was revoked; null for one that was not. */
  revocations: DataLoader<string, Date | null>;
  /** How many revocations there were; the key says nothing. */
  epoch: DataLoader<0, number>;
  airGapLicenses: DataLoader<string, LicenseRow[]>;
  history: DataLoader<HistoryRequest, HistoryEntry[]>;
  historyCounts: DataLoader<string, HistoryCount[]>;
  instances: DataLoader<string, InstanceRow | null>;
  activations: DataLoader<string, ActivationRow[]>;
}

const OPTIONS = { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => setImmediate(run) } as const;

export function createLoaders(db: Db<LicensingTables>): Loaders {
  return {
    standings: new DataLoader((customerIds) => listStandings(db, customerIds), OPTIONS),
    licenses: new DataLoader((ids) => listLicenses(db, ids), OPTIONS),
    revocations: new DataLoader((ids) => listRevocations(db, ids), OPTIONS),
    epoch: new DataLoader(async (asked) => {
      const epoch = await getEpoch(db);
      return asked.map(() => epoch);
    }, OPTIONS),
    airGapLicenses: new DataLoader((customerIds) => listAirGapLicenses(db, customerIds), OPTIONS),
    history: new DataLoader((requests) => listHistory(db, requests), OPTIONS),
    historyCounts: new DataLoader((customerIds) => countHistory(db, customerIds), OPTIONS),
    instances: new DataLoader((ids) => listInstances(db, ids), OPTIONS),
    activations: new DataLoader((customerIds) => listActivations(db, customerIds), OPTIONS),
  };
}
