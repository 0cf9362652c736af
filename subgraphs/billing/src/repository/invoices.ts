import type { Db, Tx } from '@iotistic/chassis/database';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { type Selectable, sql } from 'kysely';
import type { Meter } from '@iotistic/contracts/events';
import type { Invoice, InvoiceLine } from '../domain/invoice.ts';
import type { SettlingInvoice } from '../domain/settlement.ts';
import type { BillingTables, InvoiceLinesTable, InvoicesTable } from './tables.ts';

/** Newest first; ids decide between two of one second. */
export type InvoiceKey = [createdAt: string, id: string];

/** What Stripe says of one; what became of its payments is kept beside it. */
type SavedInvoice = Omit<Invoice, 'refunded' | 'isDisputed'>;

/** Writes copies, unless a later reading is stored. */
export async function saveInvoices(tx: Tx<BillingTables>, invoices: readonly SavedInvoice[], ticket: number): Promise<void> {
  const [first] = invoices;
  if (first === undefined) return;
  const places = await findPlaces(tx, first.customerId);
  for (const { lines, ...invoice } of invoices) {
    const row = { customer_id: invoice.customerId, stripe_invoice_id: invoice.stripeInvoiceId, number: invoice.number, status: invoice.status, currency: invoice.currency, subtotal: invoice.subtotal, total: invoice.total, amount_due: invoice.amountDue, due_at: invoice.dueAt, attempts: invoice.attempts, next_attempt_at: invoice.nextAttemptAt, period_start: invoice.periodStart, period_end: invoice.periodEnd, created_at: invoice.createdAt, stripe_subscription_id: invoice.stripeSubscriptionId, hosted_url: invoice.hostedUrl, pdf_url: invoice.pdfUrl, ticket };
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('invoices')
      .values({ id: invoice.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row).where('invoices.ticket', '<=', ticket))
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows > 0n) await replaceLines(tx, invoice.id, lines.map((line) => placed(line, places)));
  }
}

/** Where usage belongs: our periods by Stripe's seconds, and what was billed late. */
interface Places {
  periods: ReadonlyMap<number, Date>;
  trueUps: ReadonlyMap<string, Pick<InvoiceLine, 'meter' | 'periodStart'>>;
}

async function findPlaces(tx: Tx<BillingTables>, customerId: string): Promise<Places> {
  const periods = await tx.selectFrom('billing_periods').select('period_start').where('customer_id', '=', customerId).execute();
  const trueUps = await tx.selectFrom('true_ups').select(['id', 'meter', 'period_start']).where('customer_id', '=', customerId).execute();
  return {
    periods: new Map(periods.map(({ period_start: start }) => [Math.floor(start.getTime() / 1000), start])),
    trueUps: new Map(trueUps.map(({ id, meter, period_start: periodStart }) => [id, { meter, periodStart }])),
  };
}

function placed(line: InvoiceLine, { periods, trueUps }: Places): InvoiceLine {
  if (line.trueUpId !== null) return { ...line, ...trueUps.get(line.trueUpId) };
  return line.periodStart === null ? line : { ...line, periodStart: periods.get(line.periodStart.getTime() / 1000) ?? line.periodStart };
}

async function replaceLines(tx: Tx<BillingTables>, invoiceId: string, lines: readonly InvoiceLine[]): Promise<void> {
  await tx.deleteFrom('invoice_lines').where('invoice_id', '=', invoiceId).execute();
  if (lines.length === 0) return;
  await tx
    .insertInto('invoice_lines')
    .values(lines.map((line, position) => ({ invoice_id: invoiceId, position, description: line.description, quantity: line.quantity, amount: line.amount, currency: line.currency, meter: line.meter, period_start: line.periodStart, true_up_id: line.trueUpId })))
    .execute();
}

/** Drafts that Stripe deleted, and any other copy of that time that is no longer there. */
export async function dropMissingInvoices(tx: Tx<BillingTables>, customerId: string, since: Date | null, kept: readonly string[]): Promise<void> {
  let query = tx.deleteFrom('invoices').where('customer_id', '=', customerId).where('status', '=', 'DRAFT');
  if (since !== null) query = query.where('created_at', '>=', since);
  if (kept.length > 0) query = query.where('id', 'not in', kept);
  await query.execute();
}

/** Of all that may still change, the oldest's time; null where nothing was ever copied: then all are read. */
export async function findOldestUnsettled(db: Db<BillingTables>, customerId: string): Promise<{ since: Date | null }> {
  const { rows } = await sql<{ unsettled: Date | null; newest: Date | null }>`
    select min(created_at) filter (where status in ('DRAFT', 'OPEN', 'UNCOLLECTIBLE')) as unsettled, max(created_at) as newest from invoices where customer_id = ${customerId}`.execute(db);
  const [row] = rows;
  return { since: row?.unsettled ?? row?.newest ?? null };
}

/** The same page of each of these customers' invoices, in their order. */
export async function listInvoicePages(db: Db<BillingTables>, customerIds: readonly string[], request: PageRequest<InvoiceKey>): Promise<Page<Invoice>[]> {
  const [createdAt, id] = request.after ?? [null, null];
  const { rows } = await sql<InvoiceRow>`
    select i.*, exists (select from disputes d where d.invoice_id = i.id and d.status in ('NEEDS_RESPONSE', 'UNDER_REVIEW', 'LOST')) as is_disputed from unnest(${[...customerIds]}::text[]) as c (id) cross join lateral (
      select * from invoices where customer_id = c.id and (${createdAt}::timestamptz is null or (created_at, id) < (${createdAt}::timestamptz, ${id}::text))
      order by created_at desc, id desc limit ${request.first + 1}
    ) as i`.execute(db);
  const lines = await listLines(db, rows.map((row) => row.id));
  const byCustomer = new Map<string, Invoice[]>();
  for (const row of rows) byCustomer.set(row.customer_id, [...(byCustomer.get(row.customer_id) ?? []), toInvoice(row, lines.get(row.id) ?? [])]);
  return customerIds.map((customerId) => toPage(byCustomer.get(customerId) ?? [], request, (invoice): InvoiceKey => [invoice.createdAt.toISOString(), invoice.id]));
}

/** Those that may settle periods. */
export async function listSettlingInvoices(db: Db<BillingTables>, customerId: string): Promise<SettlingInvoice[]> {
  const rows = await db.selectFrom('invoices').select(['id', 'status', 'stripe_subscription_id', 'created_at']).where('customer_id', '=', customerId).execute();
  return rows.map((row) => ({ id: row.id, status: row.status, stripeSubscriptionId: row.stripe_subscription_id, createdAt: row.created_at }));
}

/** What final invoices counted of each meter in a period, in the price's units, without what was billed late. */
export async function sumBilledUnits(db: Db<BillingTables>, customerId: string, periodStart: Date): Promise<Map<Meter, number>> {
  const { rows } = await sql<{ meter: Meter; units: number }>`
    select l.meter, sum(l.quantity)::bigint as units from invoice_lines l join invoices i on i.id = l.invoice_id
    where i.customer_id = ${customerId} and i.status <> 'DRAFT' and l.meter is not null and l.true_up_id is null and l.period_start = ${periodStart} group by 1`.execute(db);
  return new Map(rows.map(({ meter, units }) => [meter, units]));
}

async function listLines(db: Db<BillingTables>, invoiceIds: readonly string[]): Promise<Map<string, InvoiceLine[]>> {
  const rows = invoiceIds.length === 0 ? [] : await db.selectFrom('invoice_lines').selectAll().where('invoice_id', 'in', invoiceIds).orderBy('invoice_id').orderBy('position').execute();
  const byInvoice = new Map<string, InvoiceLine[]>();
  for (const row of rows) byInvoice.set(row.invoice_id, [...(byInvoice.get(row.invoice_id) ?? []), toLine(row)]);
  return byInvoice;
}

function toLine({ description, quantity, amount, currency, meter, period_start: periodStart, true_up_id: trueUpId }: Selectable<InvoiceLinesTable>): InvoiceLine {
  return { description, quantity, amount, currency, meter, periodStart, trueUpId };
}

type InvoiceRow = Selectable<InvoicesTable> & { is_disputed: boolean };

function toInvoice(row: InvoiceRow, lines: readonly InvoiceLine[]): Invoice {
  return { id: row.id, customerId: row.customer_id, stripeInvoiceId: row.stripe_invoice_id, number: row.number, status: row.status, currency: row.currency, subtotal: row.subtotal, total: row.total, amountDue: row.amount_due, dueAt: row.due_at, attempts: row.attempts, nextAttemptAt: row.next_attempt_at, refunded: row.refunded, isDisputed: row.is_disputed, periodStart: row.period_start, periodEnd: row.period_end, createdAt: row.created_at, stripeSubscriptionId: row.stripe_subscription_id, hostedUrl: row.hosted_url, pdfUrl: row.pdf_url, lines };
}
