import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { previewStripeInvoice } from '../clients/stripe-invoices.ts';
import type { InvoiceLine } from '../domain/invoice.ts';
import { previewInvoice as preview, type Quantities } from '../domain/invoice-preview.ts';
import { bookOf, planIn } from '../domain/price-book.ts';
import { isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { findCustomer } from '../repository/customers.ts';
import type { TrueUp } from '../domain/true-up.ts';
import { listPeriodQuantities, type MeteredQuantity } from '../repository/metered-quantities.ts';
import { hasFindings } from '../repository/stripe-findings.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { listWaitingTrueUps } from '../repository/true-ups.ts';
import { flushMeterEvents } from './push-meter-events.ts';
import { syncCustomer } from './sync-customer.ts';

export interface PreviewedInvoice {
  customerId: string;
  total: number;
  currency: string;
  periodStart: Date;
  periodEnd: Date;
  lines: readonly InvoiceLine[];
  source: 'STRIPE' | 'CONTROL_PLANE';
  /** By our own price book. */
  computedTotal: number;
}

type Previewing = Pick<BillingApp, 'restores' | 'db' | 'clock' | 'live' | 'config' | 'stripe' | 'exclusive' | 'log' | 'billingMetrics' | 'usageBiller' | 'catalogue' | 'differences'>;

/**
 * What the current period will cost as it stands, by Stripe, and by our own price book beside it: where the two differ,
 * somebody must look. Where Stripe does not answer, our own figure stands alone. null without a paid subscription.
 */
export async function previewInvoice(app: Previewing, customerId: string): Promise<PreviewedInvoice | null> {
  const subscription = await findSubscription(app.db, customerId);
  const known = await findCustomer(app.db, customerId);
  if (subscription === null || known === null || known.stripeCustomerId === null || !isPreviewed(subscription)) return null;
  try {
    await flushMeterEvents(app, customerId);
    return await compared(app, subscription, known.stripeCustomerId);
  } catch (error) {
    if (!isWithoutAnswer(error)) throw error;
    return ownPreview(subscription, await readStanding(app, subscription), 'latest');
  }
}

/** Stripe is away, or does not have what it had: somebody deleted it, and the next reading says so. */
function isWithoutAnswer(error: unknown): boolean {
  return (error instanceof AppError && error.code === 'UNAVAILABLE') || ['resource_missing', 'invoice_upcoming_none'].includes(stripeCodeOf(error) ?? '');
}

/** With meters by the month, a base price by the year is billed when its own period ends. */
function isPaidBeyond({ currentPeriodEndsAt, billingPeriodEndsAt }: Subscription): boolean {
  return currentPeriodEndsAt !== null && billingPeriodEndsAt !== null && currentPeriodEndsAt > billingPeriodEndsAt;
}

function isPreviewed(subscription: Subscription): boolean {
  return isLiveAtStripe(subscription) && subscription.status !== 'INCOMPLETE' && subscription.status !== 'PAUSED' && subscription.currentPeriodStart !== null && subscription.billingPeriodEndsAt !== null;
}

async function compared(app: Previewing, subscription: Subscription, stripeCustomerId: string): Promise<PreviewedInvoice> {
  const first = await previewBoth(app, subscription, stripeCustomerId);
  if (first.preview.total === first.preview.computedTotal) return first.preview;
  // What we know may be older than what Stripe knows: a webhook is on its way, or was lost.
  const read = await syncCustomer(app, subscription.customerId, { actor: 'billing', reason: 'read again' });
  if (read === null || !isPreviewed(read)) return first.preview;
  const second = await previewBoth(app, read, stripeCustomerId);
  const { total, computedTotal } = second.preview;
  // What others put on a subscription has prices of their own.
  if (total !== computedTotal && (await isUnchanged(app, read, second.standing)) && !(await hasFindings(app.db, read.customerId))) alarm(app, read, total, computedTotal);
  return second.preview;
}

async function previewBoth(app: Previewing, subscription: Subscription, stripeCustomerId: string): Promise<{ preview: PreviewedInvoice; standing: MeteredStanding }> {
  const standing = await readStanding(app, subscription);
  const stripe = await previewStripeInvoice(app.stripe, { stripeCustomerId, subscriptionId: subscription.stripeSubscriptionId ?? '' }, (priceId) => app.catalogue.meterOfPrice(priceId));
  const own = ownPreview(subscription, standing, 'sent');
  return { standing, preview: { customerId: subscription.customerId, total: stripe.total, currency: stripe.currency, periodStart: own.periodStart, periodEnd: own.periodEnd, lines: stripe.lines.map((line) => withPlace(line, standing.trueUps, own.periodStart)), source: 'STRIPE', computedTotal: own.total } };
}

/** Usage and plans change while Stripe is asked: only what stood still can differ. */
async function isUnchanged(app: Previewing, subscription: Subscription, before: MeteredStanding): Promise<boolean> {
  const now = await findSubscription(app.db, subscription.customerId);
  const marks = ({ quantities, trueUps }: MeteredStanding): string => [...quantities.map(({ meter, sentRevision, status }) => `${meter} ${sentRevision ?? ''} ${status}`), ...trueUps.map(({ id }) => id)].toSorted((one, other) => (one < other ? -1 : 1)).join();
  return now?.version === subscription.version && marks(await readStanding(app, subscription)) === marks(before);
}

function alarm(app: Previewing, { customerId, plan }: Subscription, stripe: number, own: number): void {
  app.differences.count += 1;
  app.billingMetrics.pricesDiffer();
  app.log.error({ customerId, plan, stripe, own }, 'Stripe and our own price book disagree on an invoice');
}

/** What our own figure is made of: this period's meters, and what waits to be billed of earlier ones. */
interface MeteredStanding {
  quantities: MeteredQuantity[];
  trueUps: TrueUp[];
}

async function readStanding(app: Pick<BillingApp, 'db'>, { customerId, currentPeriodStart }: Subscription): Promise<MeteredStanding> {
  const quantities = currentPeriodStart === null ? [] : await listPeriodQuantities(app.db, customerId, currentPeriodStart);
  return { quantities, trueUps: await listWaitingTrueUps(app.db, customerId) };
}

/** Stripe's lines with the periods as we know them. */
function withPlace(line: InvoiceLine, trueUps: readonly TrueUp[], periodStart: Date): InvoiceLine {
  const trueUp = trueUps.find(({ id }) => id === line.trueUpId);
  if (trueUp !== undefined) return { ...line, meter: trueUp.meter, periodStart: trueUp.periodStart };
  return line.meter === null ? line : { ...line, periodStart };
}

function ownPreview(subscription: Subscription, { quantities: rows, trueUps }: MeteredStanding, which: 'sent' | 'latest'): PreviewedInvoice {
  const plan = planIn(bookOf(subscription.book), subscription.plan);
  const quantities: Quantities = Object.fromEntries(rows.map((row) => [row.meter, which === 'sent' ? (row.sentQuantity ?? 0) : row.quantity]));
  const periodStart = subscription.currentPeriodStart as Date;
  const result = preview({ plan, periodStart, periodEnd: subscription.billingPeriodEndsAt as Date, quantities, trueUps, discounts: subscription.discounts, endsAtPeriodEnd: subscription.cancelAtPeriodEnd || isPaidBeyond(subscription), isTrial: subscription.status === 'TRIALING' });
  const lines = result.lines.map(({ description, quantity, amount, meter, trueUpId }): InvoiceLine => ({ description, quantity, amount, meter, currency: result.currency, trueUpId, periodStart: meter === null ? null : (trueUps.find(({ id }) => id === trueUpId)?.periodStart ?? periodStart) }));
  return { customerId: subscription.customerId, total: result.total, currency: result.currency, periodStart: result.periodStart, periodEnd: result.periodEnd, lines, source: 'CONTROL_PLANE', computedTotal: result.total };
}

/** Our own figure from what was measured last, without asking Stripe: for those who watch. */
export async function previewOwnInvoice(app: Pick<BillingApp, 'db'>, customerId: string): Promise<PreviewedInvoice | null> {
  const subscription = await findSubscription(app.db, customerId);
  return subscription === null || !isPreviewed(subscription) ? null : ownPreview(subscription, await readStanding(app, subscription), 'latest');
}
