import { inChildSpan, setOnSpan, SpanKind } from '@iotistic/chassis/tracing';
import { AppError } from '@iotistic/contracts/errors';
import { Stripe } from 'stripe';
import { createStorableHttpClient } from './storable-answers.ts';

/** The API version that this code was written for; our webhook endpoints are created with it. */
export const STRIPE_API_VERSION = '2026-10-28.endive';

const TIMEOUT_MS = 20_000;
const MAX_RETRIES = 2;

/** What the clients of this room stand on; null in the App where no Stripe is configured. */
export interface StripeAccess {
  sdk: Stripe;
  /** The simulator, or a test account: nothing there is anybody's money. */
  isTest: boolean;
  /** Told of each call when it has ended. @param startedAtMs by performance.now() */
  onCall?(outcome: StripeCallOutcome, startedAtMs: number): void;
}

/** Refused is what Stripe said no to; unavailable what it did not answer, or could not do now. */
export type StripeCallOutcome = 'ok' | 'refused' | 'unavailable';

/**
 * @param options.apiUrl another place than Stripe's own: the simulator.
 * The SDK retries what never arrived, 409 and 5xx twice, each time with the same idempotency key.
 */
export function openStripe(options: { secretKey: string; apiUrl?: string | undefined; onCall?: StripeAccess['onCall'] }): StripeAccess {
  const url = options.apiUrl === undefined ? null : new URL(options.apiUrl);
  const place = url === null ? {} : { host: url.hostname, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port), protocol: url.protocol === 'https:' ? ('https' as const) : ('http' as const) };
  const sdk = new Stripe(options.secretKey, { apiVersion: STRIPE_API_VERSION, timeout: TIMEOUT_MS, maxNetworkRetries: MAX_RETRIES, telemetry: false, httpClient: createStorableHttpClient(), appInfo: { name: 'iotistic-control-plane' }, ...place });
  sdk.on('response', ({ method, path, status }: Stripe.ResponseEvent) => {
    setOnSpan('http.request.method', method);
    setOnSpan('url.path', path);
    setOnSpan('http.response.status_code', status);
  });
  return { sdk, isTest: /^(sk|rk)_test_/.test(options.secretKey), ...(options.onCall === undefined ? {} : { onCall: options.onCall }) };
}

/**
 * Runs a call to Stripe. What Stripe did not answer, or could not do now (connection, 429, 5xx), is UNAVAILABLE: the same
 * request may be sent again. Every other refusal is thrown as Stripe said it, for the caller to read with `stripeCodeOf`.
 * @throws AppError STRIPE_NOT_CONFIGURED, STRIPE_UNAVAILABLE
 */
export async function callStripe<T>(access: StripeAccess | null, call: (stripe: Stripe) => Promise<T>): Promise<T> {
  if (access === null) throw new AppError('UNAVAILABLE', 'STRIPE_NOT_CONFIGURED');
  const startedAtMs = performance.now();
  try {
    const answer = await inChildSpan('billing', 'stripe', () => call(access.sdk), { kind: SpanKind.CLIENT });
    access.onCall?.('ok', startedAtMs);
    return answer;
  } catch (cause) {
    access.onCall?.(isTransient(cause) ? 'unavailable' : 'refused', startedAtMs);
    if (isTransient(cause)) throw new AppError('UNAVAILABLE', 'STRIPE_UNAVAILABLE', undefined, { cause });
    throw cause;
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  if (error instanceof Stripe.errors.StripeConnectionError || error instanceof Stripe.errors.StripeRateLimitError || error instanceof Stripe.errors.StripeAPIError) return true;
  const status = error.statusCode ?? 0;
  return status === 409 || status === 429 || status >= 500;
}

/** Stripe's own word for a refusal (`resource_missing`, `card_declined`, …); null for what is no refusal of Stripe's. */
export function stripeCodeOf(error: unknown): string | null {
  return error instanceof Stripe.errors.StripeError ? (error.code ?? error.type) : null;
}

/** The parameter that Stripe refuses, as `discounts[0][coupon]`; null for what is no refusal of Stripe's, or of none. */
export function refusedParamOf(error: unknown): string | null {
  return error instanceof Stripe.errors.StripeInvalidRequestError ? (error.param ?? null) : null;
}

/** What the call answers; null where Stripe says that what it names is not there, or is gone. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_missing') return null;
    throw error;
  }
}

/** Whether Stripe began to do it and failed: it answers that same failure for the same idempotency key for a day, so the next try needs another. */
export function mayHaveApplied(error: unknown): boolean {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof Stripe.errors.StripeError && (cause.statusCode ?? 0) >= 500;
}
