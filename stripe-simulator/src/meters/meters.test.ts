import fc from 'fast-check';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSimulation, type OpenSimulation } from '../open-simulation.ts';
import { startTestAccount, TEST_START, type TestAccount } from '../test-account.ts';
import { meterQuantity, sumOf } from './aggregate.ts';
import { METERS, type MeterRecord } from './meter-records.ts';
import { recordMeterEvent } from './record-meter-event.ts';

const START = new Date(TEST_START).getTime() / 1000;
const HOUR = 3_600;
const DAY = 86_400;

let account: TestAccount;
let stripe: Stripe;
let customer: Stripe.Customer;

beforeEach(async () => {
  account = await startTestAccount();
  stripe = new Stripe(account.key, account.client);
  customer = await stripe.customers.create();
});
afterEach(() => account.stop());

const newMeter = (formula: 'count' | 'last' | 'sum', extra: Partial<Stripe.Billing.MeterCreateParams> = {}): Promise<Stripe.Billing.Meter> => stripe.billing.meters.create({ display_name: formula, event_name: formula, default_aggregation: { formula }, ...extra });
const send = (event_name: string, value: string, timestamp: number, identifier?: string): Promise<Stripe.Billing.MeterEvent> =>
  stripe.billing.meterEvents.create({ event_name, payload: { stripe_customer_id: customer.id, value }, timestamp, ...(identifier === undefined ? {} : { identifier }) });

async function values(meter: string, start: number, end: number, value_grouping_window?: 'day' | 'hour'): Promise<number[]> {
  const { data } = await stripe.billing.meters.listEventSummaries(meter, { customer: customer.id, start_time: start, end_time: end, limit: 100, ...(value_grouping_window === undefined ? {} : { value_grouping_window }) });
  return data.map(({ aggregated_value }) => aggregated_value);
}

describe('a meter', () => {
  it('counts a period by its formula, over the times of its events and not of their receipt', async () => {
    const [last, sum, count] = [await newMeter('last'), await newMeter('sum'), await newMeter('count')];
    for (const formula of ['last', 'sum', 'count']) {
      await send(formula, '7', START - HOUR);
      await send(formula, '2.5', START - 3 * HOUR);
      await send(formula, '100', START);
    }
    expect(await values(last.id, START - 4 * HOUR, START)).toEqual([7]);
    expect(await values(sum.id, START - 4 * HOUR, START)).toEqual([9.5]);
    expect(await values(count.id, START - 4 * HOUR, START)).toEqual([2]);
    expect(await values(last.id, START - 4 * HOUR, START + HOUR, 'hour')).toEqual([100, 7, 2.5]);
    expect(await values(sum.id, START - START % DAY, START - (START % DAY) + DAY, 'day')).toEqual([109.5]);
    expect(await values(sum.id, START + HOUR, START + 2 * HOUR)).toEqual([]);
  });

  it('takes the last received where two have one time, and one per window where they were added up beforehand', async () => {
    const last = await newMeter('last');
    await send('last', '1', START);
    await send('last', '2', START);
    expect(await values(last.id, START, START + 60)).toEqual([2]);
    const hourly = await newMeter('sum', { event_time_window: 'hour' });
    for (const [value, at] of [['5', START], ['6', START + 60], ['7', START - HOUR]] as const) await send('sum', value, at);
    expect(await values(hourly.id, START - HOUR, START + HOUR)).toEqual([13]);
  });

  it('has its event name alone while it is active', async () => {
    const meter = await newMeter('sum');
    await expect(newMeter('sum')).rejects.toMatchObject({ param: 'event_name' });
    await stripe.billing.meters.deactivate(meter.id);
    const next = await newMeter('sum');
    await expect(stripe.billing.meters.reactivate(meter.id)).rejects.toMatchObject({ param: 'event_name' });
    expect((await stripe.billing.meters.list({ status: 'active' })).data.map(({ id }) => id)).toEqual([next.id]);
    expect((await stripe.billing.meters.update(next.id, { display_name: 'x' })).display_name).toBe('x');
    await expect(stripe.billing.meters.create({ display_name: 'm', event_name: 'm', default_aggregation: { formula: 'max' } })).rejects.toMatchObject({ param: 'default_aggregation[formula]' });
  });

  it('reads only what is aligned', async () => {
    const { id } = await newMeter('sum');
    const ask = (start_time: number, end_time: number, value_grouping_window?: 'day'): Promise<unknown> => stripe.billing.meters.listEventSummaries(id, { customer: customer.id, start_time, end_time, ...(value_grouping_window === undefined ? {} : { value_grouping_window }) });
    await expect(ask(START + 1, START + 60)).rejects.toMatchObject({ param: 'start_time' });
    await expect(ask(START, START + DAY, 'day')).rejects.toMatchObject({ param: 'start_time' });
    await expect(ask(START, START)).rejects.toMatchObject({ param: 'end_time' });
  });
});

describe('an event', () => {
  it('is taken once under its identifier, for 24 hours', async () => {
    const { id } = await newMeter('sum');
    await send('sum', '1', START, 'i1');
    await expect(send('sum', '1', START, 'i1')).rejects.toMatchObject({ statusCode: 400, message: 'An event already exists with identifier i1.' });
    expect(await values(id, START, START + 60)).toEqual([1]);
    await account.simulate('/_sim/time', { seconds: DAY + 1 });
    await send('sum', '1', START, 'i1');
    expect(await values(id, START, START + 60)).toEqual([2]);
  });

  it.each([
    ['a value of 16 digits', '1234567890.123456', 0, 'meter_event_value_too_many_digits'],
    ['a value that is none', '1e3', 0, 'meter_event_invalid_value'],
    ['a value with a space', ' 1', 0, 'meter_event_invalid_value'],
    ['a time 36 days ago', '1', -36 * DAY, 'timestamp_too_far_in_past'],
    ['a time in 6 minutes', '1', 360, 'timestamp_in_future'],
  ])('is refused for %s', async (_, value, offset, code) => {
    await newMeter('sum');
    await expect(send('sum', value, START + offset)).rejects.toMatchObject({ statusCode: 400, code });
  });

  it('may be cancelled within 24 hours, and counts no more', async () => {
    const { id } = await newMeter('sum');
    await send('sum', '1', START, 'i1');
    await send('sum', '-3', START, 'i2');
    expect(await values(id, START, START + 60)).toEqual([-2]);
    const cancelled = await stripe.billing.meterEventAdjustments.create({ event_name: 'sum', type: 'cancel', cancel: { identifier: 'i2' } });
    expect(cancelled).toMatchObject({ object: 'billing.meter_event_adjustment', status: 'complete' });
    expect(await values(id, START, START + 60)).toEqual([1]);
    await expect(stripe.billing.meterEventAdjustments.create({ event_name: 'sum', type: 'cancel', cancel: { identifier: 'i3' } })).rejects.toMatchObject({ code: 'resource_missing' });
    await account.simulate('/_sim/time', { days: 1 });
    await expect(stripe.billing.meterEventAdjustments.create({ event_name: 'sum', type: 'cancel', cancel: { identifier: 'i1' } })).rejects.toThrow('24 hours');
  });

  it('that nothing takes is accepted and told of afterwards', async () => {
    const meter = await newMeter('sum');
    await stripe.billing.meterEvents.create({ event_name: 'sum', payload: { value: '1' } });
    await stripe.billing.meterEvents.create({ event_name: 'sum', payload: { stripe_customer_id: customer.id } });
    await stripe.billing.meters.deactivate(meter.id);
    await send('sum', '1', START);
    const { data } = await stripe.v2.core.events.list({ object_id: meter.id });
    const codes = data.map((event) => (event.type === 'v1.billing.meter.error_report_triggered' ? event.data.reason.error_types[0]?.code : event.type));
    expect(codes).toEqual(['archived_meter', 'meter_event_value_not_found', 'meter_event_no_customer_defined']);
  });

  it('may come by version 2, one by one or as a stream with a session’s token', async () => {
    const { id } = await newMeter('sum');
    const payload = { stripe_customer_id: customer.id, value: '2' };
    expect(await stripe.v2.billing.meterEvents.create({ event_name: 'sum', payload, identifier: 'a', timestamp: TEST_START })).toMatchObject({ object: 'v2.billing.meter_event', timestamp: TEST_START });
    const session = await stripe.v2.billing.meterEventSession.create();
    const streaming = new Stripe(session.authentication_token, account.client);
    await streaming.v2.billing.meterEventStream.create({ events: [{ event_name: 'sum', payload, identifier: 'b' }, { event_name: 'sum', payload, identifier: 'a' }] });
    expect(await values(id, START, START + 60)).toEqual([4]);
    expect((await stripe.v2.core.events.list()).data).toHaveLength(1);
    await expect(streaming.customers.list()).rejects.toMatchObject({ statusCode: 401 });
    await account.simulate('/_sim/time', { seconds: 901 });
    await expect(streaming.v2.billing.meterEventStream.create({ events: [] })).rejects.toMatchObject({ statusCode: 401 });
  });
});

describe('the quantity of a period', () => {
  function openMeter(formula: MeterRecord['default_aggregation']['formula']): OpenSimulation {
    const simulation = openSimulation({ dataDir: null, clock: account.clock });
    const common = { object: 'billing.meter', created: START, customer_mapping: { event_payload_key: 'customer', type: 'by_id' }, display_name: 'm', event_time_window: null, status: 'active', status_transitions: { deactivated_at: null }, updated: START, value_settings: { event_payload_key: 'value' } } as const;
    simulation.transaction(null, () => {
      simulation.store.put<MeterRecord>(METERS, { ...common, id: 'mtr_1', event_name: 'used', default_aggregation: { formula } });
      simulation.store.put('customer', { id: 'cus_1', object: 'customer', test_clock: null });
    });
    return simulation;
  }

  it('is exact, whatever the decimals, the period and the order of events', () => {
    const event = fc.record({ milli: fc.integer({ min: -1_000_000, max: 1_000_000_000 }), daysAgo: fc.integer({ min: 0, max: 34 }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.integer({ min: 0, max: 34 }), fc.integer({ min: 0, max: 34 }), (events, one, other) => {
        const simulation = openMeter('sum');
        simulation.transaction(null, () => {
          for (const { milli, daysAgo } of events) recordMeterEvent(simulation, { event_name: 'used', payload: { customer: 'cus_1', value: (milli / 1000).toFixed(3) }, timestamp: START - daysAgo * DAY });
        });
        const [from, to] = [Math.max(one, other), Math.min(one, other)];
        const expected = events.filter(({ daysAgo }) => daysAgo <= from && daysAgo > to).reduce((sum, { milli }) => sum + milli, 0);
        const quantity = meterQuantity(simulation, { meter: 'mtr_1', customer: 'cus_1', start: START - from * DAY, end: START - to * DAY });
        expect(Math.round(Number(quantity) * 1000)).toBe(expected);
        expect(quantity).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
      }),
      { numRuns: 60 },
    );
  });

  it('does not drift: a tenth, ten times, is one', () => {
    expect(sumOf(Array.from({ length: 10 }, () => '0.1'))).toBe('1');
    expect(sumOf(['0.1', '-0.3'])).toBe('-0.2');
    expect(sumOf([])).toBe('0');
  });
});
