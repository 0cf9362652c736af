import type { Metrics } from '@iotistic/chassis/metrics';
import type { StripeAccess, StripeCallOutcome } from './stripe.ts';

const OUTCOMES: readonly StripeCallOutcome[] = ['ok', 'refused', 'unavailable'];
/** The SDK tries up to three times, 20 s each. */
const BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

/** Counts calls to Stripe, with the repeats that the SDK makes of one, by how they ended. */
export function stripeCallMetrics(metrics: Metrics): StripeAccess['onCall'] {
  const calls = metrics.counter('iotistic_billing_stripe_calls_total', 'Calls to Stripe, by how they ended', ['outcome']);
  const seconds = metrics.histogram('iotistic_billing_stripe_call_seconds', 'Duration of calls to Stripe', [], BUCKETS_SECONDS);
  for (const outcome of OUTCOMES) calls.inc({ outcome }, 0);
  return (outcome, startedAtMs) => {
    calls.inc({ outcome });
    seconds.observe((performance.now() - startedAtMs) / 1000);
  };
}
