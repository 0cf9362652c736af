import type { BillingApp } from '../app.ts';
import { cancelSubscription } from '../service/cancel-subscription.ts';
import { changePlan } from '../service/change-plan.ts';
import { createCheckoutSession } from '../service/create-checkout-session.ts';
import { createPortalSession } from '../service/create-portal-session.ts';
import { overrideEntitlements } from '../service/override-entitlements.ts';
import { replayWebhookEvent } from '../service/replay-webhook-event.ts';
import { resumeSubscription } from '../service/resume-subscription.ts';
import { startTrial } from '../service/start-trial.ts';
import { syncCatalogue } from '../service/sync-catalogue.ts';
import type { Resolvers } from './generated.ts';

export function subscriptionMutations(app: BillingApp): NonNullable<Resolvers['Mutation']> {
  return {
    createCheckoutSession: async (_source, { input }, { caller }) => {
      const { id: sessionId, url } = await createCheckoutSession(app, caller, input);
      return { sessionId, url };
    },
    createPortalSession: (_source, { input }, { caller }) => createPortalSession(app, caller, input),
    changePlan: async (_source, { input }, { caller }) => ({ subscription: await changePlan(app, caller, input) }),
    cancelSubscription: async (_source, { input }, { caller }) => ({ subscription: await cancelSubscription(app, caller, input) }),
    resumeSubscription: async (_source, { input }, { caller }) => ({ subscription: await resumeSubscription(app, caller, input) }),
    startTrial: async (_source, { input }, { caller }) => ({ subscription: await startTrial(app, caller, input) }),
    overrideEntitlements: async (_source, { input }, { caller }) => ({ subscription: await overrideEntitlements(app, caller, input) }),
    syncCatalogue: async (_source, { input }) => ({ changes: await syncCatalogue(app, { dryRun: input.dryRun ?? false }) }),
    replayWebhookEvent: async (_source, { input }) => ({ webhookEvent: await replayWebhookEvent(app, input.id) }),
  };
}
