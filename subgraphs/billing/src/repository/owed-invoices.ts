import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import { MAX_COLLECTIONS } from '../domain/owed-invoice.ts';
import type { BillingTables } from './tables.ts';

export interface OwedInvoice {
  id: string;
  customerId: string;
  stripeInvoiceId: string;
  /** How often it was looked after. */
  collections: number;
}

/** Stripe charges an invoice within an hour of making it, and says in the same moment when it tries next. */
const SETTLES_MS = 2 * 3_600_000;

/**
 * Invoices of ours that are open, that Stripe does not try to be paid for, and that are due to be looked after; the oldest first. Those
 * of the subscription that its customer has now are Stripe's to collect. Ours: of a subscription that we knew, or of usage billed late.
 */
export async function listOwedInvoices(db: Db<BillingTables>, now: Date, except: readonly string[], limit: number): Promise<OwedInvoice[]> {
  const { rows } = await sql<{ id: string; customer_id: string; stripe_invoice_id: string; collections: number }>`
    select i.id, i.customer_id, i.stripe_invoice_id, i.collections from invoices i left join subscriptions s on s.customer_id = i.customer_id
    where i.status = 'OPEN' and i.amount_due > 0 and i.next_attempt_at is null and i.collections < ${MAX_COLLECTIONS} and i.id <> all(${[...except]}::text[])
      and i.created_at < ${new Date(now.getTime() - SETTLES_MS)} and (i.collect_at is null or i.collect_at <= ${now})
      and not (i.stripe_subscription_id is not distinct from s.stripe_subscription_id and i.stripe_subscription_id is not null and s.status not in ('CANCELED', 'INCOMPLETE_EXPIRED'))
      and (exists (select from billing_periods p where p.customer_id = i.customer_id and p.stripe_subscription_id = i.stripe_subscription_id)
        or exists (select from invoice_lines l where l.invoice_id = i.id and l.true_up_id is not null))
    order by i.created_at, i.id limit ${limit}`.execute(db);
  return rows.map((row) => ({ id: row.id, customerId: row.customer_id, stripeInvoiceId: row.stripe_invoice_id, collections: row.collections }));
}

export async function saveCollection(tx: Tx<BillingTables>, id: string, collections: number, collectAt: Date): Promise<void> {
  await tx.updateTable('invoices').set({ collections, collect_at: collectAt }).where('id', '=', id).execute();
}

/** What customers owe, in one currency's minor units. */
export interface OwedSum {
  currency: string;
  /** Of all open invoices. */
  amount: number;
  invoices: number;
  /** Of these, what nobody tries to be paid for by card any more. */
  uncollected: number;
  uncollectedInvoices: number;
  /** Marked as uncollectible. */
  writtenOff: number;
}

export async function sumOwed(db: Db<BillingTables>): Promise<OwedSum[]> {
  const { rows } = await sql<{ currency: string; amount: number; invoices: number; uncollected: number; uncollected_invoices: number; written_off: number }>`
    select currency, coalesce(sum(amount_due) filter (where status = 'OPEN'), 0)::bigint as amount, count(*) filter (where status = 'OPEN') as invoices,
      coalesce(sum(amount_due) filter (where status = 'OPEN' and next_attempt_at is null), 0)::bigint as uncollected, count(*) filter (where status = 'OPEN' and next_attempt_at is null) as uncollected_invoices,
      coalesce(sum(amount_due) filter (where status = 'UNCOLLECTIBLE'), 0)::bigint as written_off
    from invoices where status in ('OPEN', 'UNCOLLECTIBLE') and amount_due > 0 group by 1 order by 1`.execute(db);
  return rows.map(({ uncollected_invoices: uncollectedInvoices, written_off: writtenOff, ...row }) => ({ ...row, uncollectedInvoices, writtenOff }));
}
