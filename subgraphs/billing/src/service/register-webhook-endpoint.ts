import type { BillingApp } from '../app.ts';
import { ensureThinDestination, ensureWebhookEndpoint } from '../clients/stripe-events.ts';
import { listOwnEndpoints, saveOwnEndpoint } from '../repository/webhook-events.ts';

/**
 * Makes a test account, or the simulator, tell this plane of what happens, and keeps the secrets of it. Again, with another
 * address, the same endpoints are moved there.
 */
export async function registerWebhookEndpoint(app: Pick<BillingApp, 'db' | 'stripe'>, webhookUrl: string): Promise<void> {
  if (app.stripe?.isTest !== true) throw new Error('endpoints are made by this plane at a test account only');
  const own = new Map((await listOwnEndpoints(app.db)).map((endpoint) => [endpoint.name, endpoint]));
  for (const [name, ensure] of [['snapshots', ensureWebhookEndpoint], ['thin', ensureThinDestination]] as const) {
    const known = own.get(name) ?? null;
    const { id, secret } = await ensure(app.stripe, webhookUrl, known?.stripeEndpointId ?? null);
    if (secret !== null) await app.db.transaction().execute((tx) => saveOwnEndpoint(tx, { name, stripeEndpointId: id, secret }));
  }
}
