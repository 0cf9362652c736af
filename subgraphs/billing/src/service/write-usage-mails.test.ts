import { newId } from '@iotistic/contracts/ids';
import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let under: BillingUnderTest;
let customerId: string;
beforeAll(async () => {
  under = await startUnderTest({ CONSOLE_URL: 'https://console.example/app/' });
});
beforeEach(async () => {
  customerId = newId('cust');
  const at = under.clock.now().toISOString();
  await under.billing.tell('customer.signed_up', { customerId, email: `${customerId}@example.com`, companyName: 'Acme', fullName: null, createdAt: at, updatedAt: at });
  await under.billing.rows("update subscriptions set plan = 'PROFESSIONAL' where customer_id = $1 returning id", [customerId]);
});
afterAll(() => under.close());

const AT = '2026-12-20T12:00:00.000Z';
interface MailRow {
  key: string;
  recipient: string;
  subject: string;
  text_body: string;
  unsubscribe_url: string | null;
}
const alert = (rest: object = {}) => ({ alertId: newId('alrt'), customerId, kind: 'INCLUDED' as const, meter: 'STORAGE_BYTES' as const, threshold: 80, used: 42_820_000_000, included: 50_000_000_000, periodStart: '2026-12-04T12:00:00.000Z', at: AT, ...rest });
const anomaly = (rest: object = {}) => ({ anomalyId: newId('anom'), customerId, kind: 'INSTANCE_SILENT' as const, instanceName: 'plant-1', meter: null, detail: 'No report since noon.', at: AT, ...rest });
const spike = (meter: string, rest: object = {}) => anomaly({ kind: 'ABOVE_TREND', instanceName: null, meter, detail: '669,465 on December 20, 2026 (UTC); usual on the days before was 43,155.', ...rest });

/** All of it comes, then the time passes after which mails are written. @returns the customer's mails about usage since then. */
async function mailsAfter(alerts: object[], anomalies: object[] = [], of = customerId): Promise<MailRow[]> {
  const before = await usageMailsOf(of);
  for (const each of alerts) await under.billing.tell('usage.alert_raised', each as never);
  for (const each of anomalies) await under.billing.tell('usage.anomaly_raised', each as never);
  await under.simulate('/_sim/time', { seconds: 90 });
  return (await usageMailsOf(of)).filter(({ key }) => before.every((known) => known.key !== key));
}
const usageMailsOf = (id: string): Promise<MailRow[]> => under.billing.rows<MailRow>("select key, recipient, subject, text_body, unsubscribe_url from mails where recipient = $1 and key like 'usage_%' order by created_at, id", [`${id}@example.com`]);

describe('one spike of usage', () => {
  it('makes one mail, about the meters that are billed, in units', async () => {
    const mails = await mailsAfter([alert({ meter: 'MQTT_MESSAGES', used: 838_155, included: 1_000_000 })], ['MQTT_MESSAGES', 'MQTT_BYTES', 'HTTP_BYTES', 'API_CALLS'].map((meter) => spike(meter)));
    expect(mails.map(({ subject }) => subject)).toEqual(['You reached 80 % of the MQTT messages in your Iotistic plan']);
    for (const words of ['In the billing period that began on December 4, 2026 at 12:00 UTC:', 'You used 838,155 MQTT messages; your plan includes 1,000,000, and what goes beyond that is charged by use.', 'MQTT messages: 669,465 on December 20, 2026 (UTC)', 'Your usage: https://console.example/app/usage']) expect(mails[0]?.text_body).toContain(words);
    for (const words of ['traffic', 'API calls']) expect(mails[0]?.text_body).not.toContain(words);
  });

  it('that goes on over midnight makes no second one, and one of weeks later does', async () => {
    expect((await mailsAfter([], [spike('MQTT_MESSAGES')])).map(({ subject }) => subject)).toEqual(['Your MQTT messages rose far above what is usual']);
    await under.simulate('/_sim/time', { seconds: 72_000 });
    expect(await mailsAfter([], [spike('MQTT_MESSAGES')])).toEqual([]);
    await under.billing.rows("update usage_notices set settled_at = settled_at - interval '14 days' where customer_id = $1 returning id", [customerId]);
    expect(await mailsAfter([], [spike('MQTT_MESSAGES')])).toHaveLength(1);
  });

  it('of meters that nobody bills makes none', async () => {
    expect(await mailsAfter([], [spike('MQTT_BYTES'), spike('HTTP_BYTES'), anomaly({ kind: 'OVERLAPPING_INTERVALS' })])).toEqual([]);
  });
});

describe('thresholds', () => {
  it('of several meters that are reached at once make one mail', async () => {
    const mails = await mailsAfter([alert({ meter: 'DEVICES', used: 19, included: 20 }), alert()]);
    expect(mails.map(({ subject }) => subject)).toEqual(['You reached 80 % of the devices and storage in your Iotistic plan']);
    for (const words of ['You had 19 active devices at a time; your plan includes 20', 'You stored 42.82 GB; your plan includes 50 GB']) expect(mails[0]?.text_body).toContain(words);
    expect(mails[0]?.text_body.match(/Nothing is cut off/g)).toHaveLength(1);
  });

  it('of 80 % and 100 % within a minute make one mail, of the higher', async () => {
    const mails = await mailsAfter([alert(), alert({ threshold: 100, used: 50_100_000_000 })]);
    expect(mails).toMatchObject([{ subject: 'You reached 100 % of the storage in your Iotistic plan', unsubscribe_url: null }]);
    expect(mails[0]?.text_body).toContain('You stored 50.1 GB; your plan includes 50 GB.');
  });

  it('of the devices that may be there say that no more can be added', async () => {
    const [mail] = await mailsAfter([alert({ kind: 'MAX_DEVICES', meter: 'DEVICES', threshold: 100, used: 1_025, included: 1_000 })]);
    expect(mail?.subject).toBe('You reached 100 % of the devices that your Iotistic plan allows');
    for (const words of ['You had 1,025 active devices at a time; your plan allows 1,000.', 'You can add no more devices']) expect(mail?.text_body).toContain(words);
  });

  it('that are delivered twice make one mail', async () => {
    const told = alert();
    expect(await mailsAfter([told, told])).toHaveLength(1);
    expect(await mailsAfter([told])).toEqual([]);
  });
});

it('instances that fall silent together make one mail, which leads to them', async () => {
  const mails = await mailsAfter([], [anomaly(), anomaly({ instanceName: 'plant-2' })]);
  expect(mails.map(({ subject }) => subject)).toEqual(['2 of your Iotistic instances stopped reporting']);
  for (const words of ['plant-1: No report since noon.', 'plant-2: No report since noon.', 'https://console.example/app/instances']) expect(mails[0]?.text_body).toContain(words);
});

it('two agents under one name make a mail that says what to do', async () => {
  const mails = await mailsAfter([], [anomaly({ kind: 'SEQUENCE_REUSED', detail: 'two reports have the sequence 7.' })]);
  expect(mails.map(({ subject }) => subject)).toEqual(['Two agents report as your Iotistic instance plant-1']);
  for (const words of ['Two reports have the sequence 7.', 'give the copy a name of its own']) expect(mails[0]?.text_body).toContain(words);
});

it('a customer that is not known, or has gone, gets none', async () => {
  const unknown = newId('cust');
  expect(await mailsAfter([alert({ customerId: unknown })], [], unknown)).toEqual([]);
  await under.billing.tell('customer.deactivated', { customerId, reason: 'closed', actor: 'admin:operator', at: AT });
  expect(await mailsAfter([alert()])).toEqual([]);
});

it('what was decided long ago is not kept', async () => {
  await mailsAfter([alert()]);
  await under.billing.rows("update usage_notices set settled_at = settled_at - interval '91 days' where customer_id = $1 returning id", [customerId]);
  await under.simulate('/_sim/time', { seconds: 10 });
  expect(await under.billing.rows('select id from usage_notices where customer_id = $1', [customerId])).toEqual([]);
});
