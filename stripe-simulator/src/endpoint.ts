import type { z } from 'zod';
import type { Simulation } from './simulation.ts';

/** What a handler is given: path parameters, and the parameters as its schema left them. */
export interface Call<P> {
  simulation: Simulation;
  path: Record<string, string>;
  params: P;
  idempotencyKey: string | null;
  /** Where this simulator is reached, `http://127.0.0.1:12111`: hosted pages are linked from it. */
  origin: string;
}

/**
 * One operation of the API. `params` is a strict object: what it does not name is refused as Stripe refuses it. Texts of
 * a form are coerced by the schemas of params.ts (integer, boolean, timestamp, metadata, …).
 */
export interface Endpoint<P = never> {
  method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/subscriptions/:id` */
  path: string;
  params: z.ZodType<P>;
  /** Answers a wire object, or `list(…)`. @throws StripeError */
  run(call: Call<P>): object;
}

/** The parameters' type is checked here, between schema and handler, and forgotten: a router holds them all. */
export function endpoint<P>(definition: Endpoint<P>): Endpoint {
  return definition as unknown as Endpoint;
}
