import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { UsageApp } from '../app.ts';
import { closePeriod } from '../service/close-period.ts';
import { keepSubscriptionPeriod } from '../service/keep-subscription-period.ts';
import { purgeByPlan } from '../service/purge-by-plan.ts';
import { registerInstance } from '../service/register-instance.ts';

export const events = (app: UsageApp): EventHandlers<'usage'> => ({
  'instance.registered': (instance) => registerInstance(app, instance),
  'instance.activated': (instance) => registerInstance(app, instance),
  'period.invoiced': (period) => closePeriod(app, period),
  'subscription.changed': (subscription) => keepSubscriptionPeriod(app, subscription),
});

const DAY_MS = 86_400_000;

export const schedule = (app: UsageApp): ScheduledWork[] => [{ name: 'purge-by-plan', everyMs: DAY_MS, run: (signal) => purgeByPlan(app, signal) }];
