import type { Caller } from '@iotistic/contracts/caller';
import { ADMIN } from '@iotistic/testkit/billing';
import { causesOf, type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let under: MeteringUnderTest;

beforeAll(async () => {
  under = await startMetering();
});
afterEach(() => under.fault({ count: 0 }));
afterAll(() => under.close());

describe('while nothing goes wrong', () => {
  it('both sides agree, in billed units, and what Stripe is seen to count is ACCEPTED', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25, MQTT_MESSAGES: 1_500_000, STORAGE_BYTES: 3_500_000_000 });
    await under.settled(customerId);
    expect(await under.statuses(customerId)).toEqual(['DEVICES SENT', 'MQTT_MESSAGES SENT', 'STORAGE_BYTES SENT']);
    const found = await under.reconcile(customerId);
    expect(found).toMatchObject({ customerId, balanced: true, differsSince: null });
    expect(found.meters).toEqual([
      { meter: 'DEVICES', reported: 25, sent: 25, pending: 0, stripe: 25, cause: null, explanation: null },
      { meter: 'MQTT_MESSAGES', reported: 1_500, sent: 1_500, pending: 0, stripe: 1_500, cause: null, explanation: null },
      { meter: 'STORAGE_BYTES', reported: 4, sent: 4, pending: 0, stripe: 4, cause: null, explanation: null },
    ]);
    expect(await under.statuses(customerId)).toEqual(['DEVICES ACCEPTED', 'MQTT_MESSAGES ACCEPTED', 'STORAGE_BYTES ACCEPTED']);
    expect((await under.repair(customerId)).repaired).toEqual([]);
    await under.use(customerId, { DEVICES: 26, MQTT_MESSAGES: 1_500_001, STORAGE_BYTES: 3_500_000_000 });
    await under.settled(customerId);
    expect(await under.statuses(customerId)).toEqual(['DEVICES SENT', 'MQTT_MESSAGES SENT', 'STORAGE_BYTES SENT']);
    under.clock.advance({ minutes: 1 });
    await under.running.runScheduled();
    expect(await under.statuses(customerId)).toEqual(['DEVICES ACCEPTED', 'MQTT_MESSAGES ACCEPTED', 'STORAGE_BYTES ACCEPTED']);
  });

  it('a trial has nothing at Stripe, and that is no difference that anybody must look at', async () => {
    const customerId = await under.customerAfterTrial();
    await under.use(customerId, { DEVICES: 3 });
    const found = await under.reconcile(customerId);
    expect(found.balanced).toBe(false);
    expect(causesOf(found)).toEqual({ DEVICES: 'NOT_AT_STRIPE', MQTT_MESSAGES: null, STORAGE_BYTES: null });
    expect(found.meters[0]).toMatchObject({ reported: 3, sent: 0, pending: 3, stripe: 0 });
    expect((await under.repair(customerId)).repaired).toEqual([]);
    expect(await under.billing.rows('select 1 from reconciliations where customer_id = $1', [customerId])).toEqual([]);
  });
});

describe('who may see it', () => {
  it('the operator and the customer’s own people; the list and the repair are the operator’s', async () => {
    const customerId = await under.payingCustomer();
    const own: Caller = { kind: 'user', userId: 'user_1', customerId, sessionId: 'sess_1' };
    expect((await under.reconcile(customerId, own)).balanced).toBe(true);
    const reason = async (caller: Caller, query: string): Promise<unknown> => (await under.billing.ask(caller, query)).errors?.[0]?.extensions?.['reason'];
    const one = `{ reconciliation(customerId: "${customerId}") { balanced } }`;
    expect(await reason({ kind: 'user', userId: 'user_2', customerId: 'cust_other', sessionId: 'sess_2' }, one)).toBe('CUSTOMER_NOT_FOUND');
    expect(await reason({ kind: 'anonymous' }, one)).toBe('CREDENTIAL_REQUIRED');
    expect(await reason(own, '{ reconciliationDifferences { edges { cursor } } }')).toBe('ADMIN_ONLY');
    expect(await reason(own, `mutation { repairMetering(input: { customerId: "${customerId}" }) { repaired } }`)).toBe('ADMIN_ONLY');
    expect(await reason(ADMIN, '{ reconciliation(customerId: "cust_nobody") { balanced } }')).toBe('CUSTOMER_NOT_FOUND');
  });
});
