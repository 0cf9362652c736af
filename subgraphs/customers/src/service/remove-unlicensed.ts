import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { AppError } from '@iotistic/contracts/errors';
import type { CustomersApp } from '../app.ts';
import { removalThreshold } from '../domain/license-standing.ts';
import { listUnlicensed } from '../repository/deployment-work.ts';
import { queueRemoval } from './remove-instance.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'config' | 'cluster' | 'work' | 'live' | 'log'>;

const MAX_AT_ONCE = 50;

/** Removes what stands of customers whose license's calendar ran out so many days ago: only where the operator set a number of days. */
export async function removeUnlicensed(app: App, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  const days = app.config.REMOVE_UNLICENSED_AFTER_DAYS;
  if (days === undefined || app.cluster === null) return;
  await rounds.run({
    limit: MAX_AT_ONCE,
    list: (except, limit) => listUnlicensed(app.db, removalThreshold(app.clock.now(), days), except, limit),
    keyOf: ({ instanceId }) => instanceId,
    each: ({ instanceId }) => queueRemoval(app, instanceId, 'customers'),
    failed(err, { instanceId }) {
      // Somebody retried it meanwhile: a later look decides again.
      if (!(err instanceof AppError && err.code === 'CONFLICT')) app.log.warn({ err, instanceId }, 'an instance waits to be removed');
    },
    signal,
  });
}
