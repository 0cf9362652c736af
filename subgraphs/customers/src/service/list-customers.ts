import { isId } from '@iotistic/contracts/ids';
import { z } from 'zod';
import type { CustomersApp } from '../app.ts';
import type { Customer } from '../domain/customer.ts';
import { type Page, type PageArgs, parsePage, toPage } from '@iotistic/chassis/page';
import { type CustomerKey, listCustomersPage } from '../repository/customers.ts';

export interface CustomerList extends Page<Customer> {
  /** What was searched for: the total is counted only when it is asked for. */
  search: string | null;
}

const customerKey = z.tuple([z.iso.datetime(), z.string().refine((text) => isId('cust', text))]);

/** All customers, newest first. @throws AppError INVALID_PAGE_SIZE, INVALID_CURSOR */
export async function listCustomers(app: Pick<CustomersApp, 'db'>, args: PageArgs & { search?: string | null | undefined }): Promise<CustomerList> {
  const page = parsePage(args, customerKey);
  const search = parseSearch(args.search);
  const rows = await listCustomersPage(app.db, page, search);
  return { search, ...toPage(rows, page, (row): CustomerKey => [row.createdAt.toISOString(), row.id]) };
}

/** PostgreSQL's text has no NUL, so none is found by it either. */
function parseSearch(search: string | null | undefined): string | null {
  const text = (search ?? '').replaceAll('\0', '').trim().normalize('NFC');
  return text === '' ? null : text;
}
