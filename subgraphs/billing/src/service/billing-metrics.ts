import type { BillingApp } from '../app.ts';
import { RECONCILIATION_CAUSES, type ReconciliationCause } from '../domain/reconciliation.ts';
import { STRIPE_FINDING_KINDS } from '../domain/stripe-findings.ts';
import { countUnsent } from '../repository/metered-quantities.ts';
import { countDiffering } from '../repository/reconciliations.ts';
import { countFindings } from '../repository/stripe-findings.ts';
import { countOpenEvents } from '../repository/webhook-events.ts';

/** What is counted where it happens. */
export interface BillingMetrics {
  eventsReceived(source: 'webhook' | 'sweep', count: number): void;
  eventsDone(status: 'HANDLED' | 'IGNORED', count: number): void;
  /** @param reason why a webhook was refused: the reason of its error. */
  webhookRefused(reason: string): void;
  meterEvent(result: 'sent' | 'rejected'): void;
  trueUp(result: 'sent' | 'rejected'): void;
  pricesDiffer(): void;
  meterRepaired(cause: ReconciliationCause | null): void;
  operationHealed(): void;
  surplusEnded(): void;
  /** Shows at once what the comparison found; between two of them each scrape looks. */
  refreshDifferences(): Promise<void>;
  close(): void;
}

type Counted = Pick<BillingApp, 'db' | 'clock' | 'metrics'>;

const RESULTS = ['sent', 'rejected'];
const REFUSALS = ['SIGNATURE_MISSING', 'SIGNATURE_INVALID', 'SIGNATURE_TOO_OLD', 'SIGNATURE_IN_FUTURE', 'MALFORMED_EVENT'];
/** Stripe is told within seconds; the schedule looks again every quarter of a minute. */
const STUCK_AFTER_MS = 15 * 60_000;

/** All of it is registered at the start: what has not happened yet is 0, not missing. */
export function openBillingMetrics(app: Counted): BillingMetrics {
  const differences = watchDifferences(app);
  const stops = [watchEvents(app), watchMeters(app), watchFindings(app), app.metrics.onScrape('reconciliation', differences)];
  return {
    ...countEvents(app),
    ...countMetering(app),
    refreshDifferences: differences,
    close() {
      for (const stop of stops) stop();
    },
  };
}

function countEvents({ metrics }: Counted): Pick<BillingMetrics, 'eventsReceived' | 'eventsDone' | 'webhookRefused'> {
  const received = metrics.counter('iotistic_billing_stripe_events_total', 'Events of Stripe that were received, by how they came', ['source']);
  const done = metrics.counter('iotistic_billing_stripe_events_done_total', 'Events of Stripe that were done with, by how', ['status']);
  const refused = metrics.counter('iotistic_billing_webhooks_refused_total', 'Webhooks that were refused, by reason', ['reason']);
  for (const source of ['webhook', 'sweep']) received.inc({ source }, 0);
  for (const status of ['HANDLED', 'IGNORED']) done.inc({ status }, 0);
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  return {
    eventsReceived: (source, count) => received.inc({ source }, count),
    eventsDone: (status, count) => done.inc({ status }, count),
    webhookRefused: (reason) => refused.inc({ reason }),
  };
}

function countMetering({ metrics }: Counted): Pick<BillingMetrics, 'meterEvent' | 'trueUp' | 'pricesDiffer' | 'meterRepaired' | 'operationHealed' | 'surplusEnded'> {
  const meterEvents = metrics.counter('iotistic_billing_meter_events_total', 'Meter events by result', ['result']);
  const trueUps = metrics.counter('iotistic_billing_true_ups_total', 'Usage billed beside a later invoice, by result', ['result']);
  const differing = metrics.counter('iotistic_billing_pricing_differences_total', 'Previews in which Stripe and our own price book disagree', []);
  const repairs = metrics.counter('iotistic_billing_metering_repairs_total', 'Meters of which Stripe was told anew, by why', ['cause']);
  const healed = metrics.counter('iotistic_billing_operations_healed_total', 'Changes at Stripe that were begun, abandoned and read back', []);
  const surplus = metrics.counter('iotistic_billing_surplus_subscriptions_total', 'Subscriptions at Stripe that were one too many, and ended', []);
  for (const counter of [meterEvents, trueUps]) for (const result of RESULTS) counter.inc({ result }, 0);
  for (const cause of RECONCILIATION_CAUSES) repairs.inc({ cause }, 0);
  return {
    meterEvent: (result) => meterEvents.inc({ result }),
    trueUp: (result) => trueUps.inc({ result }),
    pricesDiffer: () => differing.inc(),
    meterRepaired: (cause) => repairs.inc({ cause: String(cause) }),
    operationHealed: () => healed.inc(),
    surplusEnded: () => surplus.inc(),
  };
}

function watchEvents({ db, clock, metrics }: Counted): () => void {
  const waiting = metrics.gauge('iotistic_billing_stripe_events_waiting', 'Events of Stripe that were received and not applied yet', []);
  const oldest = metrics.gauge('iotistic_billing_stripe_events_oldest_seconds', 'Age of the oldest of them; 0 when none waits', []);
  const failed = metrics.gauge('iotistic_billing_stripe_events_failed', 'Events of Stripe that were given up, until somebody replays them', []);
  return metrics.onScrape('events of Stripe', async () => {
    const open = await countOpenEvents(db);
    waiting.set(open.received);
    failed.set(open.failed);
    oldest.set(open.oldestReceivedAt === null ? 0 : Math.max(0, (clock.now().getTime() - open.oldestReceivedAt.getTime()) / 1000));
  });
}

function watchMeters({ db, clock, metrics }: Counted): () => void {
  const pending = metrics.gauge('iotistic_billing_meters_pending', 'Quantities of meters that Stripe is to be told now', []);
  const stuck = metrics.gauge('iotistic_billing_meters_stuck', 'Those of them that were measured more than 15 minutes ago', []);
  return metrics.onScrape('meters', async () => {
    const now = clock.now();
    const unsent = await countUnsent(db, now, new Date(now.getTime() - STUCK_AFTER_MS));
    pending.set(unsent.pending);
    stuck.set(unsent.stuck);
  });
}

function watchFindings({ db, metrics }: Counted): () => void {
  const gauge = metrics.gauge('iotistic_billing_stripe_findings', 'Things at Stripe that others made with our customers, by kind', ['kind']);
  for (const kind of STRIPE_FINDING_KINDS) gauge.set({ kind }, 0);
  return metrics.onScrape('findings at Stripe', async () => {
    const counts = new Map((await countFindings(db)).map(({ kind, count }) => [kind, count]));
    for (const kind of STRIPE_FINDING_KINDS) gauge.set({ kind }, counts.get(kind) ?? 0);
  });
}

function watchDifferences({ db, metrics }: Counted): () => Promise<void> {
  const gauge = metrics.gauge('iotistic_billing_reconciliation_differences', 'Billing periods in which Stripe does not have what was reported, by the gravest cause', ['cause']);
  for (const cause of RECONCILIATION_CAUSES) gauge.set({ cause }, 0);
  return async () => {
    const counts = new Map((await countDiffering(db)).map(({ cause, periods }) => [cause, periods]));
    for (const cause of RECONCILIATION_CAUSES) gauge.set({ cause }, counts.get(cause) ?? 0);
  };
}
