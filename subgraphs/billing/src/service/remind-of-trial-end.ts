import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { trialEndingMail } from '../domain/mails.ts';
import { dueReminder } from '../domain/trial-reminders.ts';
import { listEndingTrials } from '../repository/subscriptions.ts';

const FIRST_REMINDER_MS = 7 * 86_400_000;

/** 7, 3 and 1 days before a trial ends, each once; of several that were missed only the last. */
export async function remindOfTrialEnd(app: Pick<BillingApp, 'db' | 'clock' | 'config'>, signal: AbortSignal): Promise<void> {
  const now = app.clock.now();
  for (const { subscription, email, name } of await listEndingTrials(app.db, now, new Date(now.getTime() + FIRST_REMINDER_MS))) {
    const { trialEndsAt } = subscription;
    if (signal.aborted || trialEndsAt === null) return;
    const reminder = dueReminder({ subscriptionId: subscription.id, startedAt: subscription.currentPeriodStart, endsAt: trialEndsAt }, now);
    if (reminder === null || email === null) continue;
    await app.db.transaction().execute((tx) => enqueueMail(tx, { ...trialEndingMail({ subscription, name, consoleUrl: app.config.CONSOLE_URL }, reminder), to: email, at: now }));
  }
}
