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
  /** Of its lines, before discounts and tax. */
  subtotal: number;
  /** Before any credit that the customer has. */
  total: number;
  /** What is still to be paid of it: of a draft, as far as it goes; 0 once it is paid or void. */
  amountDue: number;
  /** Null where a card is charged. */
  dueAt: Date | null;
  /** How often a payment was tried. */
  attempts: number;
  /** When Stripe tries next; null where it does not. */
  nextAttemptAt: Date | null;
  /** What was given back of what was paid; kept by us, for Stripe's invoice does not say it. */
  refunded: number;
  /** Whether a bank took a payment of it back, or asks about one. */
  isDisputed: boolean;
  periodStart: Date;
  periodEnd: Date;
  createdAt: Date;
  /** That it is of, at Stripe; null on one of none, and on copies of before this was kept. */
  stripeSubscriptionId: string | null;
  hostedUrl: string | null;
  pdfUrl: string | null;
  lines: readonly InvoiceLine[];
}
