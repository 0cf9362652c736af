import type { LiveEvent } from '@iotistic/chassis/live-event';
import type { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { type AnomalyRow, findLastAnomalyPosition, listAnomaliesAfter } from '../repository/anomalies.ts';
import { watchRows } from './watch-rows.ts';

const anomalyTopic = (customerId: string): string => `usage-anomalies:${customerId}`;

/** Whatever is found wrong with a customer's usage from now on. */
export function watchAnomalies(app: Pick<UsageApp, 'live' | 'log' | 'db'>, customerId: string, after?: string | null): Promise<PulledIterator<LiveEvent<AnomalyRow>>> {
  return watchRows({
    live: app.live,
    log: app.log,
    after,
    topic: anomalyTopic(customerId),
    last: () => findLastAnomalyPosition(app.db, customerId),
    listAfter: (position, limit) => listAnomaliesAfter(app.db, customerId, position, limit),
  });
}

export async function announceAnomaly(app: Pick<UsageApp, 'live'>, { customerId, anomalyId }: EventPayload<'usage.anomaly_raised'>): Promise<void> {
  await app.live.publish(anomalyTopic(customerId), anomalyId);
}
