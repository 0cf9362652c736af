import { newId } from '@iotistic/contracts/ids';
import { ADMIN, type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let licensing: LicensingUnderTest;
beforeAll(async () => {
  licensing = await startLicensingUnderTest();
});
afterAll(() => licensing.close());

const REVOKE = 'mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { status } } }';
const AIR_GAP = 'mutation ($input: IssueAirGapLicenseInput!) { issueAirGapLicense(input: $input) { license { status } } }';

describe('a customer that was made this moment', () => {
  it.each<[string, (customerId: string) => Promise<unknown>, expected: unknown]>([
    ['an agent that fetches', async (customerId) => (await licensing.fetchLicense(customerId)).license !== null, true],
    ['an operator who revokes', (customerId) => licensing.read(ADMIN, REVOKE, { input: { customerId, reason: 'a test account' } }), { revokeLicense: { license: { status: 'REVOKED' } } }],
    ['an operator who wants one for a bunker', (customerId) => licensing.read(ADMIN, AIR_GAP, { input: { customerId, days: 30, reason: 'bunker' } }), { issueAirGapLicense: { license: { status: 'ACTIVE' } } }],
  ])('is waited for: by %s', async (_who, ask, expected) => {
    const customerId = newId('cust');
    const asked = ask(customerId);
    await licensing.grant(customerId, 1, { plan: 'PROFESSIONAL' });
    expect(await asked).toEqual(expected);
  });
});
