import { ADMIN } from '@iotistic/testkit/billing';
import { type BilledMeter, type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let under: MeteringUnderTest;

beforeAll(async () => {
  under = await startMetering();
});
afterEach(() => under.fault({ count: 0 }));
afterAll(() => under.close());

type Fault = (customerId: string) => Promise<void>;
const meters = fc.constantFrom<BilledMeter>('DEVICES', 'MQTT_MESSAGES', 'STORAGE_BYTES');
const amounts = fc.nat(60);
const faults: fc.Arbitrary<{ name: string; run: Fault }> = fc.oneof(
  fc.tuple(meters, amounts, fc.integer({ min: -3_000, max: 299 })).map(([meter, value, offset]) => ({ name: `foreign ${meter} ${value} ${offset}s`, run: (id: string) => under.sendForeign(id, meter, value, offset).catch(() => undefined) })),
  meters.map((meter) => ({ name: `lost ${meter}`, run: (id: string) => under.lose(id, meter).catch(() => undefined) })),
  fc.tuple(amounts, amounts, amounts).map(([devices, thousands, gigabytes]) => ({ name: `used ${devices} ${thousands} ${gigabytes}`, run: (id: string) => under.use(id, { DEVICES: devices, MQTT_MESSAGES: thousands * 1_000, STORAGE_BYTES: gigabytes * 1_000_000_000 }) })),
  fc.tuple(amounts, fc.constantFrom({ status: 500, afterApply: true }, { status: 500, afterApply: false }, { cut: true }, { status: 429 }), fc.integer({ min: 1, max: 12 })).map(([devices, body, count]) => ({
    name: `used ${devices} while ${JSON.stringify(body)} ×${count}`,
    run: async (id: string) => {
      await under.fault({ ...body, count, path: '/v1/billing/meter_events' });
      await under.use(id, { DEVICES: devices });
    },
  })),
  fc.tuple(meters, amounts).map(([meter, devices]) => ({
    name: `used ${devices} while ${meter} is archived`,
    run: async (id: string) => {
      const archived = await under.meterId(meter);
      await under.stripe.billing.meters.deactivate(archived);
      await under.use(id, { DEVICES: devices, STORAGE_BYTES: devices * 1_000_000_000 });
      await under.settled(id).catch(() => undefined);
      await under.stripe.billing.meters.reactivate(archived);
    },
  })),
  fc.integer({ min: 1, max: 50 }).map((minutes) => ({ name: `${minutes} min pass`, run: () => Promise.resolve(void under.clock.advance({ minutes })) })),
  fc.constant({ name: 'repaired meanwhile', run: async (id: string) => void (await under.billing.ask(ADMIN, `mutation { repairMetering(input: { customerId: "${id}" }) { repaired } }`)) }),
);

describe('repair', () => {
  it('beside pushes, and beside itself, leaves what was measured last', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 1 });
    await under.settled(customerId);
    for (let devices = 2; devices <= 8; devices += 1) {
      under.clock.advance({ minutes: 6 });
      await under.sendForeign(customerId, 'DEVICES', 90 + devices);
      await Promise.all([under.repair(customerId), under.use(customerId, { DEVICES: devices }), under.repair(customerId)]);
      await under.settled(customerId);
      expect((await under.reconcile(customerId)).meters[0]).toMatchObject({ reported: devices, sent: devices, stripe: devices });
    }
  }, 60_000);

  it('after any combination of faults, leaves both sides agreeing, and a second one nothing to do', async () => {
    const customerId = await under.payingCustomer();
    under.clock.advance({ hours: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(faults, { minLength: 1, maxLength: 6 }), async (happened) => {
        for (const { run } of happened) await run(customerId);
        await under.fault({ count: 0 });
        under.clock.advance({ minutes: 6 });
        const first = await under.repair(customerId);
        expect(first.reconciliation.meters.filter(({ cause }) => cause !== null && cause !== 'WAITING')).toEqual([]);
        // What was on its way, and is told by the repair, is given its minutes to be counted.
        under.clock.advance({ minutes: 6 });
        const second = first.reconciliation.balanced ? first : await under.repair(customerId);
        expect(second.reconciliation.meters.filter(({ cause }) => cause !== null)).toEqual([]);
        expect((await under.repair(customerId)).repaired).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);
});
