import { Admission } from '@iotistic/chassis/admission';
import { CallBudgets, databaseCallStore } from '@iotistic/chassis/call-budgets';
import { AppError } from '@iotistic/contracts/errors';
import { instanceId } from '@iotistic/contracts/ids';
import type { UsageApp } from '../app.ts';
import { findCustomerInstances } from '../repository/instance-counts.ts';

/** How often an instance may report, and how many instances a customer may have: asked before anything is spent on a call. */
export interface CallLimits {
  /**
   * Counts a call of that instance. Undefined where it is known already, so that nothing has to be waited for.
   * @throws AppError LIMIT_EXCEEDED: RATE_LIMITED with retryAfterSeconds; then or later TOO_MANY_INSTANCES.
   */
  admit(customerId: string, instance: string): Promise<void> | undefined;
  /** Removes counts that limit nobody any more. */
  prune(limit: number): Promise<void>;
}

export function openCallLimits(app: Pick<UsageApp, 'db' | 'clock' | 'log' | 'config'>): CallLimits {
  const perHour = app.config.REPORT_CALLS_PER_HOUR;
  const store = databaseCallStore(app.db);
  const budgets = new CallBudgets({ perHour, burst: 2 * perHour }, { store, clock: app.clock, log: app.log });
  // By customer and name, as they come: an id is a hash, which only the first call of an instance has to pay for.
  const instances = new Admission(async (customerId, keys, arriving) => {
    const idOf = (key: string): string => instanceId(customerId, key.slice(customerId.length + 1));
    const keyOf = new Map<string, string>([...keys, ...arriving].map((key) => [idOf(key), key]));
    const keysOf = (ids: readonly string[]): string[] => ids.flatMap((id) => keyOf.get(id) ?? []);
    const state = await findCustomerInstances(app.db, { customerId, ids: keys.map(idOf), arriving: arriving.map(idOf) });
    return { ...state, known: keysOf(state.known), stored: keysOf(state.stored) };
  });
  return {
    admit(customerId, instance) {
      const key = `${customerId}/${instance}`;
      const waitSeconds = budgets.take(key);
      if (waitSeconds !== null) {
        throw new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: waitSeconds } });
      }
      const admits = instances.admits(customerId, key);
      if (admits === true) return undefined;
      return admits.then((isAdmitted) => {
        if (!isAdmitted) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_INSTANCES');
      });
    },
    prune: (limit) => store.prune(app.clock.now(), limit),
  };
}
