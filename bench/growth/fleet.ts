import { createHash, randomBytes } from 'node:crypto';
import { instanceId, newId } from '@iotistic/contracts/ids';
import type { Account } from '../contestant.ts';
import { instanceNameOf } from '../report-usage/requests.ts';
import type { ScratchDatabase } from '../scratch-database.ts';

/** What differs from row to row where a customer is copied; whatever else the row has stays as it is. */
interface Copy {
  table: string;
  /** The column by which the row of the customer is found that signed up. */
  customer: 'id' | 'customer_id';
  fieldsOf(account: Account, index: number): Record<string, string>;
}

const COPIES: readonly Copy[] = [
  { table: 'customers.customers', customer: 'id', fieldsOf: ({ customerId }, index) => ({ id: customerId, email: `copy-${index}@example.com` }) },
  { table: 'customers.api_keys', customer: 'customer_id', fieldsOf: ({ customerId, apiKey }) => ({ id: newId('akey'), customer_id: customerId, secret_sha256: hashOf(apiKey), prefix: apiKey.slice(0, 12) }) },
  { table: 'billing.customers', customer: 'id', fieldsOf: ({ customerId }, index) => ({ id: customerId, email: `copy-${index}@example.com` }) },
  { table: 'billing.subscriptions', customer: 'customer_id', fieldsOf: ({ customerId }) => ({ id: newId('subn'), customer_id: customerId }) },
  { table: 'usage.subscription_periods', customer: 'customer_id', fieldsOf: ({ customerId }) => ({ customer_id: customerId }) },
  { table: 'usage.billing_periods', customer: 'customer_id', fieldsOf: ({ customerId }) => ({ customer_id: customerId }) },
];

const ROWS_PER_STATEMENT = 1_000;

/**
 * A fleet without so many sign-ups, each of which would hash a password and sign a license: the customer that signed up is copied, as far as reports
 * and billing need it, and all instances are known as they are after their first report.
 */
export async function copyCustomers(database: ScratchDatabase, original: Account, customers: number, instancesPerCustomer: number): Promise<Account[]> {
  const [key] = await database.query<{ known: boolean }>(`select exists (select from customers.api_keys where secret_sha256 = '${hashOf(original.apiKey)}') as known`);
  if (!(key?.known ?? false)) throw new Error('API keys are no longer stored as their SHA-256: copies would not be known');
  const copies = Array.from({ length: customers - 1 }, (): Account => ({ customerId: newId('cust'), apiKey: `iotk_${randomBytes(32).toString('base64url')}`, connectionParams: {} }));
  for (let first = 0; first < copies.length; first += ROWS_PER_STATEMENT) {
    for (const { table, customer, fieldsOf } of COPIES) {
      const fields = JSON.stringify(copies.slice(first, first + ROWS_PER_STATEMENT).map((account, offset) => fieldsOf(account, first + offset)));
      await database.query(`insert into ${table} select (jsonb_populate_record(original, fields)).* from ${table} original, jsonb_array_elements('${fields}') fields where original.${customer} = '${original.customerId}'`);
    }
  }
  const accounts = [original, ...copies];
  await insertInstances(database, accounts, instancesPerCustomer);
  await database.query('update usage.instances i set terms_version = p.terms_version from usage.subscription_periods p where p.customer_id = i.customer_id');
  await database.query('vacuum analyze');
  await database.query('checkpoint');
  return accounts;
}

async function insertInstances(database: ScratchDatabase, accounts: readonly Account[], instancesPerCustomer: number): Promise<void> {
  const rows = accounts.flatMap(({ customerId }, customer) =>
    Array.from({ length: instancesPerCustomer }, (_, index) => {
      const name = instanceNameOf(customer * instancesPerCustomer + index);
      return `('${instanceId(customerId, name)}', '${customerId}', '${name}', now(), now(), now())`;
    }),
  );
  for (let first = 0; first < rows.length; first += ROWS_PER_STATEMENT) {
    await database.query(`insert into usage.instances (id, customer_id, name, first_seen_at, first_reported_at, last_reported_at) values ${rows.slice(first, first + ROWS_PER_STATEMENT).join(', ')}`);
  }
}

function hashOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}
