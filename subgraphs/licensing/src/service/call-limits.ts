import { Admission } from '@iotistic/chassis/admission';
import { CallBudgets, databaseCallStore } from '@iotistic/chassis/call-budgets';
import { AppError } from '@iotistic/contracts/errors';
import type { LicensingApp } from '../app.ts';
import { findCustomerInstances } from '../repository/instance-counts.ts';

/** How often an instance may fetch its license, and how many instances a customer may have. */
export interface CallLimits {
  /** Counts a fetch of that instance. @throws AppError LIMIT_EXCEEDED: RATE_LIMITED with retryAfterSeconds, TOO_MANY_INSTANCES. */
  admit(customerId: string, instanceId: string): Promise<void>;
  /** Removes counts that limit nobody any more. */
  prune(limit: number): Promise<void>;
}

export function openCallLimits(app: Pick<LicensingApp, 'db' | 'clock' | 'log' | 'config'>): CallLimits {
  const perHour = app.config.REPORT_CALLS_PER_HOUR;
  const store = databaseCallStore(app.db);
  const budgets = new CallBudgets({ perHour, burst: 2 * perHour }, { store, clock: app.clock, log: app.log });
  const instances = new Admission((customerId, ids, arriving) =>
    findCustomerInstances(app.db, { customerId, ids, arriving }),
  );
  return {
    async admit(customerId, instanceId) {
      const waitSeconds = budgets.take(instanceId);
      if (waitSeconds !== null) {
        throw new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: waitSeconds } });
      }
      if (!(await instances.admits(customerId, instanceId))) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_INSTANCES');
    },
    prune: (limit) => store.prune(app.clock.now(), limit),
  };
}
