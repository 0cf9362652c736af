import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { licenseRevokedMail } from '../domain/mails.ts';
import { findCustomer } from '../repository/customers.ts';

/** The customer hears of it from us before its instances do. Once for each license. */
export async function tellOfRevocation(app: Pick<BillingApp, 'db' | 'clock' | 'config'>, revocation: EventPayload<'license.revoked'>): Promise<void> {
  const { customerId, licenseId, reason, at } = revocation;
  const known = await findCustomer(app.db, customerId);
  const to = known?.email ?? null;
  if (to === null) return;
  const mail = licenseRevokedMail({ licenseId, reason, at: new Date(at), name: known?.licenseName ?? '', consoleUrl: app.config.CONSOLE_URL });
  await app.db.transaction().execute((tx) => enqueueMail(tx, { ...mail, to, at: app.clock.now() }));
}
