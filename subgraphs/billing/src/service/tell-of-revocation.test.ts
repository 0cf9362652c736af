import { newId } from '@iotistic/contracts/ids';
import { type BillingUnderTest, startUnderTest } from '@iotistic/testkit/billing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let under: BillingUnderTest;
beforeAll(async () => {
  under = await startUnderTest();
});
afterAll(() => under.close());

const mailsOf = (licenseId: string): Promise<{ key: string; recipient: string; subject: string; text_body: string }[]> => under.billing.rows("select * from mails where key = $1", [`license_revoked:${licenseId}`]);

it('who had a license revoked is told once, with the reason and the days that follow', async () => {
  const customerId = await under.customerAfterTrial();
  const revocation = { customerId, licenseId: newId('lic'), reason: 'key leaked', actor: 'admin:operator', at: '2026-12-20T12:00:00.000Z' };
  await under.billing.tell('license.revoked', revocation);
  await under.billing.tell('license.revoked', revocation);
  const mails = await mailsOf(revocation.licenseId);
  expect(mails).toMatchObject([{ subject: 'Your Iotistic license was revoked' }]);
  for (const words of ['key leaked', 'December 27, 2026', 'January 10, 2027']) expect(mails[0]?.text_body).toContain(words);
});

it('of a customer that is not known nobody is told', async () => {
  const licenseId = newId('lic');
  await under.billing.tell('license.revoked', { customerId: newId('cust'), licenseId, reason: 'x', actor: 'admin:operator', at: '2026-12-20T12:00:00.000Z' });
  expect(await mailsOf(licenseId)).toEqual([]);
});
