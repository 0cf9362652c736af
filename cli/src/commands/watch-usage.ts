import { EXIT, type ExitCode } from '../cli-error.ts';
import { existing, type Context } from '../context.ts';
import { CliFindCustomerDocument, CliWatchUsageAlertsDocument, CliWatchUsageDocument } from '../generated.ts';
import { formatInstant, formatLimit, printable } from '../printable.ts';

export interface WatchUsageOptions {
  customer: string;
  instance?: string;
  count?: number;
}

/** Prints what arrives: a line for each report, and for each limit that is crossed. With --json a JSON document a line. */
export async function watchUsage(context: Context, { customer, instance, count }: WatchUsageOptions): Promise<ExitCode> {
  const plane = context.plane();
  // The plane lets an operator listen to whom it does not know: nothing would ever come.
  existing((await plane.ask(CliFindCustomerDocument, { id: customer })).customer);
  const ended = new AbortController();
  let reports = 0;
  const opened = (): void => context.note(`Listening to ${customer}${instance === undefined ? '' : `, ${instance}`}. Ctrl-C ends it.`);
  const alerts = plane.listen(CliWatchUsageAlertsDocument, { customerId: customer }, {
    hear: ({ usageAlertRaised: alert }) => context.tell({ alert }, () => context.colors.yellow(`${formatInstant(alert.raisedAt)}  ⚠ ${alert.meter}: ${alert.threshold} % of ${alert.kind === 'INCLUDED' ? 'what is included' : 'the limit'} reached, ${alert.used} of ${formatLimit(alert.included)}`)),
    signal: ended.signal,
  });
  const lines = plane.listen(CliWatchUsageDocument, { customerId: customer, instance: instance ?? null }, {
    hear: ({ usageReported: report }) => {
      context.tell({ report }, () => {
        const messages = report.mqttMessagesPublished + report.mqttMessagesReceived;
        return `${formatInstant(report.intervalEnd)}  ${printable(report.instance?.name ?? '-')}  active ${report.activeDevices}, total ${report.totalDevices}, messages ${messages}, storage ${report.storageBytes} bytes${report.fate === 'LATE' ? ', late' : ''}`;
      });
      reports += 1;
      if (count !== undefined && reports >= count) ended.abort();
    },
    opened,
    missed: (missed) => context.note(`${missed ?? 'An unknown number of'} reports came faster than they could be shown, and are not.`),
    lost: () => context.note('The connection was lost; what is reported meanwhile is not shown. It is made again.'),
    signal: ended.signal,
  });
  try {
    await Promise.race([lines, alerts]);
  } finally {
    ended.abort();
    await Promise.allSettled([lines, alerts]);
  }
  return EXIT.ok;
}
