import { askSimulator, type DemoClient, DemoRefusal, send } from './demo-client.ts';
import type { DemoCustomer, DemoDeed } from './demo-fleet.ts';
import { deploy, remove } from './demo-deployments.ts';
import { accountOf } from './demo-file.ts';
import { DEMO_OPERATIONS } from './demo-operations.ts';
import { type DemoStage, until } from './demo-stage.ts';

export interface SubscriptionNow {
  plan: { key: string };
  status: string;
  currentPeriodEndsAt: string | null;
}

const GOOD_CARD = '4242424242424242';
const KEY_NAME = 'demo agents';

/** Signs a customer up, or finds it where an earlier start did; it has an API key afterwards. */
export async function enter(stage: DemoStage, customer: DemoCustomer): Promise<void> {
  const account = accountOf(stage.state, customer.key);
  if (account.apiKey !== undefined) return;
  const { customerId, user } = await signUpOrLogIn(stage, customer);
  account.customerId = customerId;
  stage.save();
  for (const { name } of customer.instances) await deploy(stage, customer.key, name);
  // A key whose secret was never written down, because the process died there, is of no use to anybody.
  const { customer: found } = await user.ask<{ customer: { apiKeys: { id: string; name: string; revokedAt: string | null }[] } }>(DEMO_OPERATIONS.apiKeys, { id: customerId });
  for (const { id } of found.apiKeys.filter(({ name, revokedAt }) => name === KEY_NAME && revokedAt === null)) await user.ask(DEMO_OPERATIONS.revokeApiKey, { input: { id } });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>(DEMO_OPERATIONS.createApiKey, { input: { customerId, name: KEY_NAME } });
  account.apiKey = createApiKey.secret;
  stage.save();
}

async function signUpOrLogIn(stage: DemoStage, { key, companyName, fullName }: DemoCustomer): Promise<{ customerId: string; user: DemoClient }> {
  const { email, password } = accountOf(stage.state, key);
  try {
    const { signUp } = await stage.anyone.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(DEMO_OPERATIONS.signUp, { input: { email, password, companyName, fullName } });
    return { customerId: signUp.customer.id, user: stage.anyone.as({ authorization: `Bearer ${signUp.session.token}` }) };
  } catch (error) {
    if (!(error instanceof DemoRefusal) || error.reason !== 'EMAIL_TAKEN') throw error;
    return logIn(stage, key);
  }
}

/** As the customer's own user: a session of the first day would have ended by now. */
export async function logIn(stage: DemoStage, key: string): Promise<{ customerId: string; user: DemoClient }> {
  const { email, password } = accountOf(stage.state, key);
  const { logIn: opened } = await stage.anyone.ask<{ logIn: { customer: { id: string }; session: { token: string } } }>(DEMO_OPERATIONS.logIn, { input: { email, password } });
  return { customerId: opened.customer.id, user: stage.anyone.as({ authorization: `Bearer ${opened.session.token}` }) };
}

/** Does what the customer does on that day. What is done already, by an earlier start that was ended here, is not done again. */
export async function doDeed(stage: DemoStage, customer: DemoCustomer, deed: DemoDeed): Promise<void> {
  switch (deed.kind) {
    case 'buys':
      return buy(stage, customer, deed.plan);
    case 'changesCard':
      return changeCard(stage, customer, deed.card);
    case 'cancels':
      return cancel(stage, customer, deed.reason);
    case 'deploys':
      return deploy(stage, customer.key, deed.instance);
    case 'removes':
      return remove(stage, customer.key, deed.instance);
    default:
      return signContract(stage, customer, deed);
  }
}

async function buy(stage: DemoStage, { key }: DemoCustomer, plan: string): Promise<void> {
  const { customerId, user } = await logIn(stage, key);
  const hasIt = async (): Promise<boolean> => (await readSubscription(stage, customerId)).plan.key === plan;
  if (await hasIt()) return;
  const { createCheckoutSession } = await user.ask<{ createCheckoutSession: { sessionId: string } }>(DEMO_OPERATIONS.openCheckout, { input: { customerId, plan, successUrl: `${stage.url}/`, cancelUrl: `${stage.url}/` } });
  await askSimulator(stage.stripeUrl, `/_sim/checkout/${createCheckoutSession.sessionId}/complete`, { card: GOOD_CARD }, stage.signal);
  await until(stage, hasIt, `${key} did not get the plan ${plan} that it paid for`);
}

async function changeCard(stage: DemoStage, { key }: DemoCustomer, card: string): Promise<void> {
  const { customerId, user } = await logIn(stage, key);
  const { createPortalSession } = await user.ask<{ createPortalSession: { url: string } }>(DEMO_OPERATIONS.openPortal, { input: { customerId, returnUrl: `${stage.url}/` } });
  await send(createPortalSession.url, { redirect: 'manual', body: new URLSearchParams({ action: 'card', card }) }, stage.signal);
}

async function cancel(stage: DemoStage, { key }: DemoCustomer, reason: string): Promise<void> {
  const { customerId, user } = await logIn(stage, key);
  if ((await readSubscription(stage, customerId)).status === 'CANCELED') return;
  await user.ask(DEMO_OPERATIONS.cancel, { input: { customerId, atPeriodEnd: false, reason } });
}

/** Enterprise is by contract: the operator enters it. */
async function signContract(stage: DemoStage, { key }: DemoCustomer, { maxDevices, reason }: { maxDevices: number; reason: string }): Promise<void> {
  const customerId = accountOf(stage.state, key).customerId ?? '';
  if ((await readSubscription(stage, customerId)).plan.key === 'ENTERPRISE') return;
  await stage.operator.ask(DEMO_OPERATIONS.changePlan, { input: { customerId, plan: 'ENTERPRISE' } });
  await stage.operator.ask(DEMO_OPERATIONS.override, { input: { customerId, limits: [{ key: 'maxDevices', value: maxDevices }], reason } });
}

export async function readSubscription(stage: DemoStage, customerId: string): Promise<SubscriptionNow> {
  const { customer } = await stage.operator.ask<{ customer: { subscription: SubscriptionNow } }>(DEMO_OPERATIONS.subscription, { id: customerId });
  return customer.subscription;
}
