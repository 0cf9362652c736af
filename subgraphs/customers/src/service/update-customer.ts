import { publish } from '@iotistic/chassis/outbox';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import type { CustomersApp } from '../app.ts';
import { changeCustomer, type Customer, type CustomerChanges, toCustomerEvent } from '../domain/customer.ts';
import { saveCustomer } from '../repository/customers.ts';
import { moveLogin } from '../repository/users.ts';
import { emailTakenOr } from './email-taken.ts';
import { lockCustomerForChange } from './lock-customer-for-change.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

/**
 * Changes what is given. The user who logs in with the account's address logs in with the new one from now on. What
 * changes nothing leaves no trace.
 * @throws AppError CUSTOMER_NOT_FOUND, INVALID_EMAIL, INVALID_NAME, EMAIL_TAKEN
 */
export async function updateCustomer(app: Pick<CustomersApp, 'db' | 'clock'>, caller: Caller, input: CustomerChanges & { id: string }): Promise<Customer> {
  return app.db
    .transaction()
    .execute(async (tx) => {
      const before = await lockCustomerForChange(tx, input.id);
      const at = app.clock.now();
      const { customer, changed } = changeCustomer(before, input, at);
      if (changed.length === 0) return customer;
      await saveCustomer(tx, customer);
      if (changed.includes('email')) await moveLogin(tx, customer.id, before.email, customer.email);
      await writeAuditEntry(tx, { customerId: customer.id, at, actor: actorOf(caller), action: 'customer.updated', target: customer.id, detail: changed.join(', ') });
      await publish(tx, 'customers', 'customer.updated', toCustomerEvent(customer), at);
      return customer;
    })
    .catch(emailTakenOr);
}
