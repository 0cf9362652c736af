import { newId } from '@iotistic/contracts/ids';
import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let under: BillingUnderTest;
let customerId: string;
beforeAll(async () => {
  under = await startUnderTest();
  customerId = await under.customerAfterTrial();
});
afterAll(() => under.close());

const AT = '2026-12-20T12:00:00.000Z';
const mailsOf = (key: string): Promise<{ subject: string; text_body: string }[]> => under.billing.rows('select * from mails where key = $1', [key]);
const alert = (rest: object = {}) => ({ alertId: newId('alrt'), customerId, kind: 'INCLUDED' as const, meter: 'STORAGE_BYTES' as const, threshold: 80, used: 4_100_000_000, included: 5_000_000_000, periodStart: '2026-12-04T12:00:00.000Z', at: AT, ...rest });
const anomaly = (rest: object = {}) => ({ anomalyId: newId('anom'), customerId, kind: 'INSTANCE_SILENT' as const, instanceName: 'plant-1', meter: null, detail: 'No report since noon.', at: AT, ...rest });

it('who reaches a threshold is told once, with what was used and of what', async () => {
  const told = alert();
  await under.billing.tell('usage.alert_raised', told);
  await under.billing.tell('usage.alert_raised', told);
  const mails = await mailsOf(`usage_alert:${told.alertId}`);
  expect(mails).toMatchObject([{ subject: 'You reached 80 % of the storage in your Iotistic plan' }]);
  expect(mails[0]?.text_body).toContain('In the period that began on December 4, 2026 you used 4.1 GB of 5 GB that are included.');
});

it('who reaches the limit of devices is told that no more can be added', async () => {
  const told = alert({ kind: 'MAX_DEVICES', meter: 'DEVICES', threshold: 100, used: 1_000, included: 1_000 });
  await under.billing.tell('usage.alert_raised', told);
  const [mail] = await mailsOf(`usage_alert:${told.alertId}`);
  expect(mail?.subject).toBe('You reached 100 % of the devices that your Iotistic plan allows');
  for (const words of ['1,000 of 1,000, the most that your plan allows', 'No more devices can be added']) expect(mail?.text_body).toContain(words);
});

it.each([
  ['INSTANCE_SILENT', {}, 'Your Iotistic instance plant-1 stopped reporting', 'No report since noon.'],
  ['SEQUENCE_REUSED', { detail: 'Two reports have the sequence 7.' }, 'Two agents report as your Iotistic instance plant-1', 'give the copy a name of its own'],
  ['ABOVE_TREND', { instanceName: null, meter: 'API_CALLS', detail: '500 on 2026-12-20.' }, 'Your API calls rose far above what is usual', 'API calls: 500 on 2026-12-20.'],
] as const)('of %s the customer is told once', async (kind, rest, subject, words) => {
  const told = anomaly({ kind, ...rest });
  await under.billing.tell('usage.anomaly_raised', told);
  await under.billing.tell('usage.anomaly_raised', told);
  const mails = await mailsOf(`usage_anomaly:${told.anomalyId}`);
  expect(mails).toMatchObject([{ subject }]);
  expect(mails[0]?.text_body).toContain(words);
});

it('of overlapping intervals, and of a customer that is not known or has gone, nobody is told', async () => {
  const overlapping = anomaly({ kind: 'OVERLAPPING_INTERVALS' });
  const unknown = alert({ customerId: newId('cust') });
  await under.billing.tell('usage.anomaly_raised', overlapping);
  await under.billing.tell('usage.alert_raised', unknown);
  const gone = await under.customerAfterTrial();
  await under.billing.tell('customer.deactivated', { customerId: gone, reason: 'closed', actor: 'admin:operator', at: AT });
  const late = alert({ customerId: gone });
  await under.billing.tell('usage.alert_raised', late);
  for (const key of [`usage_anomaly:${overlapping.anomalyId}`, `usage_alert:${unknown.alertId}`, `usage_alert:${late.alertId}`]) expect(await mailsOf(key)).toEqual([]);
});
