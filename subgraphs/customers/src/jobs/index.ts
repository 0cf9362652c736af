import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { CustomersApp } from '../app.ts';
import { recordAuditEntry } from '../service/record-audit-entry.ts';
import { recordInstance } from '../service/record-instance.ts';

export const events = (app: CustomersApp): EventHandlers<'customers'> => ({
  'instance.reported': (instance) => recordInstance(app, instance),
  'instance.activated': (instance) => recordInstance(app, instance),
  'billing.audited': (entry) => recordAuditEntry(app, entry),
  'licensing.audited': (entry) => recordAuditEntry(app, entry),
  'usage.audited': (entry) => recordAuditEntry(app, entry),
});
