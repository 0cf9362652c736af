import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestAccount, type TestAccount } from '../test-account.ts';

let account: TestAccount;
let stripe: Stripe;

beforeEach(async () => {
  account = await startTestAccount();
  stripe = new Stripe(account.key, account.client);
});
afterEach(() => account.stop());

describe('a product', () => {
  it('is made under its own id, changed, searched and found', async () => {
    const made = await stripe.products.create({ id: 'starter', name: 'Starter', metadata: { plan: 'starter' }, default_price_data: { currency: 'usd', unit_amount: 2_900, recurring: { interval: 'month' } } });
    expect(made).toMatchObject({ id: 'starter', object: 'product', active: true, default_price: expect.stringMatching(/^price_/) });
    await expect(stripe.products.create({ id: 'starter', name: 'x' })).rejects.toMatchObject({ code: 'resource_already_exists' });
    await stripe.products.update('starter', { description: 'small', metadata: { plan: '', kind: 'base' } });
    await stripe.products.update('starter', { description: '' });
    expect(await stripe.products.retrieve('starter')).toMatchObject({ description: null, metadata: { kind: 'base' } });
    expect((await stripe.products.search({ query: "metadata['kind']:'base' AND active:'true'" })).data.map(({ id }) => id)).toEqual(['starter']);
    expect((await stripe.products.search({ query: "name~'tart' AND -active:'true'" })).data).toEqual([]);
    await expect(stripe.products.search({ query: 'what?' })).rejects.toMatchObject({ param: 'query' });
    await expect(stripe.products.del('starter')).rejects.toThrow('cannot be deleted');
  });

  it('has features, each once', async () => {
    const { id } = await stripe.products.create({ name: 'x' });
    const feature = await stripe.entitlements.features.create({ lookup_key: 'export', name: 'Export' });
    const attached = await stripe.products.createFeature(id, { entitlement_feature: feature.id });
    expect(attached.entitlement_feature.lookup_key).toBe('export');
    await expect(stripe.products.createFeature(id, { entitlement_feature: feature.id })).rejects.toMatchObject({ param: 'entitlement_feature' });
    await stripe.entitlements.features.update(feature.id, { name: 'Exports' });
    expect((await stripe.products.listFeatures(id)).data.map((one) => one.entitlement_feature.name)).toEqual(['Exports']);
    await stripe.products.deleteFeature(id, attached.id);
    expect((await stripe.products.listFeatures(id)).data).toEqual([]);
    await expect(stripe.entitlements.features.create({ lookup_key: 'export', name: 'x' })).rejects.toMatchObject({ param: 'lookup_key' });
  });
});

describe('a price', () => {
  const base: Stripe.PriceCreateParams = { currency: 'usd', product_data: { name: 'x' }, recurring: { interval: 'month' } };
  const tiered: Stripe.PriceCreateParams = { ...base, billing_scheme: 'tiered', tiers_mode: 'graduated', tiers: [{ up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount: 500, flat_amount_decimal: Stripe.Decimal.from('10.5') }] };

  it('keeps its amounts in both spellings, and for good', async () => {
    const whole = await stripe.prices.create({ ...base, unit_amount: 2_900 });
    expect([whole.unit_amount, String(whole.unit_amount_decimal), whole.type]).toEqual([2_900, '2900', 'recurring']);
    const fine = await stripe.prices.create({ ...base, unit_amount_decimal: Stripe.Decimal.from('0.01') });
    expect([fine.unit_amount, String(fine.unit_amount_decimal)]).toEqual([null, '0.01']);
    const steps = await stripe.prices.create({ ...tiered, expand: ['tiers'] });
    expect(steps.tiers?.map(({ up_to, unit_amount, flat_amount }) => [up_to, unit_amount, flat_amount])).toEqual([[5, 0, null], [null, 500, null]]);
    await expect(stripe.prices.update(whole.id, { unit_amount: 1 } as never)).rejects.toMatchObject({ code: 'parameter_unknown', param: 'unit_amount' });
  });

  it.each<[string, Partial<Stripe.PriceCreateParams>, string]>([
    ['no amount', {}, 'unit_amount'],
    ['two amounts', { unit_amount: 1, unit_amount_decimal: Stripe.Decimal.from('1') }, 'unit_amount'],
    ['tiers without a scheme', { unit_amount: 1, tiers: tiered.tiers ?? [] }, 'tiers'],
    ['metered without a meter', { unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered' } }, 'recurring[meter]'],
    ['a meter that is none', { unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered', meter: 'mtr_1' } }, 'recurring[meter]'],
    ['four years', { unit_amount: 1, recurring: { interval: 'year', interval_count: 4 } }, 'recurring[interval_count]'],
    ['a product twice', { unit_amount: 1, product: 'prod_1' }, 'product'],
  ])('is refused with %s', async (_, params, param) => {
    await expect(stripe.prices.create({ ...base, ...params })).rejects.toMatchObject({ statusCode: 400, param });
  });

  it.each<[string, Partial<Stripe.PriceCreateParams>, string]>([
    ['an amount of its own', { unit_amount: 1 }, 'unit_amount'],
    ['a transformed quantity', { transform_quantity: { divide_by: 10, round: 'up' } }, 'transform_quantity'],
    ['an end', { tiers: [{ up_to: 5, unit_amount: 0 }] }, 'tiers[0][up_to]'],
    ['no end but in its midst', { tiers: [{ up_to: 'inf', unit_amount: 0 }, { up_to: 5, unit_amount: 0 }] }, 'tiers[0][up_to]'],
    ['steps that do not rise', { tiers: [{ up_to: 5, unit_amount: 0 }, { up_to: 5, unit_amount: 0 }, { up_to: 'inf', unit_amount: 0 }] }, 'tiers[1][up_to]'],
    ['a step without an amount', { tiers: [{ up_to: 'inf' }] }, 'tiers[0][unit_amount]'],
  ])('in tiers is refused with %s', async (_, params, param) => {
    await expect(stripe.prices.create({ ...tiered, ...params })).rejects.toMatchObject({ statusCode: 400, param });
  });

  it('hands its lookup key on', async () => {
    const old = await stripe.prices.create({ ...base, unit_amount: 1, lookup_key: 'base' });
    await expect(stripe.prices.create({ ...base, unit_amount: 2, lookup_key: 'base' })).rejects.toMatchObject({ param: 'lookup_key' });
    const next = await stripe.prices.create({ ...base, unit_amount: 2, lookup_key: 'base', transfer_lookup_key: true });
    expect((await stripe.prices.list({ lookup_keys: ['base', 'other'] })).data.map(({ id }) => id)).toEqual([next.id]);
    expect((await stripe.prices.retrieve(old.id)).lookup_key).toBeNull();
    expect((await stripe.events.list({ type: 'price.updated' })).data[0]?.data.previous_attributes).toEqual({ lookup_key: 'base' });
  });

  it('is listed by product, activity and what it recurs by', async () => {
    const meter = await stripe.billing.meters.create({ display_name: 'm', event_name: 'm', default_aggregation: { formula: 'sum' } });
    const metered = await stripe.prices.create({ ...base, unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } });
    const licensed = await stripe.prices.create({ ...base, unit_amount: 1 });
    await stripe.prices.update(licensed.id, { active: false, nickname: 'old' });
    const ids = async (params: Stripe.PriceListParams): Promise<string[]> => (await stripe.prices.list(params)).data.map(({ id }) => id);
    expect(await ids({ active: true })).toEqual([metered.id]);
    expect(await ids({ recurring: { usage_type: 'licensed' } })).toEqual([licensed.id]);
    expect(await ids({ recurring: { meter: meter.id } })).toEqual([metered.id]);
    expect(await ids({ product: licensed.product as string })).toEqual([licensed.id]);
    await stripe.billing.meters.deactivate(meter.id);
    await expect(stripe.prices.create({ ...base, unit_amount: 1, recurring: { interval: 'month', usage_type: 'metered', meter: meter.id } })).rejects.toThrow('inactive');
  });
});
