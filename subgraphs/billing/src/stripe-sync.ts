/** `npm run stripe:sync`: makes an account sell what the catalogue says; with `-- --webhook-url https://…` also has it tell that address what happens. Needs STRIPE_SECRET_KEY and no database. */
import { parseArgs } from 'node:util';
import { systemClock } from '@iotistic/chassis/clock';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { runScript } from '@iotistic/chassis/lifecycle';
import { ensureThinDestination, ensureWebhookEndpoint } from './clients/stripe-events.ts';
import { openStripe } from './clients/stripe.ts';
import { billingConfig } from './config.ts';
import { Catalogue } from './service/catalogue.ts';
import { syncCatalogue } from './service/sync-catalogue.ts';

await runScript(async (environment, args, print) => {
  const { values } = parseArgs({ args, options: { 'webhook-url': { type: 'string' } } });
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_URL: apiUrl } = loadConfig(billingConfig, environment);
  if (secretKey === undefined) throw new ConfigError(['STRIPE_SECRET_KEY: is not set, so that there is no account to sync']);
  const stripe = openStripe({ secretKey, apiUrl });
  for (const { kind, key, action } of await syncCatalogue({ stripe, clock: systemClock, catalogue: new Catalogue(stripe) })) print(`${action.toLowerCase().padEnd(9)} ${kind.toLowerCase()} ${key}`);
  const url = values['webhook-url'];
  if (url === undefined) return;
  const endpoint = await ensureWebhookEndpoint(stripe, url, null);
  const thin = await ensureThinDestination(stripe, url, null);
  print(`\nBoth secrets are told this once:\n  STRIPE_WEBHOOK_SECRET=${endpoint.secret ?? ''}\n  STRIPE_THIN_WEBHOOK_SECRET=${thin.secret ?? ''}`);
});
