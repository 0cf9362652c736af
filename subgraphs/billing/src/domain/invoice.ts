import type { Meter } from '@iotistic/contracts/events';

export type InvoiceStatus = 'DRAFT' | 'OPEN' | 'PAID' | 'UNCOLLECTIBLE' | 'VOID';

export interface InvoiceLine {
  description: string;
  quantity: number | null;
  /** Minor units of `currency`. */
  amount: number;
  currency: string;
  /** Null on what no meter measured. */
  meter: Meter | null;
  /** Of the period whose usage it bills, as far as Stripe says it: in whole seconds. */
  periodStart: Date | null;
  /** Of ours that it bills; null on Stripe's own lines. */
  trueUpId: string | null;
}

/** A copy of one of Stripe's, so that it is read without asking. */
export interface Invoice {
  id: string;
  customerId: string;
  stripeInvoiceId: string;
  number: string | null;
  status: InvoiceStatus;
  currency: string;
  /** Before any credit that the customer has. */
  total: number;
  periodStart: Date;
  periodEnd: Date;
  createdAt: Date;
  /** Why Stripe made it: subscription_cycle, manual, …; null on old copies. */
  billingReason: string | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  lines: readonly InvoiceLine[];
}
