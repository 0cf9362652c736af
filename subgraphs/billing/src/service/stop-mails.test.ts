import { newId } from '@iotistic/contracts/ids';
import type { HttpAnswer } from '@iotistic/chassis/http-server';
import { ADMIN, type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let under: BillingUnderTest;
let customerId: string;
beforeAll(async () => {
  under = await startUnderTest();
  customerId = await under.customerAfterTrial();
  await fail(customerId);
});
afterAll(() => under.close());

interface MailRow {
  key: string;
  unsubscribe_url: string | null;
  text_body: string;
}
const fail = (of: string): Promise<unknown> =>
  under.billing.tell('deployment.changed', { customerId: of, deploymentId: newId('depl'), instanceId: newId('inst'), instanceName: 'prod', operation: 'DEPLOY', status: 'FAILED', run: 1, reason: 'HELM_FAILED', error: 'x', at: '2026-12-20T12:00:00.000Z' });
const mailsOf = (of: string): Promise<MailRow[]> => under.billing.rows<MailRow>("select key, unsubscribe_url, text_body from mails where recipient = $1 and key like 'deployment_failed%' order by created_at, id", [`${of}@example.com`]);
const preferences = async (of: string): Promise<unknown> => {
  const { data } = await under.billing.ask(ADMIN, 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { mailPreferences { usageWarnings usageAnomalies deployments } } } }', { of: [{ __typename: 'Customer', id: of }] });
  return (data as { _entities: { mailPreferences: unknown }[] })._entities[0]?.mailPreferences;
};
const ALL = { usageWarnings: true, usageAnomalies: true, deployments: true };

async function open(method: 'GET' | 'POST', url: URL): Promise<HttpAnswer> {
  const route = under.running.http[`${method} /mails/unsubscribe`];
  if (route === undefined) throw new Error('there is no such route');
  return route({ method, path: '/mails/unsubscribe', query: url.searchParams, headers: {}, requestId: newId('req'), body: () => Promise.resolve(Buffer.from('List-Unsubscribe=One-Click')) });
}

describe('the link of a mail', () => {
  it('asks a person, and stops nothing by being looked at', async () => {
    const [mail] = await mailsOf(customerId);
    const url = new URL(mail?.unsubscribe_url ?? '');
    expect(url.pathname).toBe('/api/mails/unsubscribe');
    expect(mail?.text_body).toContain(`Stop mails like this one: ${url.href}`);
    expect((await open('GET', url)).body).toContain('Do you want no more mails about deployments that failed?');
    expect(await preferences(customerId)).toEqual(ALL);
  });

  it('stops mails of its kind by one POST, once, and no others', async () => {
    const [mail] = await mailsOf(customerId);
    const url = new URL(mail?.unsubscribe_url ?? '');
    for (let time = 0; time < 2; time += 1) expect((await open('POST', url)).body).toContain('You will get no more mails about deployments that failed.');
    expect(await preferences(customerId)).toEqual({ ...ALL, deployments: false });
    await fail(customerId);
    expect(await mailsOf(customerId)).toHaveLength(1);
    const audited = (await under.billing.published('billing.audited')).filter((entry) => entry.customerId === customerId && entry.action === 'stopMails');
    expect(audited).toHaveLength(1);
  });

  it.each([{ kind: 'DEPLOYMENTS', token: 'x'.repeat(32) }, { kind: 'PAYMENTS', token: '' }, { kind: 'DEPLOYMENTS', token: "' or 1=1" }])('that is not ours says so: %o', async (link) => {
    for (const method of ['GET', 'POST'] as const) {
      const answer = await open(method, new URL(`http://127.0.0.1/?${new URLSearchParams(link).toString()}`));
      expect([answer.status, String(answer.body).includes('This link does not work')]).toEqual([400, true]);
    }
  });
});

describe('the preferences of a customer', () => {
  it('change what is named, and the mails follow', async () => {
    const other = await under.customerAfterTrial();
    const change = async (input: object): Promise<unknown> => {
      const { data } = await under.billing.ask({ kind: 'user', userId: newId('user'), customerId: other, sessionId: newId('sess') }, 'mutation ($input: UpdateMailPreferencesInput!) { updateMailPreferences(input: $input) { mailPreferences { usageWarnings usageAnomalies deployments } } }', { input: { customerId: other, ...input } });
      return (data as { updateMailPreferences: { mailPreferences: unknown } }).updateMailPreferences.mailPreferences;
    };
    expect(await change({ deployments: false })).toEqual({ ...ALL, deployments: false });
    expect(await change({ usageAnomalies: false })).toEqual({ ...ALL, deployments: false, usageAnomalies: false });
    await fail(other);
    expect(await mailsOf(other)).toEqual([]);
    expect(await change({ deployments: true, usageAnomalies: null })).toEqual({ ...ALL, usageAnomalies: false });
    await fail(other);
    expect(await mailsOf(other)).toHaveLength(1);
  });
});
