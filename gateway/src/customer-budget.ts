import { CallBudgets, type CallStore } from '@iotistic/chassis/call-budgets';
import type { Clock } from '@iotistic/chassis/clock';
import type { Log } from '@iotistic/chassis/log';
import { type Caller, customerOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';

/** What all callers of one customer may ask for together, counted by what it costs. */
export interface CustomerBudget {
  /**
   * Counts an operation that costs so many fields of its answer. The operator's are not counted.
   * @throws AppError RATE_LIMITED with retryAfterSeconds: then it was not counted.
   */
  spend(caller: Caller, fields: number): void;
}

const MINUTES_PER_HOUR = 60;
/** After a quiet time. */
const BURST_MINUTES = 2;
/** What any operation costs beside its fields: it is read, checked and sent on. */
const COST_OF_ANY = 10;

export function createCustomerBudget(options: { costPerMinute: number; store: CallStore; clock: Clock; log: Log }): CustomerBudget {
  const { costPerMinute } = options;
  const budgets = new CallBudgets({ perHour: costPerMinute * MINUTES_PER_HOUR, burst: costPerMinute * BURST_MINUTES }, options);
  return {
    spend(caller, fields) {
      const customerId = customerOf(caller);
      if (customerId === null) return;
      const waitSeconds = budgets.take(customerId, COST_OF_ANY + fields);
      if (waitSeconds === null) return;
      throw new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: waitSeconds } });
    },
  };
}
