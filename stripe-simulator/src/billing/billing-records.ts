import type { PriceRecord } from '../catalogue/catalogue-records.ts';
import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const SUBSCRIPTIONS = 'subscription';
export const INVOICES = 'invoice';
export const INVOICE_ITEMS = 'invoiceitem';
export const DISCOUNTS = 'discount';
export const CHECKOUT_SESSIONS = 'checkout.session';
export const PORTAL_CONFIGURATIONS = 'billing_portal.configuration';
export const PORTAL_SESSIONS = 'billing_portal.session';

export type SubscriptionStatus = 'active' | 'canceled' | 'incomplete' | 'incomplete_expired' | 'past_due' | 'paused' | 'trialing' | 'unpaid';

export interface SubscriptionItem extends StripeObject {
  object: 'subscription_item';
  created: Seconds;
  current_period_start: Seconds;
  current_period_end: Seconds;
  price: PriceRecord;
  /** Absent on a metered price. */
  quantity?: number;
  subscription: string;
  internal: {
    /** What was billed for the current period, net of discounts: what a credit for its rest is a part of. */
    billed: number;
  };
}

export interface SubscriptionRecord extends StripeObject {
  object: 'subscription';
  billing_cycle_anchor: Seconds;
  cancel_at: Seconds | null;
  cancel_at_period_end: boolean;
  canceled_at: Seconds | null;
  created: Seconds;
  currency: string;
  customer: string;
  default_payment_method: string | null;
  /** Ids. */
  discounts: string[];
  ended_at: Seconds | null;
  items: { object: 'list'; data: SubscriptionItem[]; has_more: false; total_count: number; url: string };
  latest_invoice: string | null;
  metadata: Record<string, string>;
  pending_update: { expires_at: Seconds; subscription_items: SubscriptionItem[]; billing_cycle_anchor: Seconds | null; trial_end: null; trial_from_plan: null; discounts: null } | null;
  status: SubscriptionStatus;
  test_clock: string | null;
  trial_end: Seconds | null;
  trial_settings: { end_behavior: { missing_payment_method: 'cancel' | 'create_invoice' | 'pause'; billing_cycle_anchor: null } };
  trial_start: Seconds | null;
  internal: {
    /** What a pending update becomes once it is paid. */
    pending: PendingChange | null;
  };
}

export interface PendingChange {
  items: SubscriptionItem[];
  anchor: Seconds;
  invoice: string;
}

export interface DiscountRecord extends StripeObject {
  object: 'discount';
  checkout_session: string | null;
  customer: string;
  end: Seconds | null;
  promotion_code: string | null;
  source: { type: 'coupon'; coupon: string };
  start: Seconds;
  subscription: string;
}

export interface InvoiceLine extends StripeObject {
  object: 'line_item';
  amount: number;
  currency: string;
  description: string;
  discount_amounts: { amount: number; discount: string }[];
  discountable: boolean;
  period: { start: Seconds; end: Seconds };
  pricing: { type: 'price_details'; price_details: { price: string; product: string }; unit_amount_decimal: string | null } | null;
  quantity: number | null;
  quantity_decimal: string | null;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
export type BillingReason = 'manual' | 'subscription_create' | 'subscription_cycle' | 'subscription_update';

/** Usage that an invoice bills: counted anew until it is finalized. */
export interface MeteredSpan {
  item: string;
  price: string;
  start: Seconds;
  end: Seconds;
}

export interface InvoiceRecord extends StripeObject {
  object: 'invoice';
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  attempt_count: number;
  attempted: boolean;
  auto_advance: boolean;
  billing_reason: BillingReason;
  created: Seconds;
  currency: string;
  customer: string;
  default_payment_method: string | null;
  discounts: string[];
  ending_balance: number | null;
  lines: { object: 'list'; data: InvoiceLine[]; has_more: false; total_count: number; url: string };
  next_payment_attempt: Seconds | null;
  number: string | null;
  parent: { type: 'subscription_details'; subscription_details: { subscription: string; metadata: Record<string, string> }; quote_details: null } | null;
  period_start: Seconds;
  period_end: Seconds;
  starting_balance: number;
  status: InvoiceStatus;
  status_transitions: { finalized_at: Seconds | null; marked_uncollectible_at: Seconds | null; paid_at: Seconds | null; voided_at: Seconds | null };
  subtotal: number;
  test_clock: string | null;
  total: number;
  total_discount_amounts: { amount: number; discount: string }[];
  internal: { subscription: string | null; metered: MeteredSpan[]; fixed: InvoiceLine[]; payments: StripeObject[]; failures: number };
}

export interface InvoiceItemRecord extends StripeObject {
  object: 'invoiceitem';
  amount: number;
  customer: string;
  date: Seconds;
  invoice: string | null;
  internal: { line: InvoiceLine; subscription: string | null };
}
