import type { PlanKey } from '@iotistic/contracts/events';
import type { SubgraphContext } from '@iotistic/chassis/subgraph-executor';
import type { InvoiceLine } from '../domain/invoice.ts';

export type Context = SubgraphContext;

/** A customer as billing knows it; createdAt is there when federation brought it along for a field that requires it. */
export interface CustomerReference {
  id: string;
  createdAt?: Date | string | undefined;
}

/** How many customers have a plan. */
export interface PlanCount {
  plan: PlanKey;
  customers: number;
}

/** A line with whose it is; null on one of no invoice (a comparison of plans). */
export type InvoiceLineOfCustomer = InvoiceLine & { customerId: string | null };
