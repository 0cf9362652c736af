import type { Db } from '@iotistic/chassis/database';
import type { Page, PageRequest } from '@iotistic/chassis/page';
import DataLoader from 'dataloader';
import type { Dispute } from '../domain/dispute.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { TrueUp } from '../domain/true-up.ts';
import type { Subscription } from '../domain/subscription.ts';
import { listDisputes } from '../repository/disputes.ts';
import { type InvoiceKey, listInvoicePages } from '../repository/invoices.ts';
import { listStandings, listSubscriptions, type Standing } from '../repository/subscriptions.ts';
import { findTrueUps } from '../repository/true-ups.ts';
import type { BillingTables } from '../repository/tables.ts';

/**
 * One statement for all that is asked within a turn of the event loop, by whichever requests: nothing is cached, and who
 * may see a key is checked before it gets here.
 */
export interface Loaders {
  standings: DataLoader<string, Standing>;
  subscriptions: DataLoader<string, Subscription | null>;
  trueUps: DataLoader<string, TrueUp | null>;
  disputes: DataLoader<string, Dispute[]>;
  invoices: DataLoader<{ customerId: string; page: PageRequest<InvoiceKey> }, Page<Invoice>>;
}

const OPTIONS = { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => setImmediate(run) } as const;

export function createLoaders(db: Db<BillingTables>): Loaders {
  return {
    standings: new DataLoader((customerIds) => listStandings(db, customerIds), OPTIONS),
    subscriptions: new DataLoader((ids) => listSubscriptions(db, ids), OPTIONS),
    trueUps: new DataLoader((ids) => findTrueUps(db, ids), OPTIONS),
    disputes: new DataLoader((customerIds) => listDisputes(db, customerIds), OPTIONS),
    invoices: new DataLoader((asked) => listAlikePages(db, asked), { ...OPTIONS, maxBatchSize: 100 }),
  };
}

/** Those who ask for the same page of different customers cost one statement. */
async function listAlikePages(db: Db<BillingTables>, asked: readonly { customerId: string; page: PageRequest<InvoiceKey> }[]): Promise<Page<Invoice>[]> {
  const groups = new Map<string, number[]>();
  asked.forEach(({ page }, index) => {
    const key = JSON.stringify(page);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  const pages: Page<Invoice>[] = [];
  for (const indexes of groups.values()) {
    const [first] = indexes;
    const page = first === undefined ? undefined : asked[first]?.page;
    if (page === undefined) continue;
    const found = await listInvoicePages(db, indexes.map((index) => asked[index]?.customerId ?? ''), page);
    indexes.forEach((index, position) => {
      pages[index] = found[position] as Page<Invoice>;
    });
  }
  return pages;
}
