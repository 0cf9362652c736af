import type { LiveEvent } from '@iotistic/chassis/live-event';
import { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import { instanceId } from '@iotistic/contracts/ids';
import type { UsageApp } from '../app.ts';
import type { ReportRow } from '../repository/reports.ts';
import { usageTopic } from './announce-reports.ts';
import { UsageFeed } from './usage-feed.ts';

export interface WatchedUsage {
  customerId: string;
  /** Only of the instance with this name, which may be waited for before it was ever heard of. */
  instance: string | null | undefined;
  /** Where the reader stood when its stream was cut. */
  after?: string | null | undefined;
}

/** Each report of a customer, or of one of its instances, as it is committed. */
export function watchUsage(app: Pick<UsageApp, 'live' | 'loaders' | 'db' | 'clock' | 'log' | 'metrics'>, { customerId, instance, after = null }: WatchedUsage): AsyncIterableIterator<LiveEvent<ReportRow>> {
  const feed = new UsageFeed(app, { customerId, instanceId: instance === null || instance === undefined ? null : instanceId(customerId, instance), after });
  const events = new PulledIterator<LiveEvent<ReportRow>>({
    first: [feed.begin()],
    read: () => feed.read(),
    onFailure: (err) => app.log.warn({ err }, 'live usage reports could not be read, trying again'),
    onReturn() {
      for (const stop of stops) stop();
    },
  });
  const stops = [
    app.live.subscribe(usageTopic(customerId), (message) => {
      feed.hear(JSON.parse(message) as string[]);
      events.wake();
    }),
    app.live.onGap(() => {
      feed.fallBehind();
      events.wake();
    }),
  ];
  events.wake();
  return events;
}
