import type { Simulation } from './simulation.ts';
import type { StripeError } from './stripe-error.ts';

export interface PageCall {
  simulation: Simulation;
  path: Record<string, string>;
  /** The fields of the form that was posted; of the query string for a GET. */
  form: Record<string, string>;
  /** `http://127.0.0.1:12111`, as the browser reached it. */
  origin: string;
}

export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  /** A promise where it takes time to write what was read in the transaction. */
  body: string | Uint8Array | Promise<Uint8Array>;
}

/** A page for people. It runs in a transaction, as an operation of the API does; a StripeError that it throws becomes a plain page. */
export interface PageRoute {
  method: 'GET' | 'POST';
  /** `/c/pay/:session` */
  path: string;
  run(call: PageCall): PageAnswer;
  /** What is shown instead of a plain page when `run` refuses; nothing that it wrote has stayed. */
  refused?(call: PageCall, error: StripeError): PageAnswer;
}
