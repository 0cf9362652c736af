import type { MailTables } from '@iotistic/chassis/mail-outbox';
import type { EventTables } from '@iotistic/chassis/outbox';
import type { Meter, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import type { Generated } from 'kysely';
import type { DisputeStatus } from '../domain/dispute.ts';
import type { InvoiceStatus } from '../domain/invoice.ts';
import type { TrueUpStatus } from '../domain/true-up.ts';
import type { StripeFindingKind } from '../domain/stripe-findings.ts';
import type { ReconciliationCause } from '../domain/reconciliation.ts';

/** Billing's own copy of what it needs of a customer; only the id is known when events come out of order. */
export interface CustomersTable {
  id: string;
  email: string | null;
  license_name: string | null;
  updated_at: Date | null;
  deactivated_at: Date | null;
  stripe_customer_id: string | null;
  /** Drawn before Stripe is read: a higher one read later. */
  read_ticket: Generated<number>;
  /** Of the reading that is stored. */
  applied_ticket: Generated<number>;
  /** Kinds of mails that the customer does not want. */
  stopped_mails: Generated<string[]>;
  /** By which whoever has one of its mails may stop such mails; null until one went out. */
  mail_token: Generated<string | null>;
}

/** An alert or an anomaly of usage that a mail may come of; several that come together make one. */
export interface UsageNoticesTable {
  /** Of the alert or the anomaly. */
  id: string;
  customer_id: string;
  /** What goes on: a later notice of the same cause, while it goes on, makes no second mail. */
  cause: string;
  /** JSON text in, an object out. */
  notice: unknown;
  noticed_at: Date;
  /** When it was decided whether a mail comes of it; null before. */
  settled_at: Date | null;
  mailed: Generated<boolean>;
}

export interface SubscriptionsTable {
  id: string;
  customer_id: string;
  plan: PlanKey;
  status: SubscriptionStatus;
  trial_ends_at: Date | null;
  current_period_start: Date | null;
  current_period_ends_at: Date | null;
  cancel_at_period_end: boolean;
  /** JSON text in, an object out; of type json, which keeps the order that a customer sees. */
  entitlements: unknown;
  version: number;
  updated_at: Date;
  book: string;
  stripe_subscription_id: string | null;
  /** JSON text in, an array out. */
  discounts: unknown;
  /** JSON text in, an object out. */
  override: unknown;
  is_contract: boolean;
  billing_period_ends_at: Date | null;
}

/** What somebody asked us to do at Stripe. Unfinished, its id makes the same idempotency key once more. */
export interface OperationsTable {
  id: string;
  customer_id: string;
  kind: string;
  fingerprint: string;
  started_at: Date;
  finished_at: Date | null;
  outcome: string | null;
}

export type WebhookEventStatus = 'RECEIVED' | 'HANDLED' | 'IGNORED' | 'FAILED';

/** Stripe's events by Stripe's ids: operators compare them with Stripe's own list. */
export interface WebhookEventsTable {
  id: string;
  position: Generated<number>;
  type: string;
  stripe_customer_id: string | null;
  customer_id: string | null;
  object_id: string | null;
  status: WebhookEventStatus;
  attempts: Generated<number>;
  error: string | null;
  source: 'webhook' | 'sweep';
  created_at: Date;
  received_at: Date;
  handled_at: Date | null;
}

export interface SweepsTable {
  name: string;
  swept_until: Date;
}

/** Endpoints that this plane made for itself at the simulator: real ones have their secret in the environment. */
export interface WebhookEndpointsTable {
  /** What it is for: `snapshots`, `thin`. */
  name: string;
  stripe_endpoint_id: string;
  secret: string;
}

/** UNBILLED: of a trial, a contract, or of a time without a subscription. */
export type MeteredStatus = 'PENDING' | 'SENDING' | 'SENT' | 'ACCEPTED' | 'REJECTED' | 'UNBILLED';

/** What a period's meter stands at, and what Stripe was told of it. */
export interface MeteredQuantitiesTable {
  customer_id: string;
  meter: Meter;
  period_start: Date;
  period_end: Date;
  /** In the meter's own unit. */
  quantity: number;
  revision: number;
  measured_at: Date;
  status: MeteredStatus;
  sent_quantity: number | null;
  sent_revision: number | null;
  sent_at: Date | null;
  identifier: string | null;
  error: string | null;
  /** What the period's own invoice counted, in the price's units; null before it is final. */
  billed_units: number | null;
  /** How often it was sent anew since Stripe had something else. */
  repairs: Generated<number>;
  /** When Stripe was last asked what it counts. */
  looked_at: Generated<Date | null>;
}

export interface BillingPeriodsTable {
  customer_id: string;
  period_start: Date;
  period_end: Date | null;
  plan: PlanKey;
  /** Of the price book. */
  book: string;
  is_trial: boolean;
  stripe_subscription_id: string | null;
  invoice_id: string | null;
  settled_at: Date | null;
}

export interface TrueUpsTable {
  id: string;
  customer_id: string;
  meter: Meter;
  period_start: Date;
  from_units: number;
  to_units: number;
  amount: number;
  currency: string;
  description: string;
  status: TrueUpStatus;
  stripe_item_id: string | null;
  created_at: Date;
  attempted_at: Date | null;
  error: string | null;
}

/** What the last reading of a period found, at Stripe and here. */
export interface ReconciliationsTable {
  customer_id: string;
  period_start: Date;
  period_end: Date;
  checked_at: Date;
  /** The gravest of the meters; null where all agree. */
  cause: ReconciliationCause | null;
  /** JSON text in, an array out. */
  meters: unknown;
  differs_since: Date | null;
  /** null when nothing can change any more. */
  next_check_at: Date | null;
  /** The causes that an operator was told of. */
  alerted: string[];
}

/** Copies of Stripe's invoices, so that they are read without asking it. */
export interface InvoicesTable {
  id: string;
  customer_id: string;
  stripe_invoice_id: string;
  number: string | null;
  status: InvoiceStatus;
  currency: string;
  total: number;
  period_start: Date;
  period_end: Date;
  created_at: Date;
  hosted_url: string | null;
  pdf_url: string | null;
  /** null on one of no subscription, and on copies of before this was kept. */
  stripe_subscription_id: string | null;
  /** Of the reading that it comes from. */
  ticket: number;
  subtotal: number;
  amount_due: number;
  due_at: Date | null;
  attempts: number;
  next_attempt_at: Date | null;
  /** What was given back of what was paid. */
  refunded: Generated<number>;
  /** How often we looked after it, once nobody else tried to be paid. */
  collections: Generated<number>;
  /** When we look again; null on one that we did not look after. */
  collect_at: Generated<Date | null>;
}

/** Payments that banks took back, or asked about, by Stripe's ids. Kept as long as invoices are. */
export interface DisputesTable {
  id: string;
  customer_id: string;
  invoice_id: string | null;
  amount: number;
  currency: string;
  reason: string;
  status: DisputeStatus;
  respond_by: Date | null;
  created_at: Date;
}

export interface InvoiceLinesTable {
  invoice_id: string;
  position: number;
  description: string;
  quantity: number | null;
  amount: number;
  currency: string;
  meter: Meter | null;
  /** Of the period whose usage it bills; null on what no meter measured. */
  period_start: Date | null;
  true_up_id: string | null;
}

/** What others made at Stripe, as the newest reading of each customer found it. */
export interface StripeFindingsTable {
  customer_id: string;
  kind: StripeFindingKind;
  object_id: string;
  detail: string;
  found_at: Date;
}

export interface BillingTables extends EventTables, MailTables {
  customers: CustomersTable;
  subscriptions: SubscriptionsTable;
  operations: OperationsTable;
  webhook_events: WebhookEventsTable;
  sweeps: SweepsTable;
  webhook_endpoints: WebhookEndpointsTable;
  metered_quantities: MeteredQuantitiesTable;
  billing_periods: BillingPeriodsTable;
  true_ups: TrueUpsTable;
  reconciliations: ReconciliationsTable;
  stripe_findings: StripeFindingsTable;
  invoices: InvoicesTable;
  invoice_lines: InvoiceLinesTable;
  disputes: DisputesTable;
  usage_notices: UsageNoticesTable;
}
