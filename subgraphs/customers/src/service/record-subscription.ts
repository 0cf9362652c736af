import type { EventPayload } from '@iotistic/contracts/events';
import type { CustomersApp } from '../app.ts';
import { standingOf } from '../domain/license-standing.ts';
import { saveStanding } from '../repository/subscriptions.ts';

/** What a customer has decides whether something new is deployed for it. An older version changes nothing. */
export async function recordSubscription(app: Pick<CustomersApp, 'db'>, change: EventPayload<'subscription.changed'>): Promise<void> {
  await app.db.transaction().execute((tx) => saveStanding(tx, standingOf(change)));
}
