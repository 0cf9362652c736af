import { setTimeout as pause } from 'node:timers/promises';
import type { BillingApp } from '../app.ts';
import { findLatestRevision } from '../repository/metered-quantities.ts';
import { flushMeterEvents } from './push-meter-events.ts';

/** Longer than a report takes from its commit to here, measured, told and stored, on a machine that has other work too. */
const QUIET_MS = 2_000;
const LOOK_EVERY_MS = 50;
const AT_MOST_MS = 6_000;

/**
 * Before a period is ended in its middle, Stripe is told of what was used until now. Usage comes by events, some moments
 * after its report: they are waited for until none has come for a while. Not within a customer's turn: who holds one and
 * waits for another might wait for itself.
 */
export async function awaitUsage(app: Parameters<typeof flushMeterEvents>[0] & Pick<BillingApp, 'db'>, customerId: string): Promise<void> {
  let revision = await findLatestRevision(app.db, customerId);
  for (let quietMs = 0, waitedMs = 0; quietMs < QUIET_MS && waitedMs < AT_MOST_MS; quietMs += LOOK_EVERY_MS, waitedMs += LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS);
    const latest = await findLatestRevision(app.db, customerId);
    if (latest === revision) continue;
    revision = latest;
    quietMs = 0;
  }
  await flushMeterEvents(app, customerId);
}
