import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { createInvoiceItem, findInvoiceItem, invoiceWhatWaits } from '../clients/stripe-invoice-items.ts';
import { usageCreditStepOf } from '../domain/credit.ts';
import { bookOf, PRICE_BOOKS, planIn } from '../domain/price-book.ts';
import { priceOf } from '../domain/invoice-preview.ts';
import type { BillingPeriod } from '../domain/settlement.ts';
import { stripeUnits } from '../domain/stripe-meters.ts';
import { describeTrueUp, type TrueUp, trueUpAmount } from '../domain/true-up.ts';
import { lockCustomer } from '../repository/customers.ts';
import { sumBilledUnits } from '../repository/invoices.ts';
import { type MeteredQuantity, markTruedUp, markUnbilled } from '../repository/metered-quantities.ts';
import { findPeriodInvoiceStatus, insertTrueUp, listTrueUps, listUnsentTrueUps, markAttempted, markTrueUpRejected, markTrueUpSent } from '../repository/true-ups.ts';

type TruingUp = Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'log' | 'billingMetrics' | 'config' | 'restores'>;

/** Stripe knows an idempotency key for a day: what may have been made longer ago is looked for first. */
const KNOWN_FOR_MS = 20 * 3_600_000;
/** So long after a restore instances may take to send again what was lost, before what seems to lack is credited. */
const RESEND_MS = 24 * 3_600_000;

/**
 * Decides what is billed, or credited, for a meter of a period whose invoice is final and counted something else. Not while
 * reports still come in for it: a backlog of a month makes one line and not a thousand. The difference is written down, with
 * what it stands for, before Stripe hears of it.
 */
export async function decideTrueUp(app: TruingUp, row: MeteredQuantity, period: BillingPeriod): Promise<void> {
  const now = app.clock.now();
  const resentBy = app.restores.map(({ restoredAt }) => restoredAt.getTime() + RESEND_MS);
  const quietSince = Math.max(row.measuredAt.getTime(), period.settledAt?.getTime() ?? 0, ...resentBy);
  if (now.getTime() - quietSince < app.config.USAGE_TRUE_UP_QUIET_SECONDS * 1000) return;
  const plan = planIn(bookOf(period.book), period.plan);
  const price = plan.meteredPrices.find(({ meter }) => meter === row.meter);
  if (price === undefined) return app.db.transaction().execute((tx) => markUnbilled(tx, row));
  await app.db.transaction().execute(async (tx) => {
    // Whoever decides this at the same moment comes after us, and finds it done.
    await lockCustomer(tx, row.customerId);
    const earlier = (await listTrueUps(tx, row)).filter(({ status }) => status !== 'REJECTED');
    // Null where its first report came when the invoice was final; after a restore the invoice may have counted what comes now.
    const billed = row.billedUnits ?? (await sumBilledUnits(tx, row.customerId, row.periodStart)).get(row.meter) ?? 0;
    const fromUnits = earlier.at(-1)?.toUnits ?? billed;
    const toUnits = stripeUnits(row.meter, row.quantity, PRICE_BOOKS);
    await markTruedUp(tx, row, row, now);
    if (fromUnits === toUnits) return;
    const amount = trueUpAmount(price, fromUnits, toUnits);
    const { currency } = priceOf(plan);
    const description = describeTrueUp({ price, periodStart: period.periodStart, periodEnd: period.periodEnd ?? now, fromUnits, toUnits, amount, currency });
    await insertTrueUp(tx, { id: newId('trup'), customerId: row.customerId, meter: row.meter, periodStart: row.periodStart, fromUnits, toUnits, amount, currency, description, status: amount === 0 ? 'FREE' : 'PENDING', stripeItemId: null, createdAt: now, attemptedAt: null });
  });
}

/** Has Stripe bill what was decided: with the next invoice, or with one of its own where no subscription is left. In the customer's turn. */
export async function sendTrueUps(app: TruingUp, to: { customerId: string; stripeCustomerId: string; liveSubscriptionId: string | null }): Promise<void> {
  const unsent = await withoutUnpaidCredits(app, await listUnsentTrueUps(app.db, to.customerId));
  const [first] = unsent;
  if (first === undefined) return;
  const made: { id: string; stripeItemId: string }[] = [];
  for (const trueUp of unsent) {
    const stripeItemId = await sendOne(app, trueUp, to);
    if (stripeItemId !== null) made.push({ id: trueUp.id, stripeItemId });
  }
  if (to.liveSubscriptionId === null && made.length > 0) await invoiceWhatWaits(app.stripe, to.stripeCustomerId, { key: first.id, now: app.clock.now() });
  if (made.length > 0) await failpoint('billing.true-up-answered');
  await app.db.transaction().execute(async (tx) => {
    for (const { id, stripeItemId } of made) await markTrueUpSent(tx, id, stripeItemId);
  });
}

/** No credit without a payment: those that take back what is not paid wait for it; what will never be paid needs no credit. */
async function withoutUnpaidCredits(app: TruingUp, trueUps: readonly TrueUp[]): Promise<TrueUp[]> {
  const sendable: TrueUp[] = [];
  for (const trueUp of trueUps) {
    const step = trueUp.amount >= 0 ? 'send' : usageCreditStepOf(await findPeriodInvoiceStatus(app.db, trueUp.customerId, trueUp.periodStart));
    if (step === 'send') sendable.push(trueUp);
    if (step === 'drop') await app.db.transaction().execute((tx) => markTrueUpRejected(tx, trueUp.id, 'invoice_not_paid'));
  }
  return sendable;
}

/** @returns Stripe's id of the item; null where Stripe refuses it. */
async function sendOne(app: TruingUp, trueUp: TrueUp, to: { stripeCustomerId: string; liveSubscriptionId: string | null }): Promise<string | null> {
  const now = app.clock.now();
  const mayBeForgotten = trueUp.attemptedAt !== null && now.getTime() - trueUp.attemptedAt.getTime() > KNOWN_FOR_MS;
  await app.db.transaction().execute((tx) => markAttempted(tx, trueUp.id, now));
  try {
    const found = mayBeForgotten ? await findInvoiceItem(app.stripe, to.stripeCustomerId, trueUp.id) : null;
    const stripeItemId = found ?? (await createInvoiceItem(app.stripe, { stripeCustomerId: to.stripeCustomerId, stripeSubscriptionId: to.liveSubscriptionId, trueUpId: trueUp.id, of: trueUp, amount: trueUp.amount, currency: trueUp.currency, description: trueUp.description }));
    app.billingMetrics.trueUp('sent');
    return stripeItemId;
  } catch (error) {
    const code = stripeCodeOf(error);
    if (code === null || error instanceof AppError) throw error;
    app.log.error({ err: error, customerId: trueUp.customerId, trueUp: trueUp.id }, 'Stripe refuses to bill usage that came late');
    app.billingMetrics.trueUp('rejected');
    await app.db.transaction().execute((tx) => markTrueUpRejected(tx, trueUp.id, code));
    return null;
  }
}
