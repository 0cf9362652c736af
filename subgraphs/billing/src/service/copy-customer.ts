import type { Tx } from '@iotistic/chassis/database';
import type { EventPayload } from '@iotistic/contracts/events';
import { licenseNameOf } from '../domain/subscription.ts';
import { type KnownCustomer, saveCustomerNames } from '../repository/customers.ts';
import type { BillingTables } from '../repository/tables.ts';

/** Keeps the newest names of a locked customer, whatever order they come in; answers what the license calls it, and whether that is new. */
export async function copyCustomer(tx: Tx<BillingTables>, known: KnownCustomer, customer: EventPayload<'customer.updated'>): Promise<{ licenseName: string; renamed: boolean }> {
  const updatedAt = new Date(customer.updatedAt);
  if (known.licenseName !== null && known.updatedAt !== null && known.updatedAt > updatedAt) return { licenseName: known.licenseName, renamed: false };
  const licenseName = licenseNameOf(customer);
  await saveCustomerNames(tx, known.id, { email: customer.email, licenseName, updatedAt });
  return { licenseName, renamed: licenseName !== known.licenseName };
}
