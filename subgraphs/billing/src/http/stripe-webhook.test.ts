import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BillingUnderTest, signatureOf, startUnderTest } from '@iotistic/testkit/billing';
import { waitFor } from '@iotistic/testkit/wait';

const CURRENT = 'whsec_current';
const PREVIOUS = 'whsec_previous';
const THIN = 'whsec_thin';
let under: BillingUnderTest;

beforeAll(async () => {
  under = await startUnderTest({ STRIPE_WEBHOOK_SECRET: CURRENT, STRIPE_WEBHOOK_SECRET_PREVIOUS: PREVIOUS, STRIPE_THIN_WEBHOOK_SECRET: THIN });
});
afterAll(() => under.close());

let sequence = 0;
function eventBody(changes: Record<string, unknown> = {}): { id: string; body: string } {
  const id = `evt_test_${(sequence += 1)}`;
  const event = { id, object: 'event', api_version: '2026-10-28.endive', created: nowSeconds(), data: { object: { id: 'sub_x', object: 'subscription', customer: 'cus_nobody' } }, livemode: false, type: 'customer.subscription.updated', ...changes };
  // As Stripe renders it, odd characters and all.
  return { id, body: JSON.stringify({ ...event, note: 'ümläut \u2028 "quoted"' }, null, 2) };
}

const nowSeconds = (): number => Math.floor(under.clock.now().getTime() / 1000);
const send = (body: string, header?: string): Promise<{ status?: number; body?: string | Buffer }> => under.receive(body, header === undefined ? {} : { 'stripe-signature': header });
const stored = (id: string): Promise<{ id: string; status: string; error: string | null }[]> => under.billing.rows('select id, status, error from webhook_events where id = $1', [id]);

async function refusal(body: string, header?: string): Promise<[number | undefined, string | undefined]> {
  const { status, body: answer } = await send(body, header);
  return [status, (JSON.parse(String(answer)) as { errors?: { extensions: { reason: string } }[] }).errors?.[0]?.extensions.reason];
}

describe('a webhook', () => {
  it.each([
    ['by the secret in use', CURRENT],
    ['by the one before it, during a rotation', PREVIOUS],
  ])('that is signed %s is stored and answered', async (_name, secret) => {
    const { id, body } = eventBody();
    const answer = await send(body, signatureOf(body, secret, nowSeconds()));
    expect([answer.status ?? 200, answer.body]).toEqual([200, '{"received":true}']);
    expect(await stored(id)).toHaveLength(1);
  });

  it('that carries two signatures is good when one of them fits', async () => {
    const { id, body } = eventBody();
    const [, good] = signatureOf(body, CURRENT, nowSeconds()).split(',');
    expect((await send(body, `t=${nowSeconds()},v1=${'0'.repeat(64)},${good},v0=ignored`)).status ?? 200).toBe(200);
    expect(await stored(id)).toHaveLength(1);
  });

  it('at the edge of five minutes, either way, is taken', async () => {
    for (const offset of [-300, 300]) {
      const { id, body } = eventBody();
      expect((await send(body, signatureOf(body, CURRENT, nowSeconds() + offset))).status ?? 200).toBe(200);
      expect(await stored(id)).toHaveLength(1);
    }
  });

  it.each<[string, (body: string) => string | undefined, string]>([
    ['without a signature', () => undefined, 'SIGNATURE_MISSING'],
    ['with an empty one', () => '', 'SIGNATURE_MISSING'],
    ['with one that is none', () => 'nonsense', 'SIGNATURE_INVALID'],
    ['signed by nobody we know', (body) => signatureOf(body, 'whsec_other', nowSeconds()), 'SIGNATURE_INVALID'],
    ['signed for another body', (body) => signatureOf(`${body} `, CURRENT, nowSeconds()), 'SIGNATURE_INVALID'],
    ['signed for another time', (body) => signatureOf(body, CURRENT, nowSeconds() - 5).replace(/t=\d+/, `t=${nowSeconds()}`), 'SIGNATURE_INVALID'],
    ['signed more than five minutes ago', (body) => signatureOf(body, CURRENT, nowSeconds() - 301), 'SIGNATURE_TOO_OLD'],
    ['signed a day ahead', (body) => signatureOf(body, CURRENT, nowSeconds() + 86_400), 'SIGNATURE_IN_FUTURE'],
    ['signed long ago, with a newer time put before it', (body) => `t=${nowSeconds()},${signatureOf(body, CURRENT, nowSeconds() - 900)}`, 'SIGNATURE_TOO_OLD'],
  ])('%s is refused, and nothing is stored', async (_name, header, reason) => {
    const { id, body } = eventBody();
    expect(await refusal(body, header(body))).toEqual([400, reason]);
    expect(await stored(id)).toEqual([]);
  });

  it.each([['not json'], ['[]'], ['"text"'], ['{"id":"evt_1","object":"event"}'], ['{"object":"charge","id":"ch_1","type":"x"}'], ['null']])('that is signed and says %s is refused', async (body) => {
    expect(await refusal(body, signatureOf(body, CURRENT, nowSeconds()))).toEqual([400, 'MALFORMED_EVENT']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a time that is a word', { created: 'x' }, 'created'],
    ['a time in milliseconds', { created: 1_763_640_000_000 }, 'created'],
    ['no time', { created: undefined }, 'created'],
    ['a time beyond all time', { created: 1e300 }, 'created'],
    ['a type with a line end', { type: 'customer.updated\n' }, 'type'],
    ['an id with a zero byte', { id: 'evt_\u0000' }, 'id'],
    ['half a character', { type: 'customer.\ud800' }, 'type'],
    ['a version that is a number', { api_version: 7 }, 'api_version'],
    ['no object', { data: null }, 'data'],
    ['an object that is a text', { data: { object: 'sub_1' } }, 'data.object'],
    ['an object whose id is a list', { data: { object: { id: ['sub_1'], object: 'subscription' } } }, 'data.object.id'],
    ['a customer with a zero byte', { data: { object: { id: 'sub_1', object: 'subscription', customer: 'cus_\u0000' } } }, 'data.object.customer'],
    ['a mode that is a word', { livemode: 'false' }, 'livemode'],
    ['a thin form with a time that is none', { object: 'v2.core.event', created: 'yesterday' }, 'created'],
  ])('that is signed and has %s is refused, with the place, and nothing is stored', async (_name, changes, path) => {
    const { id, body } = eventBody(changes);
    const { status, body: answer } = await send(body, signatureOf(body, CURRENT, nowSeconds()));
    const [error] = (JSON.parse(String(answer)) as { errors: { extensions: Record<string, unknown> }[] }).errors;
    expect([status, error?.extensions]).toMatchObject([400, { reason: 'MALFORMED_EVENT', path }]);
    expect(await stored(id)).toEqual([]);
  });

  it('whose object has zero bytes in names and metadata is handled like any other', async () => {
    const customerId = await under.customerAfterTrial();
    await under.buy(customerId, 'STARTER');
    await waitFor(async () => expect((await under.subscription(customerId)).status).toBe('ACTIVE'));
    const { stripe_subscription_id: subscriptionId } = await under.subscription(customerId);
    const coupon = await under.stripe.coupons.create({ percent_off: 10, duration: 'forever', name: 'Spring \u0000 sale' });
    await under.stripe.subscriptions.update(subscriptionId ?? '', { discounts: [{ coupon: coupon.id }], metadata: { note: 'a\u0000b' } });
    await waitFor(async () => expect(await under.billing.rows("select discounts->0->>'name' as name from subscriptions where customer_id = $1", [customerId])).toEqual([{ name: expect.stringMatching(/^Spring \ufffd+ sale$/) as string }]));
    expect(await under.billing.rows("select id from webhook_events where status = 'FAILED' or attempts > 1")).toEqual([]);
  });

  it('delivered twice, at once and later, is one', async () => {
    const { id, body } = eventBody();
    await Promise.all([1, 2, 3].map((offset) => send(body, signatureOf(body, CURRENT, nowSeconds() - offset))));
    await send(body, signatureOf(body, PREVIOUS, nowSeconds()));
    expect(await stored(id)).toHaveLength(1);
  });

  it('about what nobody listens to, or of the other mode, is kept and left alone', async () => {
    const [unheard, live] = [eventBody({ type: 'payout.paid' }), eventBody({ livemode: true })];
    for (const { body } of [unheard, live]) await send(body, signatureOf(body, CURRENT, nowSeconds()));
    expect(await stored(unheard.id)).toMatchObject([{ status: 'IGNORED', error: 'nothing is to be done for this type' }]);
    expect(await stored(live.id)).toMatchObject([{ status: 'IGNORED', error: 'of the other mode (test or live) than our key' }]);
  });

  it('about somebody who is no customer of ours ends as ignored, with the reason', async () => {
    const { id, body } = eventBody();
    await send(body, signatureOf(body, CURRENT, nowSeconds()));
    await waitFor(async () => expect(await stored(id)).toMatchObject([{ status: 'IGNORED', error: 'is about no customer of ours' }]));
  });

  it('that is thin is taken by its own secret', async () => {
    const body = JSON.stringify({ id: 'evt_thin_1', object: 'v2.core.event', type: 'v1.billing.meter.no_meter_found', created: '2026-11-20T12:00:00.000Z', livemode: false, related_object: null });
    expect((await send(body, signatureOf(body, THIN, nowSeconds()))).status ?? 200).toBe(200);
    expect(await stored('evt_thin_1')).toHaveLength(1);
  });
});
