import { type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** From one to the next: days forward, minutes back and forth as time servers step. Stripe's clock goes along here, so that it never goes back by hours. */
const STEPS = [{ days: 3 }, { minutes: -4 }, { minutes: 2 }, { minutes: -3 }, { days: 1 }, { minutes: -2 }] as const;
let under: MeteringUnderTest;

beforeAll(async () => {
  under = await startMetering();
});
afterAll(() => under.close());

describe('while the clock is stepped', () => {
  it('Stripe has what was measured last of each meter, also where an answer of it was lost at each step', async () => {
    const customerId = await under.payingCustomer();
    let devices = 10;
    for (const step of STEPS) {
      devices += 3;
      // Carried out, and its answer lost: billing does not know, and its clock moves before it asks again.
      await under.fault({ status: 500, afterApply: true, count: 4, path: '/v1/billing/meter_events' });
      await under.use(customerId, { DEVICES: devices, MQTT_MESSAGES: devices * 1_000 });
      under.clock.advance(step);
      devices += 1;
      await under.use(customerId, { DEVICES: devices, MQTT_MESSAGES: devices * 1_000 });
      await under.fault({ count: 0 });
      await under.settled(customerId);
      const { meters } = await under.reconcile(customerId);
      expect(meters.map(({ meter, reported, sent, stripe, cause }) => [meter, reported, sent, stripe, cause])).toEqual([
        ['DEVICES', devices, devices, devices, null],
        ['MQTT_MESSAGES', devices, devices, devices, null],
        ['STORAGE_BYTES', 0, 0, 0, null],
      ]);
    }
  }, 300_000);
});
