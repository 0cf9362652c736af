import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { newId } from '@iotistic/contracts/ids';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Account, type CustomersUnderTest, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

let database: TestDatabase;
let customers: CustomersUnderTest;
beforeAll(async () => {
  database = await createTestDatabase({ template: 'customers', migrate: prepareDatabase });
  customers = await startUnderTest(database.url, createTestClock());
});
afterAll(async () => {
  await customers.close();
  await database.drop();
});

const AUDIT = 'query ($id: ID!) { customer(id: $id) { auditLog(first: 5) { edges { node { id at actor action detail } } } } }';
const entryFor = (account: Account, id: string, action: string): Json => ({ id, customerId: account.id, actor: 'admin:operator', action, target: 'subn_1', detail: 'STARTER', requestId: 'req_of_billing', at: '2026-11-20T13:00:00.000Z' });
const inInbox = async (id: string): Promise<void> => {
  await waitFor(async () => expect(await customers.db.selectFrom('inbox').selectAll().where('event_id', '=', id).execute()).toHaveLength(1));
};

describe('what billing did to a customer', () => {
  it('is in the audit log of the customer, with the request that did it', async () => {
    const account = await customers.signUp('billed@example.com');
    await customers.deliver('billing.audited', entryFor(account, 'audt_billing_1', 'subscription.plan_changed'), 'evnt_audited_1');
    await inInbox('evnt_audited_1');
    const { customer } = await customers.data<{ customer: { auditLog: { edges: { node: Json }[] } } }>(ADMIN, AUDIT, { id: account.id });
    expect(customer.auditLog.edges[0]?.node).toEqual({ id: 'audt_billing_1', at: '2026-11-20T13:00:00.000Z', actor: 'admin:operator', action: 'subscription.plan_changed', detail: 'STARTER' });
    const row = await customers.db.selectFrom('audit_entries').select(['target', 'request_id']).where('id', '=', 'audt_billing_1').executeTakeFirstOrThrow();
    expect(row).toEqual({ target: 'subn_1', request_id: 'req_of_billing' });
  });

  it('stands there once, however often it is told', async () => {
    const account = await customers.signUp('told-twice@example.com');
    const before = await customers.audited(account.id);
    const entry = entryFor(account, newId('audt'), 'subscription.canceled');
    for (const id of ['evnt_audited_2', 'evnt_audited_3']) {
      await customers.deliver('billing.audited', entry, id);
      await inInbox(id);
    }
    expect((await customers.audited(account.id)).slice(before.length)).toEqual(['admin:operator subscription.canceled subn_1 (STARTER)']);
  });
});
