import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import type { BillingMail } from '../domain/mails.ts';
import { usageAlertMail, usageAnomalyMail } from '../domain/usage-mails.ts';
import { findCustomer } from '../repository/customers.ts';

type Teller = Pick<BillingApp, 'db' | 'clock' | 'config'>;

/** A threshold of the plan was reached: once for each alert. */
export function tellOfUsageAlert(app: Teller, alert: EventPayload<'usage.alert_raised'>): Promise<void> {
  return tell(app, alert.customerId, (recipient) => usageAlertMail(alert, recipient));
}

/** Something looks wrong that the customer can see to: once for each anomaly. */
export function tellOfUsageAnomaly(app: Teller, anomaly: EventPayload<'usage.anomaly_raised'>): Promise<void> {
  return tell(app, anomaly.customerId, (recipient) => usageAnomalyMail(anomaly, recipient));
}

/** Who closed the account, or was never heard of, is told nothing. */
async function tell(app: Teller, customerId: string, write: (recipient: { name: string; consoleUrl: string }) => BillingMail | null): Promise<void> {
  const known = await findCustomer(app.db, customerId);
  const to = known?.email ?? null;
  if (to === null || known?.deactivatedAt !== null) return;
  const mail = write({ name: known.licenseName ?? '', consoleUrl: app.config.CONSOLE_URL });
  if (mail !== null) await app.db.transaction().execute((tx) => enqueueMail(tx, { ...mail, to, at: app.clock.now() }));
}
