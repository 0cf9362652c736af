import { newId } from '@iotistic/contracts/ids';
import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let under: BillingUnderTest;
beforeAll(async () => {
  under = await startUnderTest();
});
afterAll(() => under.close());

const mailsOf = (deploymentId: string): Promise<{ key: string; recipient: string; subject: string; text_body: string }[]> => under.billing.rows('select * from mails where key like $1 order by key', [`deployment_failed:${deploymentId}:%`]);
const change = (over: object): Record<string, unknown> => ({ deploymentId: newId('depl'), instanceId: newId('inst'), instanceName: 'prod', operation: 'DEPLOY', status: 'FAILED', run: 1, reason: 'HELM_FAILED', error: 'Error: no such chart', at: '2026-12-20T12:00:00.000Z', ...over });

it('whose deployment failed is told once each time that it was asked for', async () => {
  const failed = change({ customerId: await under.customerAfterTrial() });
  for (const told of [failed, failed, { ...failed, run: 2 }]) await under.billing.tell('deployment.changed', told as never);
  const mails = (await mailsOf(failed['deploymentId'] as string)).filter(({ key }) => key.endsWith(':customer'));
  expect(mails.map(({ key }) => key)).toEqual([`deployment_failed:${String(failed['deploymentId'])}:1:customer`, `deployment_failed:${String(failed['deploymentId'])}:2:customer`]);
  expect(mails[0]?.subject).toBe('Your Iotistic instance prod could not be deployed');
  expect(mails[0]?.text_body).not.toContain('no such chart');
});

it('of one that goes on, or went well, nobody is told', async () => {
  const customerId = await under.customerAfterTrial();
  for (const status of ['QUEUED', 'RUNNING', 'SUCCEEDED', 'REMOVED']) {
    const going = change({ customerId, status });
    await under.billing.tell('deployment.changed', going as never);
    expect(await mailsOf(going['deploymentId'] as string), status).toEqual([]);
  }
});
