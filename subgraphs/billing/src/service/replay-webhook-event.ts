import { newId } from '@iotistic/contracts/ids';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { findWebhookEvent, reopenWebhookEvent, type WebhookEvent } from '../repository/webhook-events.ts';

/** Has a stored event done once more. @throws AppError WEBHOOK_EVENT_NOT_FOUND */
export async function replayWebhookEvent(app: Pick<BillingApp, 'db' | 'work'>, id: string): Promise<WebhookEvent> {
  const event = await app.db.transaction().execute(async (tx) => {
    await reopenWebhookEvent(tx, id);
    return findWebhookEvent(tx, id);
  });
  if (event === null) throw new AppError('NOT_FOUND', 'WEBHOOK_EVENT_NOT_FOUND');
  await app.work.add('apply-stripe-events', newId('req'), { eventId: id });
  return event;
}
