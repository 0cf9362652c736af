import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor as until } from '@iotistic/testkit/wait';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type Receiver, startReceiver, startTestAccount, type TestAccount } from '../test-account.ts';

let account: TestAccount;
let stripe: Stripe;
let receiver: Receiver;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
  receiver = await startReceiver();
  account = await startTestAccount({ dataDir: folder });
  stripe = new Stripe(account.key, account.client);
});
afterEach(async () => {
  await account.stop();
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});


async function listen(...enabled_events: string[]): Promise<Stripe.WebhookEndpoint & { secret?: string }> {
  return stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: enabled_events as never, api_version: '2026-10-28.endive' });
}

describe('an endpoint', () => {
  it('is sent the events that it named, signed with its secret at the account’s time', async () => {
    const endpoint = await listen('customer.created', 'customer.updated');
    const customer = await stripe.customers.create({ name: 'a' });
    await stripe.products.create({ name: 'p' });
    await stripe.customers.update(customer.id, { name: 'b', metadata: { k: 'v' } });
    await account.simulator.idle();
    expect(receiver.received.map(({ type }) => type)).toEqual(['customer.created', 'customer.updated']);
    const nowSeconds = account.clock.now().getTime() / 1000;
    const [, update] = receiver.received.map(({ body, headers }) => stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), endpoint.secret ?? '', 300, undefined, nowSeconds * 1000));
    expect(update).toMatchObject({ object: 'event', api_version: '2026-10-28.endive', created: nowSeconds, pending_webhooks: 1, data: { object: { name: 'b' }, previous_attributes: { name: 'a', metadata: { k: null } } } });
    expect(update?.request?.idempotency_key).toMatch(/^stripe-node-retry-/);
    expect(receiver.received[0]?.headers['stripe-signature']).toContain(`t=${nowSeconds},v1=`);
  });

  it('shows its secret once, and takes no pattern', async () => {
    const endpoint = await listen('*');
    expect(endpoint.secret).toMatch(/^whsec_\w{32}$/);
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret');
    await expect(listen('customer.*')).rejects.toMatchObject({ param: 'enabled_events[0]' });
    await expect(stripe.webhookEndpoints.create({ url: 'ftp://x', enabled_events: ['*'] })).rejects.toMatchObject({ param: 'url' });
  });

  it('that is disabled, moved or deleted is sent no more, there', async () => {
    const endpoint = await listen('*');
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await stripe.customers.create();
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: false, enabled_events: ['product.created'] });
    await stripe.customers.create();
    await stripe.products.create({ name: 'p' });
    await account.simulator.idle();
    expect(receiver.received.map(({ type }) => type)).toEqual(['product.created']);
    await stripe.webhookEndpoints.del(endpoint.id);
    await stripe.products.create({ name: 'q' });
    await account.simulator.idle();
    expect(receiver.received).toHaveLength(1);
  });

  it('may roll its secret: both sign until the overlap has passed', async () => {
    const endpoint = await listen('*');
    const { secret } = await account.simulate<{ secret: string }>('/_sim/webhooks/roll', { endpoint: endpoint.id, overlapSeconds: 3_600 });
    await stripe.customers.create();
    await account.simulator.idle();
    const { body, headers } = receiver.received[0] as Received;
    for (const one of [secret, endpoint.secret ?? '']) expect(stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), one, 1e9).type).toBe('customer.created');
    await account.simulate('/_sim/time', { seconds: 3_601 });
    await stripe.customers.create();
    await account.simulator.idle();
    expect(String(receiver.received[1]?.headers['stripe-signature']).match(/v1=/g)).toHaveLength(1);
  });
});

describe('a delivery that fails', () => {
  it('is repeated with a new signature until it is taken, and the event says so meanwhile', async () => {
    const { secret = '' } = await listen('*');
    receiver.status = 500;
    await stripe.customers.create();
    await until(() => expect(receiver.received.length).toBeGreaterThan(2));
    const [pending] = (await stripe.events.list({ delivery_success: false })).data;
    expect(pending?.pending_webhooks).toBe(1);
    expect((await stripe.events.list({ delivery_success: true })).data).toEqual([]);
    account.clock.advance(60_000);
    await until(() => expect(receiver.received.at(-1)?.headers['stripe-signature']).toContain(`t=${account.clock.now().getTime() / 1000},`));
    receiver.status = 204;
    await until(async () => expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]));
    expect((await stripe.events.retrieve(pending?.id ?? '')).pending_webhooks).toBe(0);
    const signatures = receiver.received.map(({ headers }) => String(headers['stripe-signature']));
    expect(signatures.at(-1)).not.toBe(signatures[0]);
    expect(stripe.webhooks.constructEvent(receiver.received.at(-1)?.body ?? '', signatures.at(-1) ?? '', secret, 1e9).id).toBe(pending?.id);
  });

  it('survives a restart', async () => {
    await listen('*');
    receiver.status = 503;
    await stripe.customers.create();
    await until(() => expect(receiver.received.length).toBeGreaterThan(0));
    await account.restart();
    receiver.status = 200;
    await until(async () => expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]));
  });

  it('is given up three of the account’s days later', async () => {
    await listen('customer.created');
    receiver.status = 500;
    await stripe.customers.create();
    await account.simulate('/_sim/time', { days: 4 });
    await until(async () => expect((await stripe.events.list({ delivery_success: false })).data[0]?.pending_webhooks).toBe(0));
    await account.simulator.idle();
    const { length } = receiver.received;
    await account.simulate('/_sim/time', { days: 1 });
    expect(receiver.received).toHaveLength(length);
  });

  it('a step of time waits for its webhooks before the host has its turn', async () => {
    const order: string[] = [];
    await account.stop();
    account = await startTestAccount({ onTime: async (now) => void order.push(`${now.toISOString()} after ${receiver.received.length}`) });
    stripe = new Stripe(account.key, account.client);
    await listen('*');
    await stripe.customers.create();
    await account.simulate('/_sim/time', { days: 1.5 });
    expect(order).toEqual(['2026-02-01T00:00:00.000Z after 1', '2026-02-01T22:00:00.000Z after 1']);
  });
});

describe('chaos', () => {
  it('delivers twice, and in another order, but loses nothing', async () => {
    await listen('*');
    await account.simulate('/_sim/chaos', { duplicate: 1, shuffle: true });
    const names = Array.from({ length: 30 }, (_, index) => `c${index}`);
    for (const name of names) await stripe.customers.create({ name });
    await account.simulator.idle();
    const received = receiver.received.map(({ body }) => (JSON.parse(body) as { data: { object: { name: string } } }).data.object.name);
    expect(received).toHaveLength(60);
    expect(new Set(received)).toEqual(new Set(names));
    expect([...new Set(received)]).not.toEqual(names);
  });

  it('withholds events for good: exactly those are listed as not delivered, and can be replayed', async () => {
    await listen('customer.created');
    await account.simulate('/_sim/chaos', { drop: 0.5 });
    for (let index = 0; index < 40; index += 1) await stripe.customers.create();
    await account.simulator.idle();
    const lost = (await stripe.events.list({ delivery_success: false, limit: 100 })).data.map(({ id }) => id);
    const all = (await stripe.events.list({ type: 'customer.created', limit: 100 })).data.map(({ id }) => id);
    expect(receiver.received.map(({ id }) => id).toSorted()).toEqual(all.filter((id) => !lost.includes(id)).toSorted());
    expect(lost.length).toBeGreaterThan(5);
    expect(lost.length).toBeLessThan(35);
    await account.simulate('/_sim/webhooks/replay', { event: lost[0] });
    await account.simulator.idle();
    expect(receiver.received.at(-1)?.id).toBe(lost[0]);
  });
});

describe('events', () => {
  it('are listed by type and kept for thirty days', async () => {
    await stripe.customers.create();
    await stripe.products.create({ name: 'p' });
    expect((await stripe.events.list({ types: ['product.created', 'price.created'] })).data.map(({ type }) => type)).toEqual(['product.created']);
    await expect(stripe.events.list({ types: Array.from({ length: 21 }, () => 'a.b') })).rejects.toMatchObject({ param: 'types' });
    await account.simulate('/_sim/time', { days: 29 });
    expect((await stripe.events.list()).data).toHaveLength(2);
    await account.simulate('/_sim/time', { days: 3 });
    expect((await stripe.events.list()).data).toEqual([]);
  });

  it('that are thin are parsed as notifications, and fetched with their data', async () => {
    const destination = await stripe.v2.core.eventDestinations.create({
      name: 'meters',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.billing.meter.error_report_triggered', 'v1.billing.meter.no_meter_found'],
      webhook_endpoint: { url: receiver.url },
      include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
    });
    const secret = destination.webhook_endpoint?.signing_secret ?? '';
    const meter = await stripe.billing.meters.create({ display_name: 'm', event_name: 'used', default_aggregation: { formula: 'last' } });
    await stripe.billing.meterEvents.create({ event_name: 'used', payload: { stripe_customer_id: 'cus_nobody', value: '1' }, identifier: 'i1' });
    await stripe.billing.meterEvents.create({ event_name: 'unused', payload: { value: '1' }, identifier: 'i2' });
    await account.simulator.idle();
    expect(receiver.received.map(({ type }) => type)).toEqual(['v1.billing.meter.error_report_triggered', 'v1.billing.meter.no_meter_found']);
    const { body, headers } = receiver.received[0] as Received;
    expect(JSON.parse(body)).not.toHaveProperty('data');
    const notification = stripe.parseEventNotification(body, String(headers['stripe-signature']), secret, 1e9);
    if (notification.type !== 'v1.billing.meter.error_report_triggered') throw new Error(notification.type);
    const event = await notification.fetchEvent();
    expect(event.data.reason.error_types[0]).toMatchObject({ code: 'meter_event_customer_not_found', sample_errors: [{ request: { identifier: 'i1' } }] });
    expect((await notification.fetchRelatedObject()).id).toBe(meter.id);
    expect((await stripe.v2.core.events.list({ types: ['v1.billing.meter.no_meter_found'] })).data).toHaveLength(1);
    expect((await stripe.v2.core.eventDestinations.retrieve(destination.id)).webhook_endpoint).toBeUndefined();
  });
});
