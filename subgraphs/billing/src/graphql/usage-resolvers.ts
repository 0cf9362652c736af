import { maySee } from '@iotistic/chassis/access';
import type { BillingApp } from '../app.ts';
import { PRICE_BOOKS } from '../domain/price-book.ts';
import { anyPriceOf } from '../domain/stripe-meters.ts';
import { findBilledUnits } from '../repository/metered-quantities.ts';
import { findInvoiceOfTrueUp, listTrueUps } from '../repository/true-ups.ts';
import type { Resolvers } from './generated.ts';

/** What a line bills, and billing's side of a metered period: what invoices counted of it, at once and later. */
export function usageResolvers(app: BillingApp): Required<Pick<Resolvers, 'InvoiceLine' | 'MeteredPeriod' | 'UsageTrueUp'>> {
  return {
    InvoiceLine: {
      amount: ({ amount, currency }) => ({ amount, currency }),
      usage: ({ customerId, meter, periodStart }) => (customerId === null || meter === null || periodStart === null ? null : { customerId, meter, periodStart }),
      trueUp: ({ trueUpId }) => (trueUpId === null ? null : app.loaders.trueUps.load(trueUpId)),
    },
    MeteredPeriod: {
      __resolveReference: ({ customerId, meter, periodStart }, { caller }) => (maySee(caller, customerId) ? { customerId, meter, periodStart: new Date(periodStart) } : null),
      unit: ({ meter }) => anyPriceOf(meter, PRICE_BOOKS)?.unit ?? null,
      billedUnits: (period) => findBilledUnits(app.db, period),
      trueUps: (period) => listTrueUps(app.db, period),
    },
    UsageTrueUp: {
      amount: ({ amount, currency }) => ({ amount, currency }),
      invoiceId: ({ id }) => findInvoiceOfTrueUp(app.db, id),
    },
  };
}
