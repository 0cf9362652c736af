import { newId } from '@iotistic/contracts/ids';
import { readCanonicalJson } from '@iotistic/contracts/signed-document';
import { ADMIN, ANYONE, instanceOf, type LicensingUnderTest, startLicensingUnderTest, userOf } from '@iotistic/testkit/licensing';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenHashOf } from './sign-license.ts';

let licensing: LicensingUnderTest;
beforeAll(async () => {
  licensing = await startLicensingUnderTest();
});
afterAll(() => licensing.close());

const REVOKE = 'mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { id status revokedAt } } }';
const REINSTATE = 'mutation ($input: ReinstateLicenseInput!) { reinstateLicense(input: $input) { license { id status token revokedAt } } }';
const AIR_GAP = 'mutation ($input: IssueAirGapLicenseInput!) { issueAirGapLicense(input: $input) { license { id token airGap expiresAt status } } }';
const input = (customerId: string, reason = 'key leaked'): { input: object } => ({ input: { customerId, reason } });
const revoke = async (customerId: string) => (await licensing.read<{ revokeLicense: { license: { id: string; status: string; revokedAt: string } } }>(ADMIN, REVOKE, input(customerId))).revokeLicense.license;
const reinstate = async (customerId: string) => (await licensing.read<{ reinstateLicense: { license: { id: string; status: string; token: string; revokedAt: null } } }>(ADMIN, REINSTATE, input(customerId, 'a mistake'))).reinstateLicense.license;
const issueAirGap = async (customerId: string, days = 90) => (await licensing.read<{ issueAirGapLicense: { license: { id: string; token: string; airGap: boolean; expiresAt: string; status: string } } }>(ADMIN, AIR_GAP, { input: { customerId, days, reason: 'bunker' } })).issueAirGapLicense.license;
const listed = (list: string): { epoch: number; jtis: string[]; revokedAt: number[] } => readCanonicalJson(Buffer.from(list.split('.')[1] ?? '', 'base64url')) as never;

describe('a license that an operator revokes', () => {
  it('counts for nothing from then on: not by the list, not for verifyLicense, not for a fetch', async () => {
    const customerId = await licensing.licensed();
    const before = await licensing.fetchLicense(customerId);
    licensing.clock.advance({ days: 2 });
    const license = await revoke(customerId);
    expect(license).toEqual({ id: before.license?.id, status: 'REVOKED', revokedAt: licensing.clock.now().toISOString() });
    expect(await licensing.stateOf(before.license?.token ?? '')).toBe('REVOKED');
    const after = await licensing.fetchLicense(customerId);
    expect(after.license).toBeNull();
    const list = listed(after.revocationList);
    expect(list.epoch).toBeGreaterThan(listed(before.revocationList).epoch);
    expect(list.revokedAt[list.jtis.indexOf(license.id)]).toBe(licensing.clock.now().getTime() / 1000);
    const { revocationList } = await licensing.read<{ revocationList: string }>(ANYONE, '{ revocationList }');
    expect(revocationList).toBe(after.revocationList);
  });

  it('shows the calendar that begins with its revocation', async () => {
    const customerId = await licensing.licensed();
    const token = (await licensing.licenseOf(customerId))?.token ?? '';
    licensing.clock.advance({ days: 1 });
    await revoke(customerId);
    const { verifyLicense } = await licensing.read<{ verifyLicense: { calendar: Record<string, string>; revokedAt: string } }>(ANYONE, 'query ($token: String!) { verifyLicense(token: $token) { revokedAt calendar { expiresAt graceUntil readOnlyFrom unlicensedFrom } } }', { token });
    const after = (days: number): string => new Date(licensing.clock.now().getTime() + days * 86_400_000).toISOString();
    expect(verifyLicense).toEqual({ revokedAt: after(0), calendar: { expiresAt: after(0), graceUntil: after(7), readOnlyFrom: after(7), unlicensedFrom: after(21) } });
  });

  it('is told of: to those who watch, to the gateway by the hash, to billing and to the audit log, each once', async () => {
    const customerId = await licensing.licensed();
    const token = (await licensing.licenseOf(customerId))?.token ?? '';
    const heard: string[] = [];
    const stop = licensing.platform.live.subscribe('credential', (sha256) => heard.push(sha256));
    const watched = await licensing.watch(userOf(customerId), 'subscription ($customerId: ID!) { licenseChanged(customerId: $customerId) { id status } }', { customerId });
    const next = watched.next();
    const { id } = await revoke(customerId);
    expect((await next).value).toMatchObject({ data: { licenseChanged: { id, status: 'REVOKED' } } });
    await watched.return?.();
    await waitFor(() => expect(heard).toContain(tokenHashOf(token)));
    stop();
    expect((await licensing.published('license.revoked')).filter((event) => event.customerId === customerId)).toMatchObject([{ licenseId: id, reason: 'key leaked', actor: 'admin:operator' }]);
    expect((await licensing.published('licensing.audited')).filter((event) => event.customerId === customerId)).toMatchObject([{ action: 'license.revoked', target: id, detail: 'key leaked', actor: 'admin:operator' }]);
  });

  it('is followed by no other, whatever billing says, until it is reinstated', async () => {
    const customerId = await licensing.licensed();
    await revoke(customerId);
    await licensing.grant(customerId, 2, { plan: 'STARTER' });
    licensing.clock.advance({ days: 40 });
    await licensing.subgraph.runScheduled();
    expect((await licensing.fetchLicense(customerId)).license).toBeNull();
    expect(await licensing.history(customerId)).toMatchObject([{ action: 'GENERATED' }, { action: 'REVOKED', actor: 'admin:operator', reason: 'key leaked' }]);
    await reinstate(customerId);
    const { license } = await licensing.fetchLicense(customerId);
    const { verifyLicense } = await licensing.read<{ verifyLicense: object }>(ANYONE, 'query ($token: String!) { verifyLicense(token: $token) { state claims } }', { token: license?.token });
    expect(verifyLicense).toMatchObject({ state: 'VALID', claims: { plan: 'starter', version: 2 } });
  });
});

describe('a reinstatement', () => {
  it('issues another license of the same facts; the revoked one stays revoked', async () => {
    const customerId = await licensing.licensed();
    const first = await licensing.licenseOf(customerId);
    await revoke(customerId);
    const second = await reinstate(customerId);
    expect(second.id).not.toBe(first?.id);
    expect([await licensing.stateOf(first?.token ?? ''), await licensing.stateOf(second.token)]).toEqual(['REVOKED', 'VALID']);
    await revoke(customerId);
    const third = await reinstate(customerId);
    expect(new Set([first?.id, second.id, third.id]).size).toBe(3);
    expect((await licensing.history(customerId)).map(({ action }) => action)).toEqual(['GENERATED', 'REVOKED', 'REINSTATED', 'REVOKED', 'REINSTATED']);
  });
});

describe('a license for an instance without a network', () => {
  it('lasts as long as was asked for, says what it is, and stands beside the one in force', async () => {
    const customerId = await licensing.licensed();
    const inForce = await licensing.licenseOf(customerId);
    const license = await issueAirGap(customerId, 365);
    expect(license).toMatchObject({ airGap: true, status: 'ACTIVE', expiresAt: new Date(licensing.clock.now().getTime() + 365 * 86_400_000).toISOString() });
    expect(await licensing.stateOf(license.token)).toBe('VALID');
    expect((await licensing.licenseOf(customerId))?.id).toBe(inForce?.id);
    expect((await licensing.fetchLicense(customerId)).license?.id).toBe(inForce?.id);
    expect(await licensing.entity(userOf(customerId), { __typename: 'Customer', id: customerId }, 'airGapLicenses { id airGap }')).toEqual({ airGapLicenses: [{ id: license.id, airGap: true }] });
    expect((await licensing.history(customerId)).at(-1)).toMatchObject({ action: 'GENERATED', actor: 'admin:operator', reason: 'air gap, 365 days: bunker' });
  });

  it('asked for twice at once is one, and ends with a revocation like any other', async () => {
    const customerId = await licensing.licensed();
    const [one, other] = await Promise.all([issueAirGap(customerId), issueAirGap(customerId)]);
    expect(one.token).toBe(other?.token);
    await revoke(customerId);
    expect(await licensing.stateOf(one.token)).toBe('REVOKED');
    expect(await licensing.refusal(ADMIN, AIR_GAP, { input: { customerId, days: 1, reason: 'x' } })).toBe('ALREADY_REVOKED');
  });

  it.each([0, 366, -1])('of %i days is refused', async (days) => {
    expect(await licensing.refusal(ADMIN, AIR_GAP, { input: { customerId: newId('cust'), days, reason: 'x' } })).toBe('INVALID_DAYS');
  });
});

describe('what cannot be done says why', () => {
  it('in the words of docs/errors.md', async () => {
    const customerId = await licensing.licensed();
    expect(await licensing.refusal(ADMIN, REVOKE, input(newId('cust')))).toBe('CUSTOMER_NOT_FOUND');
    expect(await licensing.refusal(ADMIN, REVOKE, input(customerId, '  '))).toBe('INVALID_TEXT');
    expect(await licensing.refusal(ADMIN, REVOKE, input(customerId, 'x'.repeat(501)))).toBe('INVALID_TEXT');
    expect(await licensing.refusal(ADMIN, REINSTATE, input(customerId))).toBe('NOT_REVOKED');
    await revoke(customerId);
    expect(await licensing.refusal(ADMIN, REVOKE, input(customerId))).toBe('ALREADY_REVOKED');
    await licensing.tell('customer.deactivated', { customerId, reason: 'x', actor: 'admin:test', at: licensing.clock.now().toISOString() });
    expect(await licensing.refusal(ADMIN, REINSTATE, input(customerId))).toBe('CUSTOMER_DEACTIVATED');
    expect(await licensing.refusal(ADMIN, REVOKE, input(customerId))).toBe('CUSTOMER_DEACTIVATED');
  });

  it('for a license whose calendar has run out, too', async () => {
    const customerId = await licensing.licensed({ currentPeriodEndsAt: licensing.clock.now().toISOString(), status: 'CANCELED' });
    licensing.clock.advance({ days: 22 });
    expect(await licensing.refusal(ADMIN, REVOKE, input(customerId))).toBe('NO_LICENSE');
  });

  it.each([
    ['nobody', ANYONE, 'CREDENTIAL_REQUIRED'],
    ['a user', userOf('cust_x'), 'ADMIN_ONLY'],
    ['an instance', instanceOf('cust_x'), 'ADMIN_ONLY'],
  ] as const)('%s may not', async (_who, caller, reason) => {
    for (const [document, variables] of [[REVOKE, input('cust_x')], [REINSTATE, input('cust_x')], [AIR_GAP, { input: { customerId: 'cust_x', days: 1, reason: 'x' } }], ['mutation { rotateSigningKey { signingKey { id } } }', {}], ['mutation { reissueLicenses(input: { reason: "x" }) { reissue { id } } }', {}], ['{ signingKeyEvents { id } }', {}], ['{ licenseReissues { id } }', {}]] as const) expect(await licensing.refusal(caller, document, variables)).toBe(reason);
  });
});
