import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestAccount, type TestAccount } from './test-account.ts';

let account: TestAccount;
let stripe: Stripe;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stripe-simulator-'));
  account = await startTestAccount({ dataDir: folder });
  stripe = new Stripe(account.key, account.client);
});
afterEach(async () => {
  await account.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function raw(method: string, path: string, { key = account.key, headers = {}, body }: { key?: string | null; headers?: Record<string, string>; body?: string } = {}): Promise<{ status: number; headers: Headers; body: { error?: { type: string; code?: string; param?: string; message: string }; [field: string]: unknown } }> {
  const form: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(`${account.simulator.url}${path}`, { method, headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...form, ...headers }, ...(body === undefined ? {} : { body }) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

describe('who asks', () => {
  it.each([
    ['without a key', null, 'You did not provide an API key'],
    ['with a live key', 'sk_live_abc', 'test keys only'],
    ['with what is no key', 'hello', 'Invalid API Key provided: *****'],
  ])('%s is turned away before anything is looked at', async (_, key, message) => {
    const { status, body } = await raw('POST', '/v1/nothing', { key, body: 'foo=1' });
    expect(status).toBe(401);
    expect(body.error?.message).toContain(message);
  });

  it('may use Basic, as curl -u does', async () => {
    const { status } = await raw('GET', '/v1/customers', { key: null, headers: { authorization: `Basic ${Buffer.from('sk_test_x:').toString('base64')}` } });
    expect(status).toBe(200);
  });
});

describe('the order of refusals', () => {
  it.each([
    ['an unknown URL', 'POST', '/v1/nothing', 'foo=1', 404, undefined],
    ['what Stripe has and this has not', 'GET', '/v1/payouts', undefined, 501, 'not_simulated'],
    ['unknown before missing', 'POST', '/v1/prices', 'foo=1', 400, 'parameter_unknown'],
    ['missing', 'POST', '/v1/prices', 'unit_amount=1', 400, 'parameter_missing'],
    ['wrong', 'POST', '/v1/prices', 'currency=usd&unit_amount=x', 400, 'parameter_invalid_integer'],
    ['an object that is not there', 'GET', '/v1/customers/cus_1', undefined, 404, 'resource_missing'],
    ['an object that a parameter names', 'POST', '/v1/prices', 'currency=usd&unit_amount=1&product=prod_1', 400, 'resource_missing'],
  ])('%s', async (_, method, path, body, status, code) => {
    const answer = await raw(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(answer.headers.get('stripe-version')).toBe('2026-10-28.endive');
  });

  it('refuses another version of the API, JSON in version 1, and a body without end', async () => {
    expect((await raw('GET', '/v1/customers', { headers: { 'stripe-version': '2020-08-27' } })).body.error?.message).toContain('2026-10-28.endive');
    expect((await raw('POST', '/v1/customers', { body: '{}', headers: { 'content-type': 'application/json' } })).status).toBe(400);
    expect((await raw('POST', '/v1/customers', { body: `name=${'x'.repeat(1_100_000)}` })).status).toBe(413);
  });

  it('an unset value that cannot be unset names its parameter', async () => {
    await expect(stripe.prices.create({ currency: '', unit_amount: 1 })).rejects.toMatchObject({ code: 'parameter_invalid_empty', param: 'currency' });
  });
});

describe('an idempotency key', () => {
  it('gives the same answer again, also after a restart, and makes nothing a second time', async () => {
    const first = await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' });
    const again = await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' });
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId);
    await account.restart();
    expect((await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' })).id).toBe(first.id);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('is refused for other parameters, and for another path', async () => {
    await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' });
    await expect(stripe.customers.create({ name: 'b' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    await expect(stripe.products.create({ name: 'a' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ type: 'StripeIdempotencyError' });
  });

  it('does not keep what validation refused, and keeps what ran and failed', async () => {
    await expect(stripe.prices.create({ currency: 'usd', unit_amount: -1 }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ code: 'parameter_invalid_integer' });
    await stripe.prices.create({ currency: 'usd', unit_amount: 1, product_data: { name: 'x' } }, { idempotencyKey: 'k1' });
    await expect(stripe.customers.create({ payment_method: 'pm_card_visa_chargeDeclined' }, { idempotencyKey: 'k2' })).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, decline_code: 'generic_decline' });
    const replay = await raw('POST', '/v1/customers', { body: 'payment_method=pm_card_visa_chargeDeclined', headers: { 'idempotency-key': 'k2' } });
    expect([replay.status, replay.headers.get('idempotent-replayed')]).toEqual([402, 'true']);
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  it('is free again after 24 hours of the account’s time', async () => {
    const first = await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' });
    await account.simulate('/_sim/time', { seconds: 86_400 });
    expect((await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' })).id).not.toBe(first.id);
  });

  it('is in use while its first request is under way', async () => {
    await account.simulate('/_sim/faults', { delayMs: 300 });
    const ask = (): ReturnType<typeof raw> => raw('POST', '/v1/customers', { body: 'name=a', headers: { 'idempotency-key': 'k1' } });
    const answers = await Promise.all([ask(), ask()]);
    expect(answers.map(({ status, body }) => [status, body.error?.code]).toSorted(([one], [other]) => Number(one) - Number(other))).toEqual([[200, undefined], [409, 'idempotency_key_in_use']]);
  });
});

describe('a fault that was asked for', () => {
  it('before applying leaves nothing behind, and the same key may be tried again', async () => {
    await account.simulate('/_sim/faults', { status: 500, path: '/v1/customers' });
    expect((await stripe.products.list()).data).toEqual([]);
    await expect(stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    expect((await stripe.customers.list()).data).toEqual([]);
    await stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' });
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('after applying is kept under the key, with all that it did', async () => {
    await account.simulate('/_sim/faults', { status: 500, afterApply: true });
    await expect(stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ statusCode: 500 });
    await expect(stripe.customers.create({ name: 'a' }, { idempotencyKey: 'k1' })).rejects.toMatchObject({ statusCode: 500 });
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('that cuts the connection has applied: the same key then gets its answer', async () => {
    await account.simulate('/_sim/faults', { cut: true });
    await expect(raw('POST', '/v1/customers', { body: 'name=a', headers: { 'idempotency-key': 'k1' } })).rejects.toThrow('fetch failed');
    const answer = await raw('POST', '/v1/customers', { body: 'name=a', headers: { 'idempotency-key': 'k1' } });
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  it('is a rate limit where 429 is named, so many times, and is called off by a count of 0', async () => {
    await account.simulate('/_sim/faults', { status: 429, count: 2 });
    for (let time = 0; time < 2; time += 1) await expect(stripe.customers.list()).rejects.toMatchObject({ type: 'StripeRateLimitError', code: 'rate_limit' });
    await stripe.customers.list();
    await account.simulate('/_sim/faults', { status: 429, count: 9 });
    await account.simulate('/_sim/faults', { count: 0 });
    await stripe.customers.list();
  });
});

describe('a list', () => {
  it('is newest first, page by page, both ways', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.unshift((await stripe.products.create({ name: `p${index}` })).id);
    const first = await stripe.products.list();
    expect([first.data.map(({ id }) => id), first.has_more, first.url]).toEqual([ids.slice(0, 10), true, '/v1/products']);
    const rest = await stripe.products.list({ starting_after: ids[9] ?? '' });
    expect([rest.data.map(({ id }) => id), rest.has_more]).toEqual([ids.slice(10), false]);
    const before = await stripe.products.list({ ending_before: ids[5] ?? '', limit: 3 });
    expect([before.data.map(({ id }) => id), before.has_more]).toEqual([ids.slice(2, 5), true]);
    const all: string[] = [];
    for await (const product of stripe.products.list({ limit: 5 })) all.push(product.id);
    expect(all).toEqual(ids);
    await expect(stripe.products.list({ starting_after: 'prod_x' })).rejects.toMatchObject({ code: 'resource_missing', param: 'starting_after' });
  });

  it('filters by the time of creation', async () => {
    const early = await stripe.customers.create();
    await account.simulate('/_sim/time', { days: 1 });
    const late = await stripe.customers.create();
    expect((await stripe.customers.list({ created: { gt: early.created } })).data.map(({ id }) => id)).toEqual([late.id]);
    expect((await stripe.customers.list({ created: early.created })).data.map(({ id }) => id)).toEqual([early.id]);
  });
});

describe('expand', () => {
  it('puts objects in the place of ids, in lists and below, and includes what is shown only when asked for', async () => {
    const tiers: Stripe.PriceCreateParams.Tier[] = [{ up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount_decimal: Stripe.Decimal.from('0.01') }];
    const price = await stripe.prices.create({ currency: 'usd', product_data: { name: 'x' }, recurring: { interval: 'month' }, billing_scheme: 'tiered', tiers_mode: 'graduated', tiers });
    expect(price.tiers).toBeUndefined();
    const [shown] = (await stripe.prices.list({ expand: ['data.product', 'data.tiers', 'data.product.default_price'] })).data;
    expect(shown?.product).toMatchObject({ object: 'product', name: 'x', default_price: null });
    expect(shown?.tiers?.map((tier) => [tier.up_to, String(tier.unit_amount_decimal)])).toEqual([[5, '0'], [null, '0.01']]);
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
    const [method] = (await stripe.customers.listPaymentMethods(customer.id)).data;
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method?.id ?? '' } });
    const expanded = await stripe.customers.retrieve(customer.id, { expand: ['invoice_settings.default_payment_method.customer'] });
    expect(expanded).toMatchObject({ invoice_settings: { default_payment_method: { card: { last4: '4242' }, customer: { id: customer.id } } } });
    expect(JSON.stringify(expanded)).not.toContain('internal');
  });

  it.each([['foo'], ['name'], ['invoice_settings.foo'], ['a..b'], ['a.b.c.d.e']])('refuses %s', async (path) => {
    const { id } = await stripe.customers.create({ name: 'a' });
    await expect(stripe.customers.retrieve(id, { expand: [path] })).rejects.toMatchObject({ statusCode: 400, param: 'expand' });
  });

  it('that is refused has changed nothing', async () => {
    await expect(stripe.customers.create({ name: 'a', expand: ['foo'] })).rejects.toMatchObject({ param: 'expand' });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect((await stripe.events.list()).data).toEqual([]);
  });
});

describe('the controls', () => {
  it('refuse in words what they do not know', async () => {
    await expect(account.simulate('/_sim/time', { days: 1, seconds: 1 })).rejects.toThrow('name one of days, seconds and to');
    await expect(account.simulate('/_sim/time', { to: '2020-01-01T00:00:00Z' })).rejects.toThrow('time goes forward only');
    await expect(account.simulate('/_sim/chaos', { drop: 2 })).rejects.toThrow('400');
    await expect(account.simulate('/_sim/chaos', { rob: 1 })).rejects.toThrow('rob');
    await expect(account.simulate('/_sim/webhooks/replay', { event: 'evt_1' })).rejects.toThrow('there is no event evt_1');
    await expect(account.simulate('/_sim/nothing')).rejects.toThrow('404');
    const plain = await fetch(`${account.simulator.url}/_sim/reset`, { method: 'POST' });
    expect(plain.status).toBe(415);
  });

  it('reset empties the account, on the disk too', async () => {
    await stripe.customers.create();
    await account.simulate('/_sim/reset');
    expect((await stripe.customers.list()).data).toEqual([]);
    await account.restart();
    expect((await stripe.customers.list()).data).toEqual([]);
    await account.simulate('/_sim/time', { days: 2 });
    expect(account.logged).toEqual([]);
  });
});
