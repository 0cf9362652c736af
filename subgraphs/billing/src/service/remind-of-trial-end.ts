import { enqueueMail, findKnownMails } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { trialEndingMail } from '../domain/mails.ts';
import { dueReminder } from '../domain/trial-reminders.ts';
import { type EndingTrial, listEndingTrials } from '../repository/subscriptions.ts';

const FIRST_REMINDER_MS = 7 * 86_400_000;
const PAGE = 500;

/** 7, 3 and 1 days before a trial ends, each once; of several that were missed only the last. */
export async function remindOfTrialEnd(app: Pick<BillingApp, 'db' | 'clock' | 'config'>, signal: AbortSignal): Promise<void> {
  const now = app.clock.now();
  const within = { from: now, to: new Date(now.getTime() + FIRST_REMINDER_MS) };
  let page: EndingTrial[] = [];
  for (let after: { endsAt: Date; id: string } | null = null, isMore = true; isMore && !signal.aborted; isMore = page.length === PAGE) {
    page = await listEndingTrials(app.db, within, after, PAGE);
    await remindAll(app, page, now, signal);
    const last = page.at(-1)?.subscription;
    if (last?.trialEndsAt instanceof Date) after = { endsAt: last.trialEndsAt, id: last.id };
  }
}

/** One look for all that were reminded already: most were, at an earlier run. */
async function remindAll(app: Pick<BillingApp, 'db' | 'config'>, trials: readonly EndingTrial[], now: Date, signal: AbortSignal): Promise<void> {
  const due = trials.flatMap(({ subscription, email, name }) => {
    const reminder = subscription.trialEndsAt === null ? null : dueReminder({ subscriptionId: subscription.id, startedAt: subscription.currentPeriodStart, endsAt: subscription.trialEndsAt }, now);
    return reminder === null || email === null ? [] : [{ subscription, name, to: email, reminder }];
  });
  const known = await findKnownMails(app.db, due.map(({ reminder }) => reminder.key));
  for (const { subscription, name, to, reminder } of due) {
    if (signal.aborted) return;
    if (!known.has(reminder.key)) await app.db.transaction().execute((tx) => enqueueMail(tx, { ...trialEndingMail({ subscription, name, consoleUrl: app.config.CONSOLE_URL }, reminder), to, at: now }));
  }
}
