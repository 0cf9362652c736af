import type { BillingApp } from '../app.ts';
import { countUnsent } from '../repository/metered-quantities.ts';

/** Stripe is sent them within seconds; the schedule looks again every quarter of a minute. */
const LATE_MS = 15 * 60_000;

/** Quantities that Stripe does not have yet, and those that sending does not get rid of. */
export async function readMeteringBacklog(app: Pick<BillingApp, 'db' | 'clock'>): Promise<{ waiting: number; late: number }> {
  const now = app.clock.now();
  const { pending, stuck } = await countUnsent(app.db, now, new Date(now.getTime() - LATE_MS));
  return { waiting: pending, late: stuck };
}
