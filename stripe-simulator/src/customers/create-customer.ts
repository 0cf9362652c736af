import { randomText } from '../random-id.ts';
import type { Simulation } from '../simulation.ts';
import { CUSTOMERS, type CustomerRecord } from './customer-records.ts';

/** A customer that came by itself, through a checkout: of the account's own time. */
export function createCustomer(simulation: Simulation, { email }: { email: string | null }): CustomerRecord {
  const customer = simulation.store.put<CustomerRecord>(CUSTOMERS, { ...emptyCustomer(simulation, null), email });
  simulation.emit('customer.created', customer);
  return customer;
}

/** One of whom nothing is known yet; it is not stored. */
export function emptyCustomer(simulation: Simulation, testClock: string | null): CustomerRecord {
  return {
    id: simulation.newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: simulation.now(testClock),
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: randomText(8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: testClock,
  };
}
