import { countUnsentMails, type MailBacklog } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';

const RECENT_MS = 30 * 86_400_000;

/** What waits to be sent, and what was given up in the last 30 days. */
export function readMailBacklog(app: Pick<BillingApp, 'db' | 'clock'>): Promise<MailBacklog> {
  return countUnsentMails(app.db, new Date(app.clock.now().getTime() - RECENT_MS));
}
