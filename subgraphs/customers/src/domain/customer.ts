import type { EventPayload } from '@iotistic/contracts/events';
import { parseEmail } from './email.ts';
import { parseOptionalName } from './name.ts';

export type CustomerStatus = 'ACTIVE' | 'DEACTIVATED';

export interface Customer {
  id: string;
  email: string;
  companyName: string | null;
  fullName: string | null;
  status: CustomerStatus;
  createdAt: Date;
  updatedAt: Date;
}

/** What may be changed of a customer: null empties a name, what is not given stays. */
export interface CustomerChanges {
  email?: string | null | undefined;
  companyName?: string | null | undefined;
  fullName?: string | null | undefined;
}

const FIELDS = ['email', 'companyName', 'fullName'] as const;
export type ChangedField = (typeof FIELDS)[number];

/**
 * The customer with the changes, and which fields they really change.
 * @throws AppError INVALID_EMAIL (null included: an account without an address cannot be reached), INVALID_NAME
 */
export function changeCustomer(customer: Customer, changes: CustomerChanges, now: Date): { customer: Customer; changed: ChangedField[] } {
  const next = {
    ...customer,
    ...(changes.email === undefined ? {} : { email: parseEmail(changes.email ?? '') }),
    ...(changes.companyName === undefined ? {} : { companyName: parseOptionalName(changes.companyName) }),
    ...(changes.fullName === undefined ? {} : { fullName: parseOptionalName(changes.fullName) }),
  };
  const changed = FIELDS.filter((field) => next[field] !== customer[field]);
  return changed.length === 0 ? { customer, changed } : { customer: { ...next, updatedAt: laterThan(customer.updatedAt, now) }, changed };
}

/** Rises with every change, also within a millisecond or when a clock was set back: readers take it for the version. */
export function laterThan(previous: Date, now: Date): Date {
  return new Date(Math.max(now.getTime(), previous.getTime() + 1));
}

/** The customer as events tell it. */
export function toCustomerEvent(customer: Customer): EventPayload<'customer.updated'> {
  return {
    customerId: customer.id,
    email: customer.email,
    companyName: customer.companyName,
    fullName: customer.fullName,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
  };
}
