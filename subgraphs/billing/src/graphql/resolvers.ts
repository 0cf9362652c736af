import { maySee } from '@iotistic/chassis/access';
import type { Meter } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { PLAN_CATALOGUE, planOf } from '../domain/plan-catalogue.ts';
import { getSubscription } from '../service/get-subscription.ts';
import { watchSubscription } from '../service/watch-subscription.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Resolvers } from './generated.ts';

export function createResolvers(app: BillingApp): Resolvers {
  return {
    Query: {
      plans: () => PLAN_CATALOGUE,
      plan: (_source, { key }) => planOf(key),
    },
    Subscription: {
      subscriptionChanged: {
        subscribe: (_source, { customerId }) => watchSubscription(app, customerId),
        resolve: (subscription: Subscription) => subscription,
      },
    },
    Plan: {
      __resolveReference: ({ key }) => planOf(key),
    },
    Customer: {
      __resolveReference: (customer, { caller }) => (maySee(caller, customer.id) ? customer : null),
      subscription: (customer) => getSubscription(app, customer),
    },
    BillingSubscription: {
      __resolveReference: async ({ id }, { caller }) => {
        const subscription = await app.loaders.subscriptions.load(id);
        return subscription !== null && maySee(caller, subscription.customerId) ? subscription : null;
      },
      customer: (subscription) => ({ id: subscription.customerId }),
      plan: (subscription) => planOf(subscription.plan),
    },
    Entitlements: {
      features: ({ features }) => Object.entries(features).map(([key, enabled]) => ({ key, enabled })),
      limits: ({ limits }) => Object.entries(limits).map(([key, value]) => ({ key, value })),
      included: ({ included }) => Object.entries(included).map(([meter, quantity]) => ({ meter: meter as Meter, quantity })),
    },
  };
}
