import type { MailTables } from '@iotistic/chassis/mail-outbox';
import type { EventTables } from '@iotistic/chassis/outbox';
import type { Meter, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import type { Generated } from 'kysely';
import type { InvoiceStatus } from '../domain/invoice.ts';
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

export type MeteredStatus = 'PENDING' | 'SENDING' | 'SENT' | 'ACCEPTED' | 'REJECTED';

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
  /** How often it was sent anew since Stripe had something else. */
  repairs: Generated<number>;
  /** When Stripe was last asked what it counts. */
  looked_at: Generated<Date | null>;
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
  /** Of the reading that it comes from. */
  ticket: number;
}

export interface InvoiceLinesTable {
  invoice_id: string;
  position: number;
  description: string;
  quantity: number | null;
  amount: number;
  currency: string;
  meter: Meter | null;
}

export interface BillingTables extends EventTables, MailTables {
  customers: CustomersTable;
  subscriptions: SubscriptionsTable;
  operations: OperationsTable;
  webhook_events: WebhookEventsTable;
  sweeps: SweepsTable;
  webhook_endpoints: WebhookEndpointsTable;
  metered_quantities: MeteredQuantitiesTable;
  reconciliations: ReconciliationsTable;
  invoices: InvoicesTable;
  invoice_lines: InvoiceLinesTable;
}
