import type { BootedPlane } from '@iotistic/testkit/boot';
import type Stripe from 'stripe';
import type { LivingCustomer } from './living-customer.ts';
import { moneyDisagreements } from './money-agreement.ts';

const DAY_MS = 86_400_000;
const ENDED = new Set(['canceled', 'incomplete_expired']);
/** A window of 7 days, and 30 after it. */
const LONGEST_LEASE_DAYS = 37;
const LICENSE_ENDS_DAYS = 21;

export interface AccountView {
  customerOf: ReadonlyMap<string, Stripe.Customer>;
  stripe: Stripe;
}

/** All of Stripe's customers by ours. Two of one customer are a fault of their own. */
export async function readAccount(stripe: Stripe): Promise<AccountView & { doubled: string[] }> {
  const customerOf = new Map<string, Stripe.Customer>();
  const doubled: string[] = [];
  for await (const customer of stripe.customers.list({ limit: 100 })) {
    const id = customer.metadata['customer_id'];
    if (id === undefined) continue;
    if (customerOf.has(id)) doubled.push(id);
    customerOf.set(id, customer);
  }
  return { customerOf, stripe, doubled };
}

/** Where Stripe, the subscription and the license of this life do not say the same; nothing when they do. Reads each by its own door and decides by plain rules, none of which the plane's code shares. */
export async function disagreements(booted: BootedPlane, living: LivingCustomer, account: AccountView): Promise<string[]> {
  const { customer } = living;
  if (customer === null) return [];
  const found: string[] = [];
  const same = (what: string, ours: unknown, theirs: unknown): void => {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) found.push(`${what}: ours ${JSON.stringify(ours)}, Stripe's ${JSON.stringify(theirs)}`);
  };
  const now = booted.plane.clock.now().getTime();
  const subscription = await customer.subscription();
  const stripeCustomer = account.customerOf.get(customer.id);
  const all = stripeCustomer === undefined ? [] : await account.stripe.subscriptions.list({ customer: stripeCustomer.id, status: 'all', limit: 100 }).then((list) => list.data);
  const live = all.filter(({ status }) => !ENDED.has(status));
  if (live.length > 1) found.push(`${live.length} subscriptions live at Stripe at once`);
  const [current] = live;
  if (current !== undefined && current.status !== 'incomplete') {
    same('status', subscription.status, current.status.toUpperCase());
    same('plan', subscription.plan.key, planOf(current));
    same('scheduled end', subscription.cancelAtPeriodEnd, current.cancel_at !== null || current.cancel_at_period_end);
    // What is paid for ends with the base price's period, whatever the meters' is.
    const paid = current.items.data.filter(({ price }) => price.recurring?.usage_type !== 'metered');
    const end = Math.min(...(paid.length === 0 ? current.items.data : paid).map((item) => item.current_period_end));
    if (current.status === 'active' || current.status === 'trialing') same('period end', Date.parse(subscription.currentPeriodEndsAt ?? ''), end * 1000);
    else if (Date.parse(subscription.currentPeriodEndsAt ?? '') > now) found.push(`a ${current.status} subscription still has time until ${String(subscription.currentPeriodEndsAt)}`);
  } else if (all.some(({ status }) => status === 'canceled')) {
    same('status', subscription.status, 'CANCELED');
    if (Date.parse(subscription.currentPeriodEndsAt ?? '') > now) found.push('a canceled subscription still has time');
  } else if (!['TRIALING', 'PAUSED', 'CANCELED', 'INCOMPLETE', 'INCOMPLETE_EXPIRED'].includes(subscription.status)) {
    found.push(`${subscription.status} without anything at Stripe`);
  }
  found.push(...(await licenseDisagreements(living, subscription, now)));
  if (stripeCustomer !== undefined) found.push(...(await moneyDisagreements(booted, living, account.stripe, stripeCustomer.id)));
  return found;
}

function planOf(subscription: Stripe.Subscription): string | undefined {
  return subscription.items.data.map(({ price }) => (price.recurring?.usage_type === 'metered' ? undefined : price.metadata['plan'])).find((plan) => plan !== undefined);
}

async function licenseDisagreements(living: LivingCustomer, subscription: { plan: { key: string }; status: string; cancelAtPeriodEnd: boolean; currentPeriodEndsAt: string | null }, now: number): Promise<string[]> {
  const found: string[] = [];
  const license = await living.customer?.license();
  const end = subscription.currentPeriodEndsAt === null ? Infinity : Date.parse(subscription.currentPeriodEndsAt);
  const isOver = end < now - LICENSE_ENDS_DAYS * DAY_MS;
  if (license === null || license === undefined) return isOver || living.isDeactivated ? [] : [`no license, and the period ends ${String(subscription.currentPeriodEndsAt)}`];
  // What was in force when the account was closed is revoked, and says so; nothing follows it.
  if (license.status === 'REVOKED') return living.isDeactivated ? [] : ['the license is revoked'];
  const claims = license.claims as unknown as { plan: string; subscription: { status: string }; exp: number; degradation: { unlicensedFrom: string } };
  if (claims.plan !== subscription.plan.key.toLowerCase()) found.push(`the license says plan ${claims.plan}, the subscription ${subscription.plan.key}`);
  if (claims.subscription.status !== subscription.status.toLowerCase()) found.push(`the license says ${claims.subscription.status}, the subscription ${subscription.status}`);
  const goesOn = subscription.status === 'ACTIVE' && !subscription.cancelAtPeriodEnd;
  const bound = goesOn ? now + LONGEST_LEASE_DAYS * DAY_MS : end;
  if (claims.exp * 1000 > bound + 1000) found.push(`the license lasts until ${new Date(claims.exp * 1000).toISOString()}, and until ${new Date(bound).toISOString()} at most`);
  const isLive = subscription.status === 'ACTIVE' || subscription.status === 'TRIALING';
  if (isLive && claims.exp * 1000 < now) found.push(`${subscription.status}, and the license ran out on ${new Date(claims.exp * 1000).toISOString()}`);
  if (isOver && Date.parse(claims.degradation.unlicensedFrom) > now) found.push('the period is long over and the calendar is not');
  return found;
}
