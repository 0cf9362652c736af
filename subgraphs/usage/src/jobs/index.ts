import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { UsageApp } from '../app.ts';
import { closePeriod } from '../service/close-period.ts';
import { digestOldReports } from '../service/digest-old-reports.ts';
import { keepSubscriptionPeriod } from '../service/keep-subscription-period.ts';
import { lookForAnomalies } from '../service/look-for-anomalies.ts';
import { registerInstance } from '../service/register-instance.ts';
import { announceAlert } from '../service/watch-alerts.ts';
import { announceAnomaly } from '../service/watch-anomalies.ts';

export const events = (app: UsageApp): EventHandlers<'usage'> => ({
  'instance.registered': (instance) => registerInstance(app, instance),
  'instance.activated': (instance) => registerInstance(app, instance),
  'period.invoiced': (period) => closePeriod(app, period),
  'subscription.changed': (subscription) => keepSubscriptionPeriod(app, subscription),
  'usage.alert_raised': (alert) => announceAlert(app, alert),
  'usage.anomaly_raised': (anomaly) => announceAnomaly(app, anomaly),
});

const CALL_BUDGETS_AT_ONCE = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const schedule = (app: UsageApp): ScheduledWork[] => [
  { name: 'look-for-anomalies', everyMs: MINUTE_MS, run: (signal) => lookForAnomalies(app, signal) },
  { name: 'prune-call-budgets', everyMs: HOUR_MS, run: () => app.callLimits.prune(CALL_BUDGETS_AT_ONCE) },
  { name: 'digest-old-reports', everyMs: DAY_MS, run: (signal) => digestOldReports(app, signal) },
];
