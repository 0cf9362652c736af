/** Money, from the price list to the last invoice: over HTTP, with the simulator that `npm start` brings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { waitFor as until } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PayingCustomer, reasonOf } from './paying-customer.ts';
const DAY_MS = 86_400_000;
let booted: BootedPlane;

beforeAll(async () => {
  booted = await bootPlane();
});
afterAll(() => booted.stop());

const pass = (days: number): Promise<unknown> => booted.simulate('/_sim/time', { days });

/** A customer whose trial is used up, so that a checkout is charged at once. */
async function customerAfterTrial(email: string): Promise<PayingCustomer> {
  const customer = await PayingCustomer.signUp(booted, email);
  await pass(15);
  return customer;
}

function mailsTo(address: string): string[] {
  const folder = join(booted.plane.dataDir, 'mail');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .filter((mail) => mail.includes(`To: ${address}`));
}

describe('checkout', () => {
  it('on the hosted page, as a browser without script or curl would: trial days carry over, and the license follows live', async () => {
    const customer = await PayingCustomer.signUp(booted, 'page@example.com');
    const before = await customer.subscription();
    const subscriptions = customer.user.live<{ subscriptionChanged: { status: string; plan: { key: string } } }>('subscription ($id: ID!) { subscriptionChanged(customerId: $id) { status plan { key } } }', { id: customer.id });
    const licenses = customer.user.live<{ licenseChanged: { claims: { plan: string } } }>('subscription ($id: ID!) { licenseChanged(customerId: $id) { claims } }', { id: customer.id });
    await Promise.all([subscriptions.opened, licenses.opened]);
    const { sessionId, url } = await customer.openCheckout('PROFESSIONAL');
    const page = await fetch(url);
    const html = await page.text();
    expect([page.status, html]).toEqual([200, expect.stringContaining('Professional')]);
    expect(html).not.toContain('<script');
    const paid = await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card: '4242424242424242' }) });
    expect([paid.status, paid.headers.get('location')]).toEqual([303, `${booted.plane.url}/?paid=${sessionId}`]);
    await until(async () => {
      expect(subscriptions.received.at(-1)?.data).toEqual({ subscriptionChanged: { status: 'TRIALING', plan: { key: 'PROFESSIONAL' } } });
      expect(licenses.received.at(-1)?.data?.licenseChanged.claims.plan).toBe('professional');
      await Promise.resolve();
    });
    const after = await customer.subscription();
    expect(Math.abs(Date.parse(after.trialEndsAt ?? '') - Date.parse(before.trialEndsAt ?? ''))).toBeLessThan(2_000);
    await Promise.all([subscriptions.stop(), licenses.stop()]);
    await pass(14);
    await until(async () => expect(await customer.subscription()).toMatchObject({ status: 'ACTIVE', plan: { key: 'PROFESSIONAL' } }));
  });

  it('after the trial is ACTIVE and licensed soon after the payment', async () => {
    const customer = await customerAfterTrial('after@example.com');
    await until(async () => expect((await customer.subscription()).status).toBe('PAUSED'));
    await customer.checkOut('STARTER');
    await until(async () => {
      expect(await customer.subscription()).toMatchObject({ status: 'ACTIVE', plan: { key: 'STARTER' } });
      expect((await customer.license())?.claims).toMatchObject({ plan: 'starter', subscription: { status: 'active' } });
    });
    await until(async () => expect(await customer.invoices()).toMatchObject([{ status: 'PAID', total: { amount: 2_900, currency: 'USD' }, hostedUrl: expect.stringMatching(/^http/) as string, pdfUrl: expect.stringMatching(/^http/) as string }]));
    const [invoice] = await customer.invoices();
    for (const url of [invoice?.hostedUrl, invoice?.pdfUrl]) expect((await fetch(url ?? '')).status).toBe(200);
  });

  it('is refused for its own reasons', async () => {
    const customer = await customerAfterTrial('reasons@example.com');
    const other = await PayingCustomer.signUp(booted, 'other@example.com');
    expect(reasonOf(await customer.sendCheckout('TRIAL'))).toBe('PLAN_NOT_SOLD');
    expect(reasonOf(await customer.sendCheckout('ENTERPRISE'))).toBe('PLAN_NOT_SOLD');
    expect(reasonOf(await customer.sendCheckout('GOLD'))).toBe('INVALID_VARIABLES');
    for (const successUrl of ['javascript:alert(1)', 'http:evil.example', 'https:/\\evil.example', `${booted.plane.url}/\r\nlocation: https://evil.example`]) expect(reasonOf(await customer.sendCheckout('STARTER', { successUrl }))).toBe('INVALID_URL');
    expect(reasonOf(await customer.sendCheckout('STARTER', { cancelUrl: 'https://evil.example/' }))).toBe('URL_NOT_ALLOWED');
    expect(reasonOf(await customer.sendCheckout('STARTER', { promotionCode: 'NOPE' }))).toBe('PROMOTION_CODE_NOT_FOUND');
    expect(reasonOf(await customer.sendCheckout('STARTER', { customerId: other.id }))).toBe('CUSTOMER_NOT_FOUND');
    expect(reasonOf(await customer.change('changePlan', { plan: 'STARTER' }))).toBe('CHECKOUT_REQUIRED');
    await customer.checkOut('STARTER');
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    expect(reasonOf(await customer.sendCheckout('STARTER'))).toBe('ALREADY_ON_PLAN');
    expect(reasonOf(await customer.sendCheckout('PROFESSIONAL'))).toBe('SUBSCRIPTION_EXISTS');
    expect(reasonOf(await customer.change('changePlan', { plan: 'STARTER' }))).toBe('ALREADY_ON_PLAN');
    expect(reasonOf(await customer.change('resumeSubscription'))).toBe('NOT_ENDING');
    expect(reasonOf(await customer.change('startTrial'))).toBe('SUBSCRIPTION_EXISTS');
    await booted.admin.ask('mutation ($input: DeactivateCustomerInput!) { deactivateCustomer(input: $input) { customer { id } } }', { input: { id: other.id, reason: 'asked to' } });
    await until(async () => expect(reasonOf(await booted.admin.send('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }', { input: other.checkoutInput('STARTER') }))).toBe('CUSTOMER_DEACTIVATED'));
  });
});

describe('a paid subscription', () => {
  it('is billed for what was used, to the cent, and the preview said so before', async () => {
    const customer = await customerAfterTrial('usage@example.com');
    await customer.checkOut('STARTER');
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    const previews = customer.user.live<{ upcomingInvoiceChanged: { total: { amount: number } } }>('subscription ($id: ID!) { upcomingInvoiceChanged(customerId: $id) { total { amount } } }', { id: customer.id });
    await previews.opened;
    await pass(1);
    await customer.report({ activeDevices: 8 });
    await until(() => Promise.resolve(expect(previews.received.at(-1)?.data?.upcomingInvoiceChanged.total.amount).toBe(4_400)));
    await previews.stop();
    expect(await customer.upcomingInvoice()).toMatchObject({ source: 'STRIPE', total: { amount: 4_400 }, computedTotal: { amount: 4_400 } });
    const { customer: compared } = await booted.admin.ask<{ customer: { planComparison: { plan: { key: string }; total: { amount: number }; difference: { amount: number } }[] } }>('query ($id: ID!) { customer(id: $id) { planComparison { plan { key } total { amount } difference { amount } } } }', { id: customer.id });
    expect(compared.planComparison).toEqual([
      { plan: { key: 'STARTER' }, total: { amount: 4_400 }, difference: { amount: 0 } },
      { plan: { key: 'PROFESSIONAL' }, total: { amount: 9_900 }, difference: { amount: 5_500 } },
      { plan: { key: 'ENTERPRISE' }, total: { amount: 29_900 }, difference: { amount: 25_500 } },
    ]);
    await pass(31);
    await until(async () => expect((await customer.invoices())[0]).toMatchObject({ status: 'PAID', total: { amount: 4_400 } }));
    expect((await customer.invoices())[0]?.lines.filter(({ meter }) => meter === 'DEVICES').reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(1_500);
    const { billingOverview } = await booted.admin.ask<{ billingOverview: { mrr: { amount: number }; pricingDifferences: number } }>('{ billingOverview { mrr { amount } pricingDifferences byStatus { status customers } webhooks { received failed } } }');
    expect(billingOverview.mrr.amount).toBeGreaterThanOrEqual(2_900);
    expect(billingOverview.pricingDifferences).toBe(0);
  });

  it('goes up and down with proration, is canceled with its period, resumed, and canceled at once with what was used', async () => {
    const customer = await customerAfterTrial('changes@example.com');
    await customer.checkOut('STARTER');
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    await pass(10);
    await customer.report({ activeDevices: 7 });
    expect((await customer.change('changePlan', { plan: 'PROFESSIONAL' })).subscription).toMatchObject({ status: 'ACTIVE', plan: { key: 'PROFESSIONAL' } });
    await until(async () => expect((await customer.license())?.claims.plan).toBe('professional'));
    await until(async () => {
      const [upgrade] = await customer.invoices();
      expect(upgrade?.status).toBe('PAID');
      // A new period's base price, less the unused part of the old one, and two devices beyond the five.
      expect(upgrade?.total.amount).toBeGreaterThan(9_900 - 2_900);
      expect(upgrade?.total.amount).toBeLessThan(9_900 + 1_000);
      expect(upgrade?.lines.filter(({ meter }) => meter === 'DEVICES').reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(1_000);
    });
    await pass(5);
    expect((await customer.change('changePlan', { plan: 'STARTER' })).subscription).toMatchObject({ plan: { key: 'STARTER' } });
    await until(async () => expect((await customer.invoices())[0]?.total.amount).toBeLessThan(0));
    expect((await customer.change('cancelSubscription', { reason: 'too quiet' })).subscription).toMatchObject({ status: 'ACTIVE', cancelAtPeriodEnd: true });
    expect(reasonOf(await customer.change('changePlan', { plan: 'PROFESSIONAL' }))).toBe('SUBSCRIPTION_ENDING');
    expect((await customer.change('resumeSubscription')).subscription).toMatchObject({ status: 'ACTIVE', cancelAtPeriodEnd: false });
    await pass(2);
    await customer.report({ activeDevices: 9 });
    const invoicesBefore = (await customer.invoices()).length;
    expect((await customer.change('cancelSubscription', { atPeriodEnd: false })).subscription).toMatchObject({ status: 'CANCELED' });
    await until(async () => {
      const invoices = await customer.invoices();
      expect(invoices).toHaveLength(invoicesBefore + 1);
      expect(invoices[0]?.lines.filter(({ meter }) => meter === 'DEVICES').reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(2_000);
    });
    expect(reasonOf(await customer.change('startTrial'))).toBe('TRIAL_ALREADY_USED');
    const end = Date.parse((await customer.subscription()).currentPeriodEndsAt ?? '');
    await until(async () => expect(Date.parse((await customer.license())?.claims.degradation.unlicensedFrom ?? '')).toBeGreaterThanOrEqual(end + 20 * DAY_MS));
  });

  it('whose payment fails is past due with a mail and its grace, and recovers with another card', async () => {
    const customer = await customerAfterTrial('fails@example.com');
    await customer.checkOut('STARTER', '4000000000000341', {}).catch(() => undefined);
    // The first charge fails at once with that card: nothing is bought.
    expect((await customer.subscription()).plan.key).toBe('TRIAL');
    await customer.checkOut('STARTER');
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    const portal = await customer.user.ask<{ createPortalSession: { url: string } }>('mutation ($input: CreatePortalSessionInput!) { createPortalSession(input: $input) { url } }', { input: { customerId: customer.id, returnUrl: booted.plane.url } });
    const setCard = async (card: string): Promise<void> => void (await fetch(portal.createPortalSession.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ action: 'card', card }) }));
    await setCard('4000000000000341');
    await pass(32);
    await until(async () => expect((await customer.subscription()).status).toBe('PAST_DUE'));
    await until(() => Promise.resolve(expect(mailsTo('fails@example.com').filter((mail) => /^Subject: .*payment/im.test(mail))).toHaveLength(1)));
    const license = await customer.license();
    expect(license?.claims.subscription).toMatchObject({ status: 'past_due' });
    expect(Date.parse(license?.claims.degradation.graceUntil ?? '')).toBeGreaterThan(booted.plane.clock.now().getTime());
    await setCard('4242424242424242');
    await pass(7);
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    await until(async () => expect((await customer.license())?.claims.subscription).toMatchObject({ status: 'active' }));
  });
});

describe('a trial', () => {
  it('that nobody pays for is announced 7, 3 and 1 days before, ends, and its license runs down its calendar', async () => {
    const customer = await PayingCustomer.signUp(booted, 'quiet@example.com');
    await pass(15);
    await until(async () => expect((await customer.subscription()).status).toBe('PAUSED'));
    await until(() => Promise.resolve(expect(mailsTo('quiet@example.com')).toHaveLength(4)));
    const { customer: found } = await booted.admin.ask<{ customer: { license: { token: string } } }>('query ($id: ID!) { customer(id: $id) { license { token } } }', { id: customer.id });
    await pass(22);
    expect(await customer.license()).toBeNull();
    expect(await booted.client.ask('query ($token: String!) { verifyLicense(token: $token) { state } }', { token: found.license.token })).toEqual({ verifyLicense: { state: 'EXPIRED' } });
    expect((await customer.change('startTrial', { plan: 'PROFESSIONAL', days: 30 })).subscription).toMatchObject({ status: 'TRIALING', plan: { key: 'PROFESSIONAL' } });
    await until(async () => expect((await customer.license())?.claims).toMatchObject({ plan: 'professional' }));
  });
});

describe('the operator', () => {
  it('grants beyond the plan, sees the webhooks, replays one, and finds who did what', async () => {
    const customer = await customerAfterTrial('contract@example.com');
    await customer.checkOut('STARTER');
    await until(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
    await customer.change('overrideEntitlements', { features: [{ key: 'hasOtaUpdates', enabled: true }], limits: [{ key: 'maxDevices', value: 500 }], reason: 'contract 17' });
    await until(async () => expect((await customer.license())?.claims).toMatchObject({ features: { maxDevices: 500, hasOtaUpdates: true } }));
    expect(reasonOf(await customer.change('overrideEntitlements', { features: [{ key: 'canFly', enabled: true }], reason: 'x' }))).toBe('UNKNOWN_FEATURE');
    const { webhookEvents } = await booted.admin.ask<{ webhookEvents: { edges: { node: { id: string; type: string; status: string; attempts: number } }[] } }>('{ webhookEvents(first: 100, status: HANDLED) { edges { node { id type status attempts } } } }');
    const event = webhookEvents.edges.find(({ node }) => node.type === 'customer.subscription.created')?.node;
    expect(event?.status).toBe('HANDLED');
    const { version } = await customer.subscription();
    expect(await booted.admin.ask('mutation ($input: ReplayWebhookEventInput!) { replayWebhookEvent(input: $input) { webhookEvent { id } } }', { input: { id: event?.id } })).toMatchObject({ replayWebhookEvent: { webhookEvent: { id: event?.id } } });
    await until(async () => expect((await booted.admin.ask<{ webhookEvents: { edges: { node: { id: string; attempts: number } }[] } }>('{ webhookEvents(first: 100, status: HANDLED) { edges { node { id attempts } } } }')).webhookEvents.edges.find(({ node }) => node.id === event?.id)?.node.attempts).toBeGreaterThan(event?.attempts ?? 0));
    expect((await customer.subscription()).version).toBe(version);
    await until(async () => {
      const { customer: audited } = await booted.admin.ask<{ customer: { auditLog: { edges: { node: { action: string; actor: string } }[] } } }>('query ($id: ID!) { customer(id: $id) { auditLog(first: 50) { edges { node { action actor } } } } }', { id: customer.id });
      expect(audited.auditLog.edges.map(({ node }) => node.action)).toEqual(expect.arrayContaining(['createCheckoutSession', 'overrideEntitlements']));
    });
    expect(reasonOf(await customer.user.send('{ webhookEvents { edges { node { id } } } }'))).toBe('ADMIN_ONLY');
    expect(reasonOf(await customer.user.send('{ billingOverview { mrr { amount } } }'))).toBe('ADMIN_ONLY');
  });
});

describe('the webhook door', () => {
  it.each(['/api/webhooks/stripe', '/webhooks/stripe'])('%s refuses what is not signed, with a reason, and stores nothing', async (path) => {
    const body = JSON.stringify({ id: 'evt_forged', object: 'event', type: 'customer.subscription.updated', data: { object: {} } });
    const send = (headers: Record<string, string>): Promise<Response> => fetch(`${booted.plane.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
    for (const [headers, reason] of [[{}, 'SIGNATURE_MISSING'], [{ 'stripe-signature': 't=1,v1=00' }, 'SIGNATURE_INVALID'], [{ 'stripe-signature': `t=${Math.floor(booted.plane.clock.now().getTime() / 1000)},v1=${'0'.repeat(64)}` }, 'SIGNATURE_INVALID']] as const) {
      const answer = await send(headers);
      expect([answer.status, ((await answer.json()) as { errors: { extensions: { reason: string } }[] }).errors[0]?.extensions.reason]).toEqual([400, reason]);
    }
    const { webhookEvents } = await booted.admin.ask<{ webhookEvents: { edges: { node: { id: string } }[] } }>('{ webhookEvents(first: 100) { edges { node { id } } } }');
    expect(webhookEvents.edges.some(({ node }) => node.id === 'evt_forged')).toBe(false);
  });
});
