import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { LicensingApp } from '../app.ts';
import { issueLicense } from '../service/issue-license.ts';
import { rememberInstance } from '../service/remember-instance.ts';
import { revokeLicenses } from '../service/revoke-licenses.ts';

export const events = (app: LicensingApp): EventHandlers<'licensing'> => ({
  'subscription.changed': (change) => issueLicense(app, change),
  'customer.deactivated': (deactivation) => revokeLicenses(app, deactivation),
  'instance.registered': (instance) => rememberInstance(app, instance),
  'instance.reported': (instance) => rememberInstance(app, instance),
});
