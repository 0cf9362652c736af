import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestShop, type TestShop } from '../billing/test-shop.ts';

let shop: TestShop<Stripe>;
let portal: Stripe.BillingPortal.Session;
let subscription: Stripe.Subscription;

beforeEach(async () => {
  shop = await openTestShop(Stripe);
  const { stripe, customer } = shop;
  await stripe.billingPortal.configurations.create({ features: { payment_method_update: { enabled: true } } });
  subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: (await shop.monthly(1_000)).id }] });
  portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: 'http://shop.test/back' });
});
afterEach(async () => {
  await shop.account.stop();
  expect(shop.account.logged).toEqual([]);
});

const submit = (url: string, fields: Record<string, string> = {}): Promise<Response> => fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const read = (): Promise<Stripe.Subscription> => shop.stripe.subscriptions.retrieve(subscription.id);

describe('the portal', () => {
  it('shows the subscription, its card and its invoices, and the way back', async () => {
    const page = await (await fetch(portal.url)).text();
    for (const shown of ['visa ending in 4242', `/i/${subscription.latest_invoice as string}`, 'http://shop.test/back', '$10.00']) expect(page).toContain(shown);
    expect(page).not.toContain('<script');
  });

  it('cancels at the end of the period, and takes that back', async () => {
    expect((await submit(portal.url, { action: 'cancel', subscription: subscription.id })).status).toBe(303);
    expect(await read()).toMatchObject({ status: 'active', cancel_at: subscription.items.data[0]?.current_period_end });
    await submit(portal.url, { action: 'resume', subscription: subscription.id });
    expect(await read()).toMatchObject({ cancel_at: null, canceled_at: null });
  });

  it('has no power over what another customer has', async () => {
    const other = await shop.buyer();
    const theirs = await shop.stripe.subscriptions.create({ customer: other.id, items: [{ price: subscription.items.data[0]?.price.id ?? '' }] });
    expect((await submit(portal.url, { action: 'cancel', subscription: theirs.id })).status).toBe(402);
    expect((await shop.stripe.subscriptions.retrieve(theirs.id)).cancel_at).toBeNull();
    expect((await fetch(`${portal.url}x`)).status).toBe(404);
  });

  it('changes the card, with which the invoice page then pays what is owed', async () => {
    expect((await submit(portal.url, { action: 'card', card: '4000000000000002' })).status).toBe(402);
    await submit(portal.url, { action: 'card', card: '4000000000000341' });
    await shop.days(29);
    expect((await read()).status).toBe('past_due');
    await submit(portal.url, { action: 'card', card: '4242424242424242' });
    const [owed] = (await shop.stripe.invoices.list({ subscription: subscription.id, status: 'open' })).data;
    expect((await submit(owed?.hosted_invoice_url ?? '')).status).toBe(303);
    expect((await read()).status).toBe('active');
  });
});

describe('an invoice', () => {
  it('is a page and a PDF', async () => {
    const invoice = await shop.stripe.invoices.retrieve(subscription.latest_invoice as string);
    expect(await (await fetch(invoice.hosted_invoice_url ?? '')).text()).toContain('$10.00');
    const pdf = await fetch(invoice.invoice_pdf ?? '');
    expect([pdf.headers.get('content-type'), (await pdf.text()).slice(0, 5)]).toEqual(['application/pdf', '%PDF-']);
  });
});
