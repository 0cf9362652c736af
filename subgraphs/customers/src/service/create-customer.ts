import { publish } from '@iotistic/chassis/outbox';
import { type Caller, actorOf } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { CustomersApp } from '../app.ts';
import { type Customer, toCustomerEvent } from '../domain/customer.ts';
import { parseEmail } from '../domain/email.ts';
import { parseOptionalName } from '../domain/name.ts';
import { insertCustomer } from '../repository/customers.ts';
import { emailTakenOr } from './email-taken.ts';
import { writeAuditEntry } from './write-audit-entry.ts';

export interface CreateCustomerInput {
  email: string;
  companyName?: string | null | undefined;
  fullName?: string | null | undefined;
}

/**
 * An account without a user, made by the operator; it gets its trial like one that signed up.
 * @throws AppError INVALID_EMAIL, INVALID_NAME, EMAIL_TAKEN
 */
export async function createCustomer(app: Pick<CustomersApp, 'db' | 'clock'>, caller: Caller, input: CreateCustomerInput): Promise<Customer> {
  const at = app.clock.now();
  const customer: Customer = {
    id: newId('cust'),
    email: parseEmail(input.email),
    companyName: parseOptionalName(input.companyName),
    fullName: parseOptionalName(input.fullName),
    status: 'ACTIVE',
    createdAt: at,
    updatedAt: at,
  };
  return app.db
    .transaction()
    .execute(async (tx) => {
      await insertCustomer(tx, customer);
      await writeAuditEntry(tx, { customerId: customer.id, at, actor: actorOf(caller), action: 'customer.created', target: customer.id });
      await publish(tx, 'customers', 'customer.signed_up', toCustomerEvent(customer), at);
      return customer;
    })
    .catch(emailTakenOr);
}
