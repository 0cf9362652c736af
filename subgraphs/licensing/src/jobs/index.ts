import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { LicensingApp } from '../app.ts';
import { issueLicense } from '../service/issue-license.ts';
import { rememberInstance } from '../service/remember-instance.ts';
import { renewDueLicenses } from '../service/renew-license.ts';
import { revokeLicenses } from '../service/revoke-licenses.ts';

export const events = (app: LicensingApp): EventHandlers<'licensing'> => ({
  'subscription.changed': (change) => issueLicense(app, change),
  'customer.deactivated': (deactivation) => revokeLicenses(app, deactivation),
  'instance.registered': (instance) => rememberInstance(app, instance),
  'instance.reported': (instance) => rememberInstance(app, instance),
});

export const schedule = (app: LicensingApp): ScheduledWork[] => [{ name: 'renew-licenses', everyMs: 5_000, run: (signal) => renewDueLicenses(app, signal) }];
