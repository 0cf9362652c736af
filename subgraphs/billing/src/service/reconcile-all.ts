import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { listMeterIds } from '../clients/stripe-meter-ids.ts';
import { type Period, placeAtStripe } from '../domain/reconciliation.ts';
import { DRAFT_MS } from '../domain/settlement.ts';
import { comparedPeriodOf } from '../domain/usage-period.ts';
import { dropReconciliations, endChecks, listDuePeriods } from '../repository/reconciliations.ts';
import { listUnconfirmed } from '../repository/told-meters.ts';
import { type BillingCustomer, getBillingCustomer } from './billing-customer.ts';
import { reconcilePeriod, type Reconciling } from './reconcile-usage.ts';

type ReconcilingAll = Reconciling & Pick<BillingApp, 'billingMetrics'>;

const MAX_PERIODS = 200;
const MAX_DROPPED = 5_000;
/** The rest of what a schedule does waits so long; what is left comes with the next run. */
const LASTS_AT_MOST_MS = 10_000;
const KEPT_MS = 35 * 86_400_000;

/** Counted by Stripe a while after it was taken. */
const SETTLES_MS = 30_000;
const LOOK_AGAIN_MS = 15 * 60_000;

/**
 * Reads once a day what Stripe has of each customer that it bills, one after the other, and sooner what differed. Where it
 * stopped is in the rows: who dies here, or runs out of its time, goes on from there.
 */
export async function reconcileAll(app: ReconcilingAll, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  if (app.stripe === null) return;
  const now = app.clock.now();
  await reconcileEach(app, rounds, (except, limit) => listDuePeriods(app.db, now, except, limit), signal);
  await app.db.transaction().execute((tx) => dropReconciliations(tx, new Date(now.getTime() - KEPT_MS), MAX_DROPPED));
  await app.billingMetrics.refreshDifferences();
}

/** Sees to it that what Stripe was told some moments ago becomes ACCEPTED. */
export async function confirmMeterEvents(app: ReconcilingAll, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  if (app.stripe === null) return;
  const ago = (ms: number): Date => new Date(app.clock.now().getTime() - ms);
  const before = { sent: ago(SETTLES_MS), looked: ago(LOOK_AGAIN_MS), ended: ago(DRAFT_MS) };
  await reconcileEach(app, rounds, (except, limit) => listUnconfirmed(app.db, before, except, limit), signal);
}

interface DuePeriod {
  customerId: string;
  period: Period | null;
}

async function reconcileEach(app: ReconcilingAll, rounds: FairRounds, list: (except: string[], limit: number) => Promise<DuePeriod[]>, signal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + LASTS_AT_MOST_MS;
  let isAway = false;
  let reading: Promise<ReconcilingAll & { meterIds: Awaited<ReturnType<typeof listMeterIds>> }> | null = null;
  await rounds.run<DuePeriod>({
    limit: MAX_PERIODS,
    list,
    keyOf: ({ customerId }) => customerId,
    async each({ customerId, period }) {
      reading ??= listMeterIds(app.stripe).then((meterIds) => ({ ...app, meterIds }));
      await reconcileOne(await reading, customerId, period);
    },
    failed(err, { customerId }) {
      app.log.warn({ err, customerId }, 'what Stripe has of a customer could not be compared');
      // The next one would wait as long for the same.
      if (err instanceof AppError && err.reason === 'STRIPE_UNAVAILABLE') isAway = true;
    },
    signal: {
      get aborted() {
        return signal.aborted || isAway || performance.now() > endsAt;
      },
    },
  });
}

async function reconcileOne(app: ReconcilingAll, customerId: string, period: Period | null): Promise<void> {
  const customer = await getBillingCustomer(app, customerId);
  const wanted = periodAt(app, customer, period);
  if (placeAtStripe(customer.subscription, customer.stripeCustomerId) === 'billed') await reconcilePeriod(app, customer, wanted);
  else await app.db.transaction().execute((tx) => endChecks(tx, customerId, period?.start ?? wanted.start));
}

/** A period that was read before ended where the present one began. */
function periodAt(app: ReconcilingAll, customer: BillingCustomer, period: Period | null): Period {
  const current = comparedPeriodOf(customer.subscription, app.clock.now());
  const toSecond = (date: Date): number => Math.floor(date.getTime() / 1000);
  if (period === null || toSecond(period.start) === toSecond(current.start)) return current;
  return { start: period.start, end: period.start < current.start && current.start < period.end ? current.start : period.end };
}
