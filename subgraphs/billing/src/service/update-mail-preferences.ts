import { actorOf, type Caller } from '@iotistic/contracts/caller';
import type { BillingApp } from '../app.ts';
import { changeStopped, type MailPreferences, preferencesOf } from '../domain/mail-preferences.ts';
import { lockCustomer } from '../repository/customers.ts';
import { listStoppedMails, saveStoppedMails } from '../repository/mail-preferences.ts';
import { getBillingCustomer } from './billing-customer.ts';
import { writeAudit } from './write-audit.ts';

export interface MailPreferencesInput extends Partial<Record<keyof MailPreferences, boolean | null | undefined>> {
  customerId: string;
}

/** What is absent stays as it is; asked again it changes nothing. @throws AppError CUSTOMER_NOT_FOUND */
export async function updateMailPreferences(app: Pick<BillingApp, 'db' | 'clock'>, caller: Caller, { customerId, ...change }: MailPreferencesInput): Promise<MailPreferences> {
  await getBillingCustomer(app, customerId);
  return app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [before = []] = await listStoppedMails(tx, [customerId]);
    const after = changeStopped(before, change);
    if (after.join() !== before.join()) {
      await saveStoppedMails(tx, customerId, after);
      await writeAudit(tx, { customerId, actor: actorOf(caller), action: 'updateMailPreferences', target: customerId, detail: after.length === 0 ? 'all mails go' : `stopped: ${after.join(', ')}` }, app.clock.now());
    }
    return preferencesOf(after);
  });
}
