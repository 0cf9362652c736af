import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { newMailToken, type StoppableMail, unsubscribeUrl } from '../domain/mail-preferences.ts';
import { usageMails } from '../domain/usage-mails.ts';
import { billedMeters, worthyNotices } from '../domain/usage-notices.ts';
import { lockCustomer } from '../repository/customers.ts';
import { keepMailToken, listStoppedMails } from '../repository/mail-preferences.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { deleteSettledNotices, listCustomersWithNotices, listWaitingNotices, settleNotices } from '../repository/usage-notices.ts';

type Writing = Pick<BillingApp, 'db' | 'clock' | 'config' | 'log'>;

/** So long after its first notice a customer's mail is written: what has the same cause has come by then. */
const GATHER_MS = 60_000;
/** A spike that is seen again within this time goes on: a day of UTC ended meanwhile, not the spike. */
const GOES_ON_MS = 48 * 3_600_000;
const KEPT_MS = 90 * 86_400_000;
const CUSTOMERS_PER_RUN = 200;
const NOTICES_PER_MAIL = 500;
const FORGOTTEN_PER_RUN = 1_000;

/** Writes what each customer should read of its usage, one mail for each cause, once all of it has come. */
export async function writeUsageMails(app: Writing, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  const before = new Date(app.clock.now().getTime() - GATHER_MS);
  await rounds.run({
    limit: CUSTOMERS_PER_RUN,
    list: (except, limit) => listCustomersWithNotices(app.db, before, except, limit),
    keyOf: (customerId) => customerId,
    each: (customerId) => writeOfCustomer(app, customerId),
    failed: (err, customerId) => app.log.warn({ err, customerId }, 'a mail about usage waits to be written'),
    signal,
  });
  await app.db.transaction().execute((tx) => deleteSettledNotices(tx, new Date(app.clock.now().getTime() - KEPT_MS), FORGOTTEN_PER_RUN));
}

/** Whoever closed the account meanwhile reads nothing more. */
function writeOfCustomer(app: Writing, customerId: string): Promise<void> {
  const now = app.clock.now();
  return app.db.transaction().execute(async (tx) => {
    const { email, licenseName, deactivatedAt } = await lockCustomer(tx, customerId);
    const waiting = await listWaitingNotices(tx, customerId, new Date(now.getTime() - GOES_ON_MS), NOTICES_PER_MAIL);
    const [stopped = []] = await listStoppedMails(tx, [customerId]);
    const subscription = await findSubscription(tx, customerId);
    const token = await keepMailToken(tx, customerId, newMailToken());
    const { CONSOLE_URL: consoleUrl } = app.config;
    const recipient = { name: licenseName ?? '', consoleUrl, stopped, unsubscribeUrl: (kind: StoppableMail) => unsubscribeUrl(consoleUrl, { token, kind }) };
    const mails = email === null || deactivatedAt !== null ? [] : usageMails(worthyNotices(waiting, billedMeters(subscription)), recipient);
    for (const { mail } of mails) await enqueueMail(tx, { ...mail, to: email ?? '', at: now });
    const mailed = new Set(mails.flatMap(({ noticeIds }) => noticeIds));
    const ids = waiting.map(({ notice }) => notice.id);
    await settleNotices(tx, ids.filter((id) => mailed.has(id)), true, now);
    await settleNotices(tx, ids.filter((id) => !mailed.has(id)), false, now);
  });
}
