import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { causeOf, type UsageNotice } from '../domain/usage-notices.ts';
import { findCustomer } from '../repository/customers.ts';
import { saveUsageNotice } from '../repository/usage-notices.ts';

type Noting = Pick<BillingApp, 'db' | 'clock'>;

/** A threshold of the plan was reached: once for each alert. */
export function noteUsageAlert(app: Noting, { alertId: id, at: _at, ...alert }: EventPayload<'usage.alert_raised'>): Promise<void> {
  return note(app, { id, type: 'ALERT', ...alert });
}

/** Something looks wrong that the customer can see to: once for each anomaly. */
export function noteUsageAnomaly(app: Noting, { anomalyId: id, at: _at, ...anomaly }: EventPayload<'usage.anomaly_raised'>): Promise<void> {
  return note(app, { id, type: 'ANOMALY', ...anomaly });
}

/** The mail is written a moment later: what has one cause comes as several events within seconds. Who closed the account, or was never heard of, gets none. */
async function note(app: Noting, notice: UsageNotice): Promise<void> {
  const known = await findCustomer(app.db, notice.customerId);
  if (known === null || known.email === null || known.deactivatedAt !== null) return;
  await app.db.transaction().execute((tx) => saveUsageNotice(tx, notice, causeOf(notice), app.clock.now()));
}
