import { publish } from '@iotistic/chassis/outbox';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import type { CustomersApp } from '../app.ts';
import { type Customer, laterThan } from '../domain/customer.ts';
import { parseReason } from '../domain/name.ts';
import { revokeKeysOf } from '../repository/api-keys.ts';
import { saveDeactivation } from '../repository/customers.ts';
import { endSessionsOf } from '../repository/sessions.ts';
import { lockCustomerForChange } from './lock-customer-for-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/**
 * Ends the account: its keys and sessions with it, at once and everywhere; subscription and license by the event. Nothing
 * is deleted. A second time changes nothing and answers the same.
 * @throws AppError CUSTOMER_NOT_FOUND, INVALID_TEXT
 */
export async function deactivateCustomer(app: Pick<CustomersApp, 'db' | 'clock' | 'live'>, caller: Caller, input: { id: string; reason: string }): Promise<Customer> {
  const reason = parseReason(input.reason);
  const { customer, ended } = await app.db.transaction().execute(async (tx) => {
    const before = await lockCustomerForChange(tx, input.id);
    if (before.status === 'DEACTIVATED') return { customer: before, ended: [] };
    const at = app.clock.now();
    const after: Customer = { ...before, status: 'DEACTIVATED', updatedAt: laterThan(before.updatedAt, at) };
    await saveDeactivation(tx, after, reason, at);
    const credentials = [...(await revokeKeysOf(tx, after.id, at)), ...(await endSessionsOf(tx, after.id, at))];
    await writeAuditEntry(tx, { customerId: after.id, at, actor: actorOf(caller), action: 'customer.deactivated', target: after.id, detail: reason });
    await publish(tx, 'customers', 'customer.deactivated', { customerId: after.id, reason, actor: actorOf(caller), at: at.toISOString() }, at);
    return { customer: after, ended: credentials };
  });
  await Promise.all(ended.map((sha256) => app.live.publish('credential', sha256)));
  return customer;
}
