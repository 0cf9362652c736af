import { watchNewest } from '@iotistic/chassis/watch-newest';
import type { LiveEvent } from '@iotistic/chassis/live-event';
import type { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import type { BillingApp } from '../app.ts';
import { type PreviewedInvoice, previewOwnInvoice } from './preview-invoice.ts';

/** Told when what a customer's meters stand at has changed. */
export function invoiceTopic(customerId: string): string {
  return `invoice:${customerId}`;
}

/** What the current period would cost, each time that changes: by our own price book, which asks nobody. */
export function watchUpcomingInvoice(app: Pick<BillingApp, 'db' | 'live' | 'log'>, customerId: string, after?: string | null): PulledIterator<LiveEvent<PreviewedInvoice>> {
  return watchNewest<PreviewedInvoice>({
    live: app.live,
    log: app.log,
    after,
    topics: [invoiceTopic(customerId), `subscription:${customerId}`],
    read: () => previewOwnInvoice(app, customerId),
    markOf: ({ total, periodStart, lines }) => JSON.stringify([total, periodStart, lines]),
    isTold: () => true,
  });
}
