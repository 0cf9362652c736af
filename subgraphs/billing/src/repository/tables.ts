import type { EventTables } from '@iotistic/chassis/outbox';
import type { PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';

/** Billing's own copy of what it needs of a customer; only the id is known when events come out of order. */
export interface CustomersTable {
  id: string;
  email: string | null;
  license_name: string | null;
  updated_at: Date | null;
  deactivated_at: Date | null;
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
}

export interface BillingTables extends EventTables {
  customers: CustomersTable;
  subscriptions: SubscriptionsTable;
}
