import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const CUSTOMERS = 'customer';

export interface CustomerRecord extends StripeObject {
  object: 'customer';
  /** In minor units; below zero it is a credit that coming invoices use up. */
  balance: number;
  created: Seconds;
  currency: string | null;
  delinquent: boolean;
  description: string | null;
  email: string | null;
  invoice_prefix: string;
  invoice_settings: { custom_fields: unknown; default_payment_method: string | null; footer: string | null; rendering_options: unknown };
  metadata: Record<string, string>;
  name: string | null;
  next_invoice_sequence: number;
  test_clock: string | null;
}
