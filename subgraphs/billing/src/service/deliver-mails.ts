import { deliverMails } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';

export async function deliverBillingMails(app: Pick<BillingApp, 'db' | 'mail' | 'clock' | 'log' | 'mailMetrics'>, signal: AbortSignal): Promise<void> {
  await deliverMails({ db: app.db as never, transport: app.mail, clock: app.clock, log: app.log, metrics: app.mailMetrics, signal });
}
