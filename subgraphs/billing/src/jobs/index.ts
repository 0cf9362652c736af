import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { BillingApp } from '../app.ts';
import { endSubscription } from '../service/end-subscription.ts';
import { renameCustomer } from '../service/rename-customer.ts';
import { startTrial } from '../service/start-trial.ts';

export const events = (app: BillingApp): EventHandlers<'billing'> => ({
  'customer.signed_up': (customer) => startTrial(app, customer),
  'customer.updated': (customer) => renameCustomer(app, customer),
  'customer.deactivated': (deactivation) => endSubscription(app, deactivation),
});
