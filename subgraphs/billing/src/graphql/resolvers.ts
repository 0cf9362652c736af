import { maySee } from '@iotistic/chassis/access';
import { parsePage } from '@iotistic/chassis/page';
import type { Meter } from '@iotistic/contracts/events';
import { z } from 'zod';
import type { BillingApp } from '../app.ts';
import { bookAt, bookOf, planIn, PRICE_BOOKS } from '../domain/price-book.ts';
import type { Subscription } from '../domain/subscription.ts';
import { listWebhookEventPage, type WebhookEventKey } from '../repository/webhook-events.ts';
import { getSubscription } from '../service/get-subscription.ts';
import { readBillingOverview } from '../service/read-billing-overview.ts';
import { watchSubscription } from '../service/watch-subscription.ts';
import type { Resolvers } from './generated.ts';
import { invoiceResolvers } from './invoice-resolvers.ts';
import { mailResolvers, overviewResolvers } from './overview-resolvers.ts';
import { reconciliationResolvers } from './reconciliation-resolvers.ts';
import { subscriptionMutations } from './subscription-mutations.ts';

const webhookEventKey: z.ZodType<WebhookEventKey> = z.tuple([z.number().int()]);

export function createResolvers(app: BillingApp): Resolvers {
  const { customer, live, ...invoices } = invoiceResolvers(app);
  const reconciliation = reconciliationResolvers(app);
  const mail = mailResolvers(app);
  const bookNow = (): ReturnType<typeof bookAt> => bookAt(PRICE_BOOKS, app.clock.now());
  return {
    ...invoices,
    Query: {
      plans: () => bookNow().plans,
      plan: (_source, { key }) => planIn(bookNow(), key),
      webhookEvents: (_source, args) => listWebhookEventPage(app.db, parsePage(args, webhookEventKey), args.status ?? null),
      billingOverview: () => readBillingOverview(app),
      ...reconciliation.queries,
    },
    Mutation: { ...subscriptionMutations(app), ...reconciliation.mutations, ...mail.mutations },
    Subscription: {
      ...live,
      subscriptionChanged: {
        subscribe: (_source, { customerId }, { live: resumed }) => watchSubscription(app, customerId, resumed?.after),
        resolve: (subscription: Subscription) => subscription,
      },
    },
    Plan: {
      __resolveReference: ({ key }) => planIn(bookNow(), key),
    },
    BillingOverview: overviewResolvers(app),
    PlanCustomers: { plan: ({ plan }) => planIn(bookNow(), plan) },
    Customer: {
      ...customer,
      ...mail.customer,
      __resolveReference: (reference, { caller }) => (maySee(caller, reference.id) ? reference : null),
      subscription: (reference) => getSubscription(app, reference),
    },
    BillingSubscription: {
      __resolveReference: async ({ id }, { caller }) => {
        const subscription = await app.loaders.subscriptions.load(id);
        return subscription !== null && maySee(caller, subscription.customerId) ? subscription : null;
      },
      customer: (subscription) => ({ id: subscription.customerId }),
      // While a customer owes, what was paid for may have ended before the period that runs now began.
      currentPeriodStart: ({ currentPeriodStart: start, currentPeriodEndsAt: end }) => (start !== null && end !== null && end < start ? end : start),
      plan: (subscription) => planIn(bookOf(subscription.book), subscription.plan),
    },
    Entitlements: {
      features: ({ features }) => Object.entries(features).map(([key, enabled]) => ({ key, enabled })),
      limits: ({ limits }) => Object.entries(limits).map(([key, value]) => ({ key, value })),
      included: ({ included }) => Object.entries(included).map(([meter, quantity]) => ({ meter: meter as Meter, quantity })),
    },
    EntitlementOverride: {
      features: ({ features }) => Object.entries(features).map(([key, enabled]) => ({ key, enabled })),
      limits: ({ limits }) => Object.entries(limits).map(([key, value]) => ({ key, value })),
    },
  };
}
