import DataLoader from 'dataloader';
import type { BillingApp } from '../app.ts';
import { preferencesOf } from '../domain/mail-preferences.ts';
import { countUnpaidInvoices } from '../repository/overview.ts';
import { listStoppedMails } from '../repository/mail-preferences.ts';
import { readMailBacklog } from '../service/read-mail-backlog.ts';
import { readMeteringBacklog } from '../service/read-metering-backlog.ts';
import { updateMailPreferences } from '../service/update-mail-preferences.ts';
import type { Resolvers } from './generated.ts';

type Overview = Required<Pick<NonNullable<Resolvers['BillingOverview']>, 'unpaidInvoices' | 'metering' | 'mails'>>;

/** What needs a look besides what the overview counts together. */
export function overviewResolvers(app: BillingApp): Overview {
  return {
    unpaidInvoices: () => countUnpaidInvoices(app.db),
    metering: () => readMeteringBacklog(app),
    mails: () => readMailBacklog(app),
  };
}

export function mailResolvers(app: BillingApp): { customer: Pick<NonNullable<Resolvers['Customer']>, 'mailPreferences'>; mutations: Pick<NonNullable<Resolvers['Mutation']>, 'updateMailPreferences'> } {
  // One statement for a page of customers.
  const stopped = new DataLoader((customerIds: readonly string[]) => listStoppedMails(app.db, customerIds), { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => setImmediate(run) });
  return {
    customer: { mailPreferences: async ({ id }) => preferencesOf(await stopped.load(id)) },
    mutations: { updateMailPreferences: async (_source, { input }, { caller }) => ({ mailPreferences: await updateMailPreferences(app, caller, input) }) },
  };
}
