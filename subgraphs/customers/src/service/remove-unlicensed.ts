import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { removalThreshold } from '../domain/license-standing.ts';
import { listUnlicensed } from '../repository/deployment-work.ts';
import { queueRemoval } from './remove-instance.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

const MAX_AT_ONCE = 50;

/** Removes what stands of customers whose license's calendar ran out so many days ago: only where the operator set a number of days. */
export async function removeUnlicensed(app: App, signal: AbortSignal): Promise<void> {
  const days = app.config.REMOVE_UNLICENSED_AFTER_DAYS;
  if (days === undefined || app.cluster === null) return;
  for (const { instanceId } of await listUnlicensed(app.db, removalThreshold(app.clock.now(), days), MAX_AT_ONCE)) {
    if (signal.aborted) return;
    try {
      await queueRemoval(app, instanceId, 'customers');
    } catch (error) {
      // Somebody retried it meanwhile; the next look decides anew.
      if (!(error instanceof AppError && error.code === 'CONFLICT')) throw error;
    }
  }
}
