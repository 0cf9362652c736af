/** Each live operation, seen at two gateways whose subgraphs are other processes: the newest always arrives, also after the live bus was cut. */
import type { GraphqlClient, LiveOperation } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from './built.ts';
import { type ReportingCustomer, signUpReporting } from './live-reader.ts';
import { reportOf } from './documents.ts';
import { ReplicatedPlane } from './replicated-plane.ts';

const PATIENT = { timeout: 120_000, interval: 200 };
const WATCHES = {
  subscriptionChanged: 'plan { key } version',
  licenseChanged: 'id claims',
  upcomingInvoiceChanged: 'total { amount } lines { quantity }',
  deploymentProgressed: 'id status progress',
  usageAlertRaised: 'meter threshold kind',
} as const;
type WatchName = keyof typeof WATCHES;
type Received = LiveOperation<Record<string, Record<string, unknown>>>;

let plane: ReplicatedPlane;
let customer: ReportingCustomer;
/** By gateway, then by name. */
const watches: Record<WatchName, Received>[] = [];

const newest = (watch: Received): Record<string, unknown> | undefined => Object.values(watch.received.at(-1)?.data ?? {})[0];
/** At both gateways. */
const arrives = (name: WatchName, expected: Record<string, unknown>): Promise<void> => waitFor(() => expect(watches.map((each) => newest(each[name]))).toMatchObject([expected, expected]), PATIENT);
/** Of an hour that ends now: one that ended before the checkout would belong to the period before it. */
const report = (numbers: Record<string, number>): Promise<unknown> => customer.instance.ask('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', { input: { instance: 'prod', reports: [reportOf({ minutesAgo: 0, ...numbers })] } });

async function buy(plan: string): Promise<void> {
  const { createCheckoutSession } = await customer.user.ask<{ createCheckoutSession: { url: string } }>('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }', { input: { customerId: customer.id, plan, successUrl: 'http://127.0.0.1:3100/', cancelUrl: 'http://127.0.0.1:3100/' } });
  expect((await fetch(createCheckoutSession.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card: '4242424242424242' }) })).status).toBe(303);
}

beforeAll(async () => {
  await build();
  plane = await ReplicatedPlane.start(['billing', 'licensing', 'customers', 'usage']);
  const email = 'ada@example.com';
  customer = await signUpReporting(plane.client('gateway'), email);
  for (const name of ['gateway', 'gateway-1'] as const) {
    const { logIn } = await plane.client(name).ask<{ logIn: { session: { token: string } } }>('mutation ($email: String!) { logIn(input: { email: $email, password: "correct horse" }) { session { token } } }', { email });
    const client: GraphqlClient = plane.client(name).as({ bearer: logIn.session.token });
    const open = Object.entries(WATCHES).map(([field, fields]) => [field, client.live(`subscription ($id: ID!) { ${field}(customerId: $id) { ${fields} } }`, { id: customer.id })] as const);
    await Promise.all(open.map(([, watch]) => watch.opened));
    watches.push(Object.fromEntries(open) as Record<WatchName, Received>);
  }
  for (const name of ['gateway', 'gateway-1'] as const) await waitFor(async () => expect(await plane.metrics(name)).toContain(`iotistic_gateway_live_subscriptions ${Object.keys(WATCHES).length}\n`), PATIENT);
}, 600_000);
afterAll(async () => {
  await Promise.all(watches.flatMap((each) => Object.values(each).map((watch) => watch.stop())));
  await plane?.stop();
});

describe('at two gateways', () => {
  it('a checkout arrives as a subscription and as a license', async () => {
    await buy('STARTER');
    await arrives('subscriptionChanged', { plan: { key: 'STARTER' } });
    await arrives('licenseChanged', { claims: { plan: 'starter' } });
    expect(newest(watches[0]?.licenseChanged as Received)).toEqual(newest(watches[1]?.licenseChanged as Received));
  }, 300_000);

  it('the same checkout arrives as what the period will cost, and usage as alerts of what is included', async () => {
    await arrives('upcomingInvoiceChanged', { lines: [expect.objectContaining({ quantity: 1 })] });
    for (let index = 1; index <= 3; index += 1) await report({ activeDevices: 9, mqttMessagesPublished: 5_000_000_000 });
    await waitFor(() => expect(watches.map((each) => each.usageAlertRaised.received.length)).toSatisfy(([first = 0, second = 0]: number[]) => first > 0 && first === second), PATIENT);
    expect(newest(watches[0]?.upcomingInvoiceChanged as Received)).toEqual(newest(watches[1]?.upcomingInvoiceChanged as Received));
  }, 300_000);

  it('a deployment arrives with its end', async () => {
    await customer.user.ask('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id } } }', { input: { customerId: customer.id, name: 'played', deploy: true } });
    await arrives('deploymentProgressed', { status: 'SUCCEEDED', progress: 100 });
    expect(newest(watches[0]?.deploymentProgressed as Received)).toEqual(newest(watches[1]?.deploymentProgressed as Received));
  }, 300_000);

  it('what happens while the live bus is cut arrives all the same: the newest of what is true, and each of what happened', async () => {
    const alerts = watches.map((each) => each.usageAlertRaised.received.length);
    expect(await plane.cutLiveBus()).toBeGreaterThan(0);
    await Promise.all([
      report({ activeDevices: 3, mqttMessagesPublished: 7, httpBytesSent: 900_000_000_000_000 }),
      customer.user.ask('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id } } }', { input: { customerId: customer.id, name: 'cut', deploy: true } }),
      customer.user.ask('mutation ($input: ChangePlanInput!) { changePlan(input: $input) { subscription { plan { key } } } }', { input: { customerId: customer.id, plan: 'PROFESSIONAL' } }),
    ]);
    expect(await plane.cutLiveBus()).toBeGreaterThan(0);
    await arrives('subscriptionChanged', { plan: { key: 'PROFESSIONAL' } });
    await arrives('licenseChanged', { claims: { plan: 'professional' } });
    await arrives('deploymentProgressed', { status: 'SUCCEEDED', progress: 100 });
    await arrives('upcomingInvoiceChanged', { total: { amount: 9_900 } });
    await waitFor(() => expect(watches.map((each, index) => each.usageAlertRaised.received.length - (alerts[index] ?? 0))).toSatisfy(([first = 0, second = 0]: number[]) => first > 0 && first === second), PATIENT);
  }, 600_000);
});
