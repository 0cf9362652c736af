import { ADMIN } from '@iotistic/testkit/billing';
import { causesOf, type MeteringUnderTest, startMetering } from '@iotistic/testkit/metering';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const OPERATOR = 'operator@vendor.example';
const FIELDS = 'customerId differsSince';

let under: MeteringUnderTest;

beforeAll(async () => {
  under = await startMetering({ OPERATOR_EMAIL: OPERATOR });
});
afterEach(() => under.fault({ count: 0 }));
afterAll(() => under.close());

interface DifferencesPage {
  edges: { node: { customerId: string } }[];
  pageInfo: { endCursor: string | null; hasPreviousPage: boolean };
}

async function differences(after: string | null): Promise<DifferencesPage> {
  const query = 'query ($after: String) { reconciliationDifferences(first: 1, after: $after) { edges { node { customerId } } pageInfo { endCursor hasPreviousPage } } }';
  return (await under.billing.read<{ reconciliationDifferences: DifferencesPage }>(ADMIN, query, { after })).reconciliationDifferences;
}

describe('what lasts', () => {
  it('is listed, counted, shown as a metric and mailed to the operator once, and leaves the list when it is repaired', async () => {
    const customerId = await under.payingCustomer();
    await under.use(customerId, { DEVICES: 25 });
    await under.settled(customerId);
    const listed = async (): Promise<{ customerId: string; differsSince: string }[]> => (await under.billing.read<{ reconciliationDifferences: { edges: { node: { customerId: string; differsSince: string } }[] } }>(ADMIN, `{ reconciliationDifferences(first: 50) { edges { node { ${FIELDS} } } pageInfo { hasNextPage } } }`)).reconciliationDifferences.edges.map(({ node }) => node);
    const counted = async (): Promise<number> => (await under.billing.read<{ billingOverview: { meteringDifferences: number } }>(ADMIN, '{ billingOverview { meteringDifferences } }')).billingOverview.meteringDifferences;
    under.clock.advance({ minutes: 1 });
    await under.running.runScheduled();
    const before = await counted();
    expect((await listed()).map((node) => node.customerId)).not.toContain(customerId);
    await under.sendForeign(customerId, 'DEVICES', 99);
    under.clock.advance({ hours: 25 });
    await under.running.runScheduled();
    const since = under.clock.now().toISOString();
    expect((await listed())[0]).toMatchObject({ customerId, differsSince: since });
    expect(await counted()).toBe(before + 1);
    expect(await under.billing.platform.metrics.text()).toMatch(/iotistic_billing_reconciliation_differences\{cause="STRIPE_HAS_MORE"\} [1-9]/);
    for (let hour = 0; hour < 3; hour += 1) {
      under.clock.advance({ hours: 1 });
      await under.running.runScheduled();
    }
    expect((await listed()).find((node) => node.customerId === customerId)).toMatchObject({ differsSince: since });
    const mails = await under.billing.rows<{ recipient: string; text_body: string }>("select recipient, text_body from mails where key like $1", [`metering_difference:${customerId}:%`]);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ recipient: OPERATOR, text_body: expect.stringContaining('DEVICES: reported 25, at Stripe 99.') as string });
    await under.repair(customerId);
    expect((await listed()).map((node) => node.customerId)).not.toContain(customerId);
    expect(await counted()).toBe(before);
  }, 60_000);

  it('is listed page by page, each once', async () => {
    const customerIds = [];
    for (let index = 0; index < 3; index += 1) {
      const customerId = await under.payingCustomer();
      await under.sendForeign(customerId, 'DEVICES', 5);
      under.clock.advance({ minutes: 1 });
      await under.reconcile(customerId);
      customerIds.push(customerId);
    }
    const seen: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 3; pages += 1) {
      const page: DifferencesPage = await differences(after);
      expect(page).toMatchObject({ edges: [{}], pageInfo: { hasPreviousPage: pages > 0 } });
      seen.push(...page.edges.map(({ node }) => node.customerId));
      after = page.pageInfo.endCursor;
    }
    expect(seen).toEqual(customerIds.toReversed());
    expect((await under.billing.ask(ADMIN, '{ reconciliationDifferences(after: "x") { edges { cursor } } }')).errors?.[0]?.extensions).toMatchObject({ reason: 'INVALID_CURSOR' });
  }, 60_000);

  it('is told of only at the second reading when pushes see to it', async () => {
    const customerId = await under.payingCustomer();
    await under.fault({ status: 500, afterApply: false, count: 1_000_000, path: '/v1/billing/meter_events' });
    await under.use(customerId, { DEVICES: 25 });
    await under.untilStatus(customerId, 'DEVICES SENDING');
    const alerted = async (): Promise<unknown> => (await under.billing.rows<{ alerted: string[] }>('select alerted from reconciliations where customer_id = $1', [customerId]))[0]?.alerted;
    expect(causesOf(await under.reconcile(customerId))).toMatchObject({ DEVICES: 'SENDING_UNKNOWN' });
    expect(await alerted()).toEqual([]);
    under.clock.advance({ minutes: 5 });
    await under.reconcile(customerId);
    expect(await alerted()).toEqual(['SENDING_UNKNOWN']);
  }, 60_000);
});
