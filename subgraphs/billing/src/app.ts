import { createMailTransport, type MailTransport } from '@iotistic/chassis/mail';
import { createMailMetrics, type MailMetrics } from '@iotistic/chassis/mail-metrics';
import type { Platform } from '@iotistic/chassis/platform';
import { type BaseApp, type RunningSubgraph, startSubgraph } from '@iotistic/chassis/subgraph';
import { meterBiller, type UsageBiller } from './clients/stripe-meters.ts';
import { openStripe, type StripeAccess } from './clients/stripe.ts';
import { stripeCallMetrics } from './clients/stripe-metrics.ts';
import type { BillingConfig } from './config.ts';
import { access } from './graphql/access.ts';
import { createLoaders, type Loaders } from './graphql/loaders.ts';
import { createResolvers } from './graphql/resolvers.ts';
import { stripeWebhook } from './http/stripe-webhook.ts';
import { unsubscribe, unsubscribePage } from './http/unsubscribe.ts';
import { events, jobs, schedule } from './jobs/index.ts';
import { migrations } from './repository/migrations.ts';
import type { BillingTables } from './repository/tables.ts';
import { type BillingMetrics, openBillingMetrics } from './service/billing-metrics.ts';
import { Catalogue } from './service/catalogue.ts';
import { goOnAfterRestore } from './service/go-on-after-restore.ts';
import { registerWebhookEndpoint } from './service/register-webhook-endpoint.ts';
import { syncCatalogue } from './service/sync-catalogue.ts';

export type BillingApp = BaseApp<BillingTables> & {
  config: BillingConfig;
  loaders: Loaders;
  /** null where there is no account. */
  stripe: StripeAccess | null;
  catalogue: Catalogue;
  usageBiller: UsageBiller;
  mail: MailTransport;
  billingMetrics: BillingMetrics;
  mailMetrics: MailMetrics;
  /** Previews in which Stripe and our own price book disagreed, since the start. */
  differences: { count: number };
};

export type RunningBilling = RunningSubgraph & {
  /** Makes a test account, or the simulator, sell what the catalogue says and, where one is given, tell this address what happens. */
  connectStripe(options: { webhookUrl: string | null }): Promise<void>;
};

export async function startBilling(config: BillingConfig, platform: Platform): Promise<RunningBilling> {
  let app: BillingApp | undefined;
  const subgraph = await startSubgraph<'billing', BillingTables, BillingApp>(
    {
      name: 'billing',
      typeDefs: new URL('../../../schema/billing.graphql', import.meta.url),
      migrations,
      goOnAfterRestore,
      build: (base) => (app = buildApp(config, base)),
      resolvers: createResolvers,
      access,
      events,
      jobs,
      schedule,
      http: (built) => ({ 'POST /webhooks/stripe': stripeWebhook(built), 'GET /mails/unsubscribe': unsubscribePage(built), 'POST /mails/unsubscribe': unsubscribe(built) }),
      close(built) {
        built.billingMetrics.close();
        return Promise.resolve(built.mail.close());
      },
    },
    platform,
  );
  return {
    ...subgraph,
    async connectStripe({ webhookUrl }) {
      if (app === undefined) return;
      await syncCatalogue(app);
      if (webhookUrl !== null) await registerWebhookEndpoint(app, webhookUrl);
    },
  };
}

function buildApp(config: BillingConfig, base: BaseApp<BillingTables>): BillingApp {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_API_URL: apiUrl } = config;
  const stripe = secretKey === undefined ? null : openStripe({ secretKey, apiUrl, onCall: stripeCallMetrics(base.metrics) });
  return { ...base, config, stripe, loaders: createLoaders(base.db), catalogue: new Catalogue(stripe), usageBiller: meterBiller(stripe), mail: createMailTransport({ smtpUrl: config.SMTP_URL, directory: config.MAIL_DIR, from: config.MAIL_FROM }), differences: { count: 0 }, billingMetrics: openBillingMetrics(base), mailMetrics: createMailMetrics({ service: 'billing', db: base.db as never, clock: base.clock, metrics: base.metrics }) };
}
