import type { Tx } from '@iotistic/chassis/database';
import { AppError } from '@iotistic/contracts/errors';
import { isId } from '@iotistic/contracts/ids';
import type { Customer } from '../domain/customer.ts';
import { lockCustomer } from '../repository/customers.ts';
import type { CustomersTables } from '../repository/tables.ts';

/** The customer, which nobody else changes until the transaction ends. @throws AppError CUSTOMER_NOT_FOUND */
export async function lockCustomerForChange(tx: Tx<CustomersTables>, id: string): Promise<Customer> {
  const customer = isId('cust', id) ? await lockCustomer(tx, id) : undefined;
  if (customer === undefined) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
  return customer;
}

/** The same of one that is in force. @throws AppError CUSTOMER_NOT_FOUND, CONFLICT CUSTOMER_DEACTIVATED */
export async function lockActiveCustomer(tx: Tx<CustomersTables>, id: string): Promise<Customer> {
  const customer = await lockCustomerForChange(tx, id);
  if (customer.status !== 'ACTIVE') throw new AppError('CONFLICT', 'CUSTOMER_DEACTIVATED');
  return customer;
}
