import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { deploymentFailedMail } from '../domain/deployment-mails.ts';
import { newMailToken, unsubscribeUrl } from '../domain/mail-preferences.ts';
import { findCustomer } from '../repository/customers.ts';
import { keepMailToken, listStoppedMails } from '../repository/mail-preferences.ts';

/** The customer, unless it stopped such mails, and the operator who can look at the cluster, read that a deployment failed for good. Once for each time that it was asked for. */
export async function tellOfDeployment(app: Pick<BillingApp, 'db' | 'clock' | 'config'>, change: EventPayload<'deployment.changed'>): Promise<void> {
  if (change.status !== 'FAILED') return;
  const known = await findCustomer(app.db, change.customerId);
  const name = known?.licenseName ?? '';
  const email = known?.email ?? null;
  const { CONSOLE_URL: consoleUrl, OPERATOR_EMAIL: operator } = app.config;
  const at = app.clock.now();
  const [stopped = []] = await listStoppedMails(app.db, [change.customerId]);
  await app.db.transaction().execute(async (tx) => {
    if (email !== null && !stopped.includes('DEPLOYMENTS')) {
      const token = await keepMailToken(tx, change.customerId, newMailToken());
      const mail = deploymentFailedMail({ change, name, reader: 'customer', consoleUrl, unsubscribeUrl: unsubscribeUrl(consoleUrl, { token, kind: 'DEPLOYMENTS' }) });
      await enqueueMail(tx, { ...mail, to: email, at });
    }
    if (operator !== undefined) await enqueueMail(tx, { ...deploymentFailedMail({ change, name, reader: 'operator', consoleUrl }), to: operator, at });
  });
}
