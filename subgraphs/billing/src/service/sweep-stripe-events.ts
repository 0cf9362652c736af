import type { BillingApp } from '../app.ts';
import { listEvents } from '../clients/stripe-events.ts';
import { listLinkedCustomers } from '../repository/customers.ts';
import { findSweptUntil, saveSweptUntil } from '../repository/webhook-events.ts';
import { applyForgottenEvents } from './apply-stripe-events.ts';
import { oneAtATime } from './billing-customer.ts';
import { copyInvoices } from './copy-invoices.ts';
import { storeEvents } from './receive-stripe-event.ts';
import { syncCustomer } from './sync-customer.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Stripe lists events for that long; one day less, since the clocks may differ. */
const LISTED_MS = 29 * DAY_MS;
const PAGE = 100;

/** Finds what no endpoint of ours took: a look at what Stripe could not deliver lately. */
export async function sweepUndelivered(app: BillingApp, signal: AbortSignal): Promise<void> {
  const now = app.clock.now();
  const last = await findSweptUntil(app.db, 'undelivered');
  await sweep(app, 'undelivered', since(last, now), true, now, signal);
}

/** Finds whatever we never heard of, delivered or not. After too long a time nothing lists it any more: then every customer is read. */
export async function sweepAll(app: BillingApp, signal: AbortSignal): Promise<void> {
  const now = app.clock.now();
  const last = await findSweptUntil(app.db, 'all');
  if (last !== null && now.getTime() - last.getTime() > LISTED_MS) await readAll(app, signal);
  await sweep(app, 'all', since(last, now), false, now, signal);
}

/** An hour before the last look; all that Stripe still lists where there was none. */
function since(last: Date | null, now: Date): Date {
  return new Date(Math.max(now.getTime() - LISTED_MS, last === null ? 0 : last.getTime() - HOUR_MS));
}

async function sweep(app: BillingApp, name: string, from: Date, undelivered: boolean, now: Date, signal: AbortSignal): Promise<void> {
  if (app.stripe === null) return;
  const events = await listEvents(app.stripe, { since: from, undelivered });
  const found = await storeEvents(app, events.toReversed(), 'sweep');
  await app.db.transaction().execute((tx) => saveSweptUntil(tx, name, now));
  if (found > 0) app.log.info({ found, sweep: name }, 'events of Stripe that never came were found');
  await applyForgottenEvents(app, signal);
}

async function readAll(app: BillingApp, signal: AbortSignal): Promise<void> {
  app.log.warn({}, 'Stripe no longer lists what happened since the last look: every customer is read');
  const failures: string[] = [];
  for (let after = ''; !signal.aborted; ) {
    const ids = await listLinkedCustomers(app.db, after, PAGE);
    for (const id of ids) {
      await readOne(app, id).catch((err: unknown) => {
        failures.push(id);
        app.log.warn({ err, customerId: id }, 'a customer could not be read again');
      });
    }
    after = ids.at(-1) ?? '';
    if (ids.length < PAGE) break;
  }
  // The look is not over before each was read; one that fails does not keep the others from it.
  if (failures.length > 0) throw new Error(`${failures.length} customers could not be read again`);
}

function readOne(app: BillingApp, id: string): Promise<void> {
  return oneAtATime(app, id, async () => {
    await syncCustomer(app, id, { actor: 'billing', reason: 'read again' });
    await copyInvoices(app, id);
  });
}
