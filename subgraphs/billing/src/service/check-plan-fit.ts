import type { Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { PlanKey } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { describeForced, limitsExceeded, refuseUnfit } from '../domain/plan-fit.ts';
import { bookAt, planIn, PRICE_BOOKS } from '../domain/price-book.ts';
import type { Subscription } from '../domain/subscription.ts';
import { readUsage } from './compare-plans.ts';

/**
 * Refuses a plan that the customer does not fit, unless the operator forces it.
 * @returns what to write beside the change in the audit log: null unless something was forced.
 * @throws AppError PLAN_DOES_NOT_FIT, ADMIN_ONLY (somebody else than the operator wants to force)
 */
export async function checkPlanFit(
  app: Pick<BillingApp, 'db' | 'clock'>,
  caller: Caller,
  subscription: Subscription,
  { plan, force }: { plan: PlanKey; force?: boolean | null | undefined },
): Promise<string | null> {
  if (force === true && caller.kind !== 'admin') throw new AppError('FORBIDDEN', 'ADMIN_ONLY');
  const { counted } = await readUsage(app, subscription);
  const sold = planIn(bookAt(PRICE_BOOKS, app.clock.now()), plan);
  const exceeded = limitsExceeded(sold, subscription.override, counted);
  if (exceeded.length === 0) return null;
  if (force !== true) refuseUnfit(exceeded);
  return describeForced(exceeded);
}
