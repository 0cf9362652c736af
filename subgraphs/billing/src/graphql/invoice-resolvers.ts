import { parsePage } from '@iotistic/chassis/page';
import { z } from 'zod';
import type { BillingApp } from '../app.ts';
import type { InvoiceLine } from '../domain/invoice.ts';
import { isShown } from '../domain/invoice-preview.ts';
import type { InvoiceKey } from '../repository/invoices.ts';
import { comparePlans } from '../service/compare-plans.ts';
import { previewInvoice, type PreviewedInvoice } from '../service/preview-invoice.ts';
import { watchUpcomingInvoice } from '../service/watch-upcoming-invoice.ts';
import type { Resolvers } from './generated.ts';
import { usageResolvers } from './usage-resolvers.ts';

const invoiceKey: z.ZodType<InvoiceKey> = z.tuple([z.iso.datetime(), z.string()]);

/** Stripe lists each first step of a price, also where nothing was used; the copies keep that, and people are not shown it. */
function shownLines({ lines, customerId }: { lines: readonly InvoiceLine[]; customerId: string }): (InvoiceLine & { customerId: string })[] {
  return lines.filter(isShown).map((line) => ({ ...line, customerId }));
}

export function invoiceResolvers(app: BillingApp): Required<Pick<Resolvers, 'Dispute' | 'Invoice' | 'OwedSum' | 'InvoiceLine' | 'InvoicePreview' | 'PlanQuote' | 'MeteredPeriod' | 'UsageTrueUp'>> & { customer: Pick<NonNullable<Resolvers['Customer']>, 'invoices' | 'upcomingInvoice' | 'planComparison' | 'disputes'>; live: Pick<NonNullable<Resolvers['Subscription']>, 'upcomingInvoiceChanged'> } {
  return {
    customer: {
      invoices: ({ id: customerId }, args) => app.loaders.invoices.load({ customerId, page: parsePage(args, invoiceKey) }),
      upcomingInvoice: ({ id }) => previewInvoice(app, id),
      disputes: ({ id }) => app.loaders.disputes.load(id),
      planComparison: (customer, { basis }) => comparePlans(app, customer, basis ?? 'PROJECTED'),
    },
    live: {
      upcomingInvoiceChanged: {
        subscribe: (_source, { customerId }, { live: resumed }) => watchUpcomingInvoice(app, customerId, resumed?.after),
        resolve: (preview: PreviewedInvoice) => preview,
      },
    },
    Dispute: { amount: ({ amount, currency }) => ({ amount, currency }) },
    OwedSum: {
      total: ({ amount, currency }) => ({ amount, currency }),
      uncollected: ({ uncollected: amount, currency }) => ({ amount, currency }),
      writtenOff: ({ writtenOff: amount, currency }) => ({ amount, currency }),
    },
    Invoice: {
      customer: ({ customerId: id }) => ({ id }),
      subtotal: ({ subtotal: amount, currency }) => ({ amount, currency }),
      total: ({ total: amount, currency }) => ({ amount, currency }),
      amountDue: ({ amountDue: amount, currency }) => ({ amount, currency }),
      disputed: ({ isDisputed }) => isDisputed,
      refunded: ({ refunded: amount, currency }) => (amount === 0 ? null : { amount, currency }),
      lines: shownLines,
    },
    ...usageResolvers(app),
    InvoicePreview: {
      lines: shownLines,
      total: ({ total: amount, currency }) => ({ amount, currency }),
      computedTotal: ({ computedTotal: amount, currency }) => ({ amount, currency }),
    },
    PlanQuote: {
      fits: ({ doesNotFit }) => doesNotFit.length === 0,
      total: ({ total: amount, currency }) => ({ amount, currency }),
      difference: ({ difference: amount, currency }) => ({ amount, currency }),
      lines: ({ lines, currency }) => lines.map(({ description, quantity, amount, meter }) => ({ description, quantity, amount, meter, currency, periodStart: null, trueUpId: null, customerId: null })),
    },
  };
}
