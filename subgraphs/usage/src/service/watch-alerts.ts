import type { LiveEvent } from '@iotistic/chassis/live-event';
import type { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { type AlertRow, findLastAlertPosition, listAlertsAfter } from '../repository/alerts.ts';
import { watchRows } from './watch-rows.ts';

const alertTopic = (customerId: string): string => `usage-alerts:${customerId}`;

/** Each threshold that a customer's usage reaches from now on. */
export function watchAlerts(app: Pick<UsageApp, 'live' | 'log' | 'db'>, customerId: string, after?: string | null): Promise<PulledIterator<LiveEvent<AlertRow>>> {
  return watchRows({
    live: app.live,
    log: app.log,
    after,
    topic: alertTopic(customerId),
    last: () => findLastAlertPosition(app.db, customerId),
    listAfter: (position, limit) => listAlertsAfter(app.db, customerId, position, limit),
  });
}

/** By our own event, which outlives the process that raised it: those who watch are told though it died right after its commit. */
export async function announceAlert(app: Pick<UsageApp, 'live'>, { customerId, alertId }: EventPayload<'usage.alert_raised'>): Promise<void> {
  await app.live.publish(alertTopic(customerId), alertId);
}
