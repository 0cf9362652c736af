import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { UsageApp } from '../app.ts';
import { keepSubscriptionPeriod } from '../service/keep-subscription-period.ts';
import { registerInstance } from '../service/register-instance.ts';

export const events = (app: UsageApp): EventHandlers<'usage'> => ({
  'instance.registered': (instance) => registerInstance(app, instance),
  'instance.activated': (instance) => registerInstance(app, instance),
  'subscription.changed': (subscription) => keepSubscriptionPeriod(app, subscription),
});
