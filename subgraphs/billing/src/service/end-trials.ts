import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { mailOfTransition } from '../domain/mails.ts';
import { endTrial } from '../domain/trial.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findSubscription, listEndedTrials } from '../repository/subscriptions.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';

const MAX_AT_ONCE = 500;

/** Local trials whose time is over: what follows is on the license's calendar. */
export async function endTrials(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'log' | 'config'>, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  await rounds.run({
    limit: MAX_AT_ONCE,
    list: (except, limit) => listEndedTrials(app.db, app.clock.now(), except, limit),
    keyOf: (customerId) => customerId,
    each: (customerId) => endOne(app, customerId),
    failed: (err, customerId) => app.log.warn({ err, customerId }, 'a trial waits to be ended'),
    signal,
  });
}

async function endOne(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'config'>, customerId: string): Promise<void> {
  const now = app.clock.now();
  const ended = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    const before = await findSubscription(tx, customerId);
    const after = before === null ? null : endTrial(before, now);
    if (after === null || after === before) return null;
    await changeSubscription(tx, after, known.licenseName ?? '', { actor: 'billing', reason: 'trial ended' }, now);
    if (known.email !== null) await enqueueMail(tx, { ...mailOfTransition('trial_ended', { subscription: after, standing: null, name: known.licenseName ?? '', consoleUrl: app.config.CONSOLE_URL }), to: known.email, at: now });
    return after;
  });
  await tellSubscriptionChanged(app, ended);
}
