import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { EventHandlers } from '@iotistic/chassis/inbox';
import type { ScheduledWork } from '@iotistic/chassis/schedule';
import type { WorkKind } from '@iotistic/chassis/work';
import { z } from 'zod';
import type { BillingApp } from '../app.ts';
import { applyForgottenEvents, applyStripeEvents } from '../service/apply-stripe-events.ts';
import { collectOwedInvoices } from '../service/collect-owed-invoices.ts';
import { beginTrial } from '../service/begin-trial.ts';
import { deliverBillingMails } from '../service/deliver-mails.ts';
import { endSubscription } from '../service/end-subscription.ts';
import { endTrials } from '../service/end-trials.ts';
import { healOperations } from '../service/heal-operations.ts';
import { noteUsageAlert, noteUsageAnomaly } from '../service/note-usage.ts';
import { flushMeterEvents, pushLeftMeterEvents } from '../service/push-meter-events.ts';
import { confirmMeterEvents, reconcileAll } from '../service/reconcile-all.ts';
import { recordUsage } from '../service/record-usage.ts';
import { remindOfTrialEnd } from '../service/remind-of-trial-end.ts';
import { renameCustomer } from '../service/rename-customer.ts';
import { renameAtStripe } from '../service/rename-at-stripe.ts';
import { settleForgottenPeriods } from '../service/settle-forgotten-periods.ts';
import { sweepAll, sweepUndelivered } from '../service/sweep-stripe-events.ts';
import { syncCustomer } from '../service/sync-customer.ts';
import { tellOfDeployment } from '../service/tell-of-deployment.ts';
import { tellOfRevocation } from '../service/tell-of-revocation.ts';
import { writeUsageMails } from '../service/write-usage-mails.ts';

export const events = (app: BillingApp): EventHandlers<'billing'> => ({
  'customer.signed_up': (customer) => beginTrial(app, customer),
  'customer.updated': (customer) => renameCustomer(app, customer),
  'customer.deactivated': (deactivation) => endSubscription(app, deactivation),
  'usage.recorded': (usage) => recordUsage(app, usage),
  'license.revoked': (revocation) => tellOfRevocation(app, revocation),
  'deployment.changed': (change) => tellOfDeployment(app, change),
  'usage.alert_raised': (alert) => noteUsageAlert(app, alert),
  'usage.anomaly_raised': (anomaly) => noteUsageAnomaly(app, anomaly),
});

const eventJob = z.object({ eventId: z.string() });
const customerJob = z.object({ customerId: z.string() });

export const jobs = (app: BillingApp): Record<string, WorkKind> => ({
  'apply-stripe-events': { concurrency: 4, run: (data) => applyStripeEvents(app, eventJob.parse(data).eventId) },
  'push-meter-events': { concurrency: 2, run: (data) => flushMeterEvents(app, customerJob.parse(data).customerId) },
  'rename-at-stripe': { concurrency: 1, run: (data) => renameAtStripe(app, customerJob.parse(data).customerId) },
  // Its subscription at Stripe ends with the account: the reading of it says so, and does so.
  'close-at-stripe': { concurrency: 1, run: async (data) => void (await syncCustomer(app, customerJob.parse(data).customerId, { actor: 'billing', reason: 'account closed' })) },
});

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

type FairWork = (app: BillingApp, signal: AbortSignal, rounds: FairRounds) => Promise<unknown>;

/** The rounds of each work live as long as the schedule. */
export function schedule(app: BillingApp): ScheduledWork[] {
  const fairly = (work: FairWork): ScheduledWork['run'] => {
    const rounds = new FairRounds();
    return (signal) => work(app, signal, rounds);
  };
  return [
    { name: 'sweep-undelivered', everyMs: 5 * MINUTE_MS, run: (signal) => sweepUndelivered(app, signal) },
    { name: 'sweep-all', everyMs: 60 * MINUTE_MS, run: (signal) => sweepAll(app, signal) },
    { name: 'apply-forgotten-events', everyMs: 15 * SECOND_MS, run: fairly(applyForgottenEvents) },
    { name: 'heal-operations', everyMs: 15 * SECOND_MS, run: fairly(healOperations) },
    { name: 'push-left-meter-events', everyMs: 15 * SECOND_MS, run: fairly(pushLeftMeterEvents) },
    { name: 'settle-forgotten-periods', everyMs: 5 * MINUTE_MS, run: fairly(settleForgottenPeriods) },
    { name: 'confirm-meter-events', everyMs: MINUTE_MS, run: fairly(confirmMeterEvents) },
    // Looks every minute for what is due; each customer is due once a day, and sooner while something differs.
    { name: 'reconcile-all', everyMs: MINUTE_MS, run: fairly(reconcileAll) },
    { name: 'collect-owed-invoices', everyMs: MINUTE_MS, run: fairly(collectOwedInvoices) },
    { name: 'end-trials', everyMs: 30 * SECOND_MS, run: fairly(endTrials) },
    { name: 'remind-of-trial-end', everyMs: 30 * SECOND_MS, run: (signal) => remindOfTrialEnd(app, signal) },
    { name: 'write-usage-mails', everyMs: 5 * SECOND_MS, run: fairly(writeUsageMails) },
    { name: 'deliver-mails', everyMs: 2 * SECOND_MS, run: (signal) => deliverBillingMails(app, signal) },
  ];
}
