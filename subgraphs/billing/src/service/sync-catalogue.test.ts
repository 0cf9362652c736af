import type { Caller } from '@iotistic/contracts/caller';
import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planIn, PRICE_BOOKS } from '../domain/price-book.ts';

const SYNC = 'mutation ($input: SyncCatalogueInput!) { syncCatalogue(input: $input) { changes { kind key action } } }';
const USER: Caller = { kind: 'user', customerId: 'cust_1', userId: 'user_1', sessionId: 'sess_1' };

let test: BillingUnderTest;
beforeAll(async () => {
  test = await startUnderTest();
});
afterAll(() => test.close());

interface Change {
  kind: string;
  key: string;
  action: string;
}

async function sync(dryRun: boolean): Promise<Change[]> {
  const { data } = await test.billing.ask(ADMIN, SYNC, { input: { dryRun } });
  return (data as { syncCatalogue: { changes: Change[] } }).syncCatalogue.changes;
}

const changed = (changes: readonly Change[]): Change[] => changes.filter(({ action }) => action !== 'KEPT');

describe('syncCatalogue', () => {
  it('finds everything that Stripe has already, and changes nothing', async () => {
    const changes = await sync(false);
    expect(changed(changes)).toEqual([]);
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['METER', 'PRODUCT', 'PRICE', 'PORTAL']));
  });

  it('tells in a dry run what it would do, and does it only then', async () => {
    await test.stripe.products.update('iotistic_starter', { name: 'Something else' });
    const lookupKey = planIn(PRICE_BOOKS[0] as never, 'STARTER').lookupKey ?? '';
    const [price] = (await test.stripe.prices.list({ lookup_keys: [lookupKey] })).data;
    await test.stripe.prices.update(price?.id ?? '', { active: false });
    const wanted = [{ kind: 'PRODUCT', key: 'iotistic_starter', action: 'UPDATED' }, { kind: 'PRICE', key: lookupKey, action: 'CREATED' }];
    expect(changed(await sync(true))).toEqual(wanted);
    expect(changed(await sync(true))).toEqual(wanted);
    expect((await test.stripe.products.retrieve('iotistic_starter')).name).toBe('Something else');
    expect(changed(await sync(false))).toEqual(wanted);
    expect(changed(await sync(false))).toEqual([]);
  });

  it("is the operator's alone", async () => {
    const { errors } = await test.billing.ask(USER, SYNC, { input: {} });
    expect(errors?.[0]?.extensions).toMatchObject({ reason: 'ADMIN_ONLY' });
  });
});
