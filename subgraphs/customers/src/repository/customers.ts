import type { Db, Tx } from '@iotistic/chassis/database';
import { type Expression, type ExpressionBuilder, sql, type SqlBool } from 'kysely';
import type { Customer } from '../domain/customer.ts';
import type { PageRequest } from '@iotistic/chassis/page';
import type { CustomersTables } from './tables.ts';

const COLUMNS = ['id', 'email', 'company_name as companyName', 'full_name as fullName', 'status', 'created_at as createdAt', 'updated_at as updatedAt'] as const;

/** Where a customer stands in the list: newest first. */
export type CustomerKey = [createdAt: string, id: string];

export function findCustomers(db: Db<CustomersTables>, ids: readonly string[]): Promise<Customer[]> {
  return db.selectFrom('customers').select(COLUMNS).where('id', 'in', ids).execute();
}

/** Whether an account or a user has this address, in any of the forms that it may be stored in. Only the insert knows for sure. */
export async function isEmailTaken(db: Db<CustomersTables>, emails: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    with forms as (select lower(form) as form from unnest(${emails}::text[]) as form)
    select exists (select from customers where lower(email) = any(select form from forms)) or exists (select from users where lower(email) = any(select form from forms)) as taken`.execute(db);
  return rows[0]?.taken === true;
}

/** The rows after the key, one more than asked for when there are more. */
export function listCustomersPage(db: Db<CustomersTables>, page: PageRequest<CustomerKey>, search: string | null): Promise<Customer[]> {
  let query = db.selectFrom('customers').select(COLUMNS).where(matching(search));
  if (page.after !== null) {
    const [createdAt, id] = page.after;
    query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(new Date(createdAt), id)));
  }
  return query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute();
}

export async function countCustomers(db: Db<CustomersTables>, search: string | null): Promise<number> {
  const row = await db
    .selectFrom('customers')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(matching(search))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The text in any of what people know a customer by; null matches everyone. */
function matching(search: string | null) {
  return (eb: ExpressionBuilder<CustomersTables, 'customers'>): Expression<SqlBool> => {
    if (search === null) return eb.val(true);
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    return eb.or((['email', 'company_name', 'full_name', 'id'] as const).map((column) => eb(column, 'ilike', pattern)));
  };
}

/** The customer, which stays as it is until the transaction ends. */
export async function lockCustomer(tx: Tx<CustomersTables>, id: string): Promise<Customer | undefined> {
  return tx.selectFrom('customers').select(COLUMNS).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

/** The same, beside others who only look. */
export async function lockCustomerShared(tx: Tx<CustomersTables>, id: string): Promise<Customer | undefined> {
  return tx.selectFrom('customers').select(COLUMNS).where('id', '=', id).forShare().executeTakeFirst();
}

/** @throws a unique violation of customers_email_taken */
export async function insertCustomer(tx: Tx<CustomersTables>, customer: Customer): Promise<void> {
  await tx
    .insertInto('customers')
    .values({
      id: customer.id,
      email: customer.email,
      company_name: customer.companyName,
      full_name: customer.fullName,
      status: customer.status,
      created_at: customer.createdAt,
      updated_at: customer.updatedAt,
      deactivated_at: null,
      deactivation_reason: null,
    })
    .execute();
}

/** @throws a unique violation of customers_email_taken */
export async function saveCustomer(tx: Tx<CustomersTables>, customer: Customer): Promise<void> {
  await tx
    .updateTable('customers')
    .set({ email: customer.email, company_name: customer.companyName, full_name: customer.fullName, updated_at: customer.updatedAt })
    .where('id', '=', customer.id)
    .execute();
}

export async function saveDeactivation(tx: Tx<CustomersTables>, customer: Customer, reason: string, at: Date): Promise<void> {
  await tx
    .updateTable('customers')
    .set({ status: customer.status, updated_at: customer.updatedAt, deactivated_at: at, deactivation_reason: reason })
    .where('id', '=', customer.id)
    .execute();
}
