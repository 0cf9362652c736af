import { LiveIterator } from '@iotistic/chassis/live-iterator';
import { instanceId } from '@iotistic/contracts/ids';
import type { UsageApp } from '../app.ts';
import type { ReportRow } from '../repository/reports.ts';
import { usageTopic } from './announce-reports.ts';
import { UsageFeed } from './usage-feed.ts';

const MAX_BUFFERED = 1_000;

/** Each report of a customer, or of one of its instances, as it is committed. An instance that was never heard of may be waited for. */
export function watchUsage(app: Pick<UsageApp, 'live' | 'loaders' | 'db' | 'clock' | 'log'>, customerId: string, instance: string | null | undefined): AsyncIterableIterator<ReportRow> {
  const onlyInstance = instance === null || instance === undefined ? null : instanceId(customerId, instance);
  return new LiveIterator<ReportRow>({
    limit: MAX_BUFFERED,
    start(push) {
      const feed = new UsageFeed(app, customerId, (report) => {
        if (onlyInstance === null || report.instanceId === onlyInstance) push(report);
      });
      const stopHearing = app.live.subscribe(usageTopic(customerId), (message) => feed.hear(JSON.parse(message) as string[]));
      const stopGap = app.live.onGap(() => feed.catchUp());
      return () => {
        stopHearing();
        stopGap();
        feed.close();
      };
    },
  });
}
