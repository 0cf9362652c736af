import type { EventPayload } from '@iotistic/contracts/events';
import type { CustomersApp } from '../app.ts';
import { insertAuditEntryOnce } from '../repository/audit-log.ts';

/** What was done to a customer elsewhere stands in its one audit log too, once, with the request that did it. */
export async function recordAuditEntry(app: Pick<CustomersApp, 'db'>, entry: EventPayload<'billing.audited'>): Promise<void> {
  await app.db.transaction().execute((tx) => insertAuditEntryOnce(tx, { ...entry, at: new Date(entry.at) }));
}
