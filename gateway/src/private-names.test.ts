import type { LiveOperation } from '@iotistic/testkit/client';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannerNamesOf } from './private-names.ts';
import { readSupergraphSdl } from './supergraph.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.fake.issue('iotk_cust_1', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
});
afterAll(() => gateway.stop());

describe('an alias that is the name of a key', () => {
  it('has the value that was asked for', async () => {
    expect(JSON.stringify(await gateway.admin.ask('{ customer(id: "cust_1") { id: email license { id: status } createdAt: companyName subscription { id: status } __typename: status } }'))).toBe(
      '{"customer":{"id":"ada@example.com","license":{"id":"ACTIVE"},"createdAt":"Company cust_1","subscription":{"id":"TRIALING"},"__typename":"ACTIVE"}}',
    );
  });

  it('is the path of its error', async () => {
    gateway.fake.down.add('licensing');
    const { data, errors } = await gateway.admin.send('{ customer(id: "cust_1") { id: license { id: status } email } }');
    gateway.fake.down.delete('licensing');
    expect(data).toEqual({ customer: { id: null, email: 'ada@example.com' } });
    expect(errors).toMatchObject([{ path: ['customer', 'id'], extensions: { code: 'UNAVAILABLE' } }]);
  });

  it('is right in a live operation, joined, and in what refuses one', async () => {
    const watch = (query: string): LiveOperation<unknown> => gateway.client.as({ apiKey: 'iotk_cust_1' }).live(query);
    const own = watch('subscription { id: usageReported(customerId: "cust_1") { id: activeDevices customer { id: companyName createdAt: license { id: status } subscription { status } } } }');
    await waitFor(() => expect(gateway.fake.openStreams()).toBe(1));
    gateway.fake.report('cust_1', 7);
    await waitFor(() => expect(own.received).toHaveLength(1));
    expect(JSON.stringify(own.received)).toBe('[{"data":{"id":{"id":7,"customer":{"id":"Company cust_1","createdAt":{"id":"ACTIVE"},"subscription":{"status":"TRIALING"}}}}}]');
    await own.stop();
    const refused = watch('subscription { id: usageReported(customerId: "cust_2") { id } }');
    await refused.ended.catch(() => undefined);
    expect(JSON.stringify([refused.received, await refused.ended])).toContain('"path":["id"]');
    expect(JSON.stringify([refused.received, await refused.ended])).not.toContain('private_');
    await refused.stop();
  });

  it('costs nothing where there is none: one subgraph is asked, as the client asked it', async () => {
    const before = gateway.fake.asked.billing.length;
    expect(await gateway.client.ask('{ list: plans { id: key title: name } }')).toEqual({ list: [{ id: 'TRIAL', title: 'Trial' }] });
    expect(gateway.fake.asked.billing.length - before).toBe(1);
  });
});

describe('the names that the planner adds by itself', () => {
  it('are found in every key and every requirement of the graph', () => {
    expect([...plannerNamesOf(readSupergraphSdl())].toSorted()).toEqual(expect.arrayContaining(['createdAt', 'customerId', 'fileId', 'id', 'instance', 'meter', 'periodStart', 'verdicts']));
    expect(plannerNamesOf('type T @join__type(graph: A, key: "a { b c }") { f: Int @join__field(graph: A, requires: "d { ... on X { e } }", contextArguments: [{ context: "c", name: "n", type: "Int", selection: " { g }" }]) }')).toEqual(new Set(['a', 'b', 'c', 'd', 'on', 'X', 'e', 'g']));
  });
});
