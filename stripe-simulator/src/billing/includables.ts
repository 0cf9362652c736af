import { wholeList } from '../lists.ts';
import type { Includable } from '../render.ts';
import type { CheckoutRecord } from './checkout-records.ts';
import type { InvoiceRecord } from './billing-records.ts';
import { lineItemsOf } from './checkout-records.ts';

/** By object type and field: what an answer holds only when it is asked for by `expand`, computed from the store. */
export const billingIncludables: Record<string, Record<string, Includable>> = {
  invoice: { payments: (_simulation, object) => wholeList((object as unknown as InvoiceRecord).internal.payments, `/v1/invoice_payments?invoice=${object.id}`) },
  'checkout.session': { line_items: (simulation, object) => wholeList(lineItemsOf(simulation, object as unknown as CheckoutRecord), `/v1/checkout/sessions/${object.id}/line_items`) },
};
