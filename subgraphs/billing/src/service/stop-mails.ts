import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { parseStoppableMail, STOPPABLE_MAILS, type StoppableMail } from '../domain/mail-preferences.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findCustomerByMailToken, listStoppedMails, saveStoppedMails } from '../repository/mail-preferences.ts';
import { writeAudit } from './write-audit.ts';

const TOKEN_LOOKS = /^[\w-]{16,64}$/;

/** Which kind of mails a link is about, and whose. @throws AppError INVALID_MAIL_LINK */
export async function readMailLink(app: Pick<BillingApp, 'db'>, link: { kind: string | null; token: string | null }): Promise<{ customerId: string; kind: StoppableMail; isStopped: boolean }> {
  const kind = parseStoppableMail(link.kind);
  const found = kind === null || link.token === null || !TOKEN_LOOKS.test(link.token) ? null : await findCustomerByMailToken(app.db, link.token);
  if (kind === null || found === null) throw new AppError('INVALID_INPUT', 'INVALID_MAIL_LINK');
  return { customerId: found.id, kind, isStopped: found.stopped.includes(kind) };
}

/** By the link of a mail, without a credential: stops mails of its kind. A second time changes nothing. @throws AppError INVALID_MAIL_LINK */
export async function stopMails(app: Pick<BillingApp, 'db' | 'clock'>, link: { kind: string | null; token: string | null }): Promise<StoppableMail> {
  const { customerId, kind, isStopped } = await readMailLink(app, link);
  if (isStopped) return kind;
  await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [before = []] = await listStoppedMails(tx, [customerId]);
    await saveStoppedMails(tx, customerId, STOPPABLE_MAILS.filter((each) => each === kind || before.includes(each)));
    await writeAudit(tx, { customerId, actor: 'billing', action: 'stopMails', target: customerId, detail: `by the link in a mail: ${kind}` }, app.clock.now());
  });
  return kind;
}
