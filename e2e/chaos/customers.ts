import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { setTimeout as pause } from 'node:timers/promises';
import { Stripe } from 'stripe';
import { SIGN_UP } from '../documents.ts';
import { reasonOf } from '../paying-customer.ts';
import { DEPLOYED_NAMES } from './deployments.ts';
import { ADMIN_TOKEN, type ChaosPlane } from './plane.ts';
import type { Random } from './random.ts';

export interface ChaosCustomer {
  id: string;
  email: string;
  apiKey: string;
  stripeCustomerId: string;
  /** Of the paid period. */
  periodStart: Date;
  /** Names of its instances, unique in a run. */
  instances: string[];
  /** Instances that were asked to be deployed, by name, and whether that was answered. */
  deployed: Map<string, boolean>;
}

const PLANS = ['STARTER', 'PROFESSIONAL'] as const;
const CARD = '4242424242424242';
const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 100;

export function stripeOf(plane: ChaosPlane): Stripe {
  const { hostname, port } = new URL(plane.stripeUrl);
  return new Stripe(plane.stripeKey, { host: hostname, port: Number(port), protocol: 'http', telemetry: false, maxNetworkRetries: 2 });
}

/** One of the simulator's own controls. @throws Error with its refusal. */
export async function simulate(plane: ChaosPlane, path: string, body: Record<string, unknown>): Promise<unknown> {
  const response = await fetch(`${plane.stripeUrl}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/**
 * Customers who signed up, bought a plan at Stripe's checkout, and have a key for their instances. Nothing fails yet. Where their trials
 * have ended, their first period is paid: what is used in a trial stands on no invoice.
 */
export async function makeCustomers(plane: ChaosPlane, random: Random, shape: { customers: number; instancesEach: number; stripeBehindMs: number; trialsHaveEnded: boolean }): Promise<ChaosCustomer[]> {
  const client = createGraphqlClient(plane.gatewayUrl);
  const signedUp = [];
  for (let index = 1; index <= shape.customers; index += 1) {
    const email = `chaos-${index}@example.com`;
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email, password: 'correct horse', companyName: `Chaos ${index}` } });
    const user = client.as({ bearer: signUp.session.token });
    const customerId = signUp.customer.id;
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'cluster' } });
    await buy(plane, user, customerId, random.pick(PLANS));
    const instances = Array.from({ length: shape.instancesEach }, (_, instance) => `c${index}-i${instance + 1}`);
    signedUp.push({ id: customerId, email, apiKey: createApiKey.secret, instances, deployed: new Map<string, boolean>() });
  }
  // The account's time catches up: what it could not tell as its past is told now.
  await simulate(plane, '/_sim/time', { seconds: shape.stripeBehindMs / 1000 });
  const wanted = shape.trialsHaveEnded ? ['ACTIVE'] : ['ACTIVE', 'TRIALING'];
  if (shape.trialsHaveEnded) await endTrials(plane);
  return Promise.all(signedUp.map(async (customer) => ({ ...customer, ...(await untilBought(plane, customer.id, wanted)) })));
}

async function buy(plane: ChaosPlane, user: GraphqlClient, customerId: string, plan: string): Promise<void> {
  const { createCheckoutSession } = await user.ask<{ createCheckoutSession: { sessionId: string } }>('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { sessionId } }', { input: { customerId, plan, successUrl: 'http://127.0.0.1/', cancelUrl: 'http://127.0.0.1/' } });
  await simulate(plane, `/_sim/checkout/${createCheckoutSession.sessionId}/complete`, { card: CARD });
}

/** As from the dashboard. */
async function endTrials(plane: ChaosPlane): Promise<void> {
  const stripe = stripeOf(plane);
  for (const { id } of (await stripe.subscriptions.list({ limit: 100 })).data) await stripe.subscriptions.update(id, { trial_end: 'now' });
}

/** Until billing has the subscription in one of these states, and usage its period. */
async function untilBought(plane: ChaosPlane, customerId: string, statuses: readonly string[]): Promise<{ stripeCustomerId: string; periodStart: Date }> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    const { rows } = await plane.database.query<{ stripe_customer_id: string; period_start: Date }>(
      `select c.stripe_customer_id, p.period_start from billing.customers c join billing.subscriptions s on s.customer_id = c.id
        join usage.subscription_periods p on p.customer_id = c.id and p.version = s.version
        where c.id = $1 and s.stripe_subscription_id is not null and s.current_period_start = p.period_start and s.status = any($2)`,
      [customerId, statuses],
    );
    const [row] = rows;
    if (row !== undefined) return { stripeCustomerId: row.stripe_customer_id, periodStart: row.period_start };
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`${customerId} bought a plan, and billing and usage did not hear of it`);
}

export const DEEDS = ['changePlan', 'override', 'rename', 'deploy', 'endsAtStripe', 'planAtStripe'] as const;
export type Deed = (typeof DEEDS)[number];

/**
 * One change that somebody makes meanwhile: a customer, an operator, or somebody at Stripe's own dashboard. What is refused,
 * or never answered, is part of it: in the end all must agree, whatever came of it.
 * @returns why not, in a word; null when it was done.
 */
export async function doDeed(plane: ChaosPlane, customer: ChaosCustomer, deed: Deed, random: Random): Promise<string | null> {
  const admin = createGraphqlClient(plane.gatewayUrl, { bearer: ADMIN_TOKEN });
  const mutate = async (name: string, input: Record<string, unknown>, answer: string): Promise<string | null> => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    return reasonOf(await admin.send(`mutation ($input: ${type}!) { ${name}(input: $input) { ${answer} } }`, { input }));
  };
  try {
    if (deed === 'changePlan') return await mutate('changePlan', { customerId: customer.id, plan: random.pick(PLANS), force: true }, 'subscription { version }');
    if (deed === 'override') return await mutate('overrideEntitlements', { customerId: customer.id, limits: [{ key: 'maxDevices', value: random.between(50, 900) }], reason: 'a contract' }, 'subscription { version }');
    if (deed === 'rename') return await mutate('updateCustomer', { id: customer.id, companyName: `Chaos ${random.between(1, 1_000_000)}` }, 'customer { id }');
    if (deed === 'deploy') {
      const name = `${random.pick(DEPLOYED_NAMES)}-${customer.deployed.size + 1}`;
      customer.deployed.set(name, false);
      const refusal = await mutate('createInstance', { customerId: customer.id, name, deploy: true }, 'instance { id }');
      customer.deployed.set(name, refusal === null);
      return refusal;
    }
    await changeAtStripe(plane, customer, deed, random);
    return null;
  } catch {
    return 'no answer';
  }
}

/** As from the dashboard: billing hears of it by webhook only. */
async function changeAtStripe(plane: ChaosPlane, { stripeCustomerId }: ChaosCustomer, deed: 'endsAtStripe' | 'planAtStripe', random: Random): Promise<void> {
  const stripe = stripeOf(plane);
  const { data } = await stripe.subscriptions.list({ customer: stripeCustomerId, limit: 1 });
  const [subscription] = data;
  if (subscription === undefined) return;
  if (deed === 'endsAtStripe') {
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: !subscription.cancel_at_period_end });
    return;
  }
  const item = subscription.items.data.find(({ price }) => (price.lookup_key ?? '').endsWith('_monthly'));
  const { data: prices } = await stripe.prices.list({ lookup_keys: [`${random.pick(PLANS).toLowerCase()}_monthly`], limit: 1 });
  const price = prices[0];
  if (item !== undefined && price !== undefined && price.id !== item.price.id) await stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, price: price.id }], proration_behavior: 'none' });
}
