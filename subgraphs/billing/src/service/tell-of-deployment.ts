import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { deploymentFailedMail } from '../domain/deployment-mails.ts';
import { findCustomer } from '../repository/customers.ts';

/** The customer, and the operator who can look at the cluster, hear that a deployment failed for good. Once for each time that it was asked for. */
export async function tellOfDeployment(app: Pick<BillingApp, 'db' | 'clock' | 'config'>, change: EventPayload<'deployment.changed'>): Promise<void> {
  if (change.status !== 'FAILED') return;
  const known = await findCustomer(app.db, change.customerId);
  const name = known?.licenseName ?? '';
  const email = known?.email ?? null;
  const at = app.clock.now();
  await app.db.transaction().execute(async (tx) => {
    if (email !== null) await enqueueMail(tx, { ...deploymentFailedMail({ change, name, reader: 'customer', consoleUrl: app.config.CONSOLE_URL }), to: email, at });
    if (app.config.OPERATOR_EMAIL !== undefined) await enqueueMail(tx, { ...deploymentFailedMail({ change, name, reader: 'operator', consoleUrl: app.config.CONSOLE_URL }), to: app.config.OPERATOR_EMAIL, at });
  });
}
