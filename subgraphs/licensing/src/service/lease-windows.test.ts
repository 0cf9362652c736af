import type { LicenseClaims } from '@iotistic/contracts/license';
import { type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payloadOf } from '../domain/license-payload.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ADMIN = { kind: 'admin', name: 'test' } as const;
let under: LicensingUnderTest;

beforeAll(async () => {
  under = await startLicensingUnderTest();
});
afterAll(() => under.close());

const claimsOf = (token: string): LicenseClaims => payloadOf(token) as unknown as LicenseClaims;
const fetchOf = async (customerId: string): Promise<LicenseClaims> => claimsOf((await under.fetchLicense(customerId)).license?.token ?? '');
/** How long a license that is fetched now is VALID. Milliseconds. */
const validForMs = async (customerId: string): Promise<number> => (await fetchOf(customerId)).exp * 1000 - under.clock.now().getTime();
const inDays = (days: number): string => new Date(under.clock.now().getTime() + days * DAY_MS).toISOString();
const issuesOf = async (customerId: string): Promise<unknown[]> => (await under.history(customerId)) as unknown[];

describe('a customer that pays', () => {
  it('has one signature a week, however often it asks, and 30 days each time', async () => {
    const customerId = await under.licensed({ currentPeriodEndsAt: inDays(31) });
    const tokens = new Set<string>();
    for (let hour = 0; hour <= 35 * 24; hour += 6) {
      const { license } = await under.fetchLicense(customerId);
      tokens.add(license?.token ?? '');
      expect(claimsOf(license?.token ?? '').exp * 1000 - under.clock.now().getTime()).toBeGreaterThanOrEqual(30 * DAY_MS);
      under.clock.advance({ hours: 6 });
    }
    expect([6, 7]).toContain(tokens.size);
    expect(await issuesOf(customerId)).toHaveLength(tokens.size);
  });

  it('is renewed by the sweep, though nobody asks', async () => {
    const customerId = await under.licensed();
    const before = await fetchOf(customerId);
    under.clock.advance({ days: 7 });
    await under.subgraph.runScheduled();
    const license = await under.licenseOf(customerId);
    expect(claimsOf(license?.token ?? '').iat).toBeGreaterThan(before.iat);
    expect(await issuesOf(customerId)).toMatchObject([{ action: 'GENERATED' }, { action: 'RENEWED', reason: 'lease renewed' }]);
  });

  it('whose subscription changes within a window has a license that instances take for the newer one', async () => {
    const customerId = await under.licensed();
    const first = await fetchOf(customerId);
    under.clock.advance({ hours: 5 });
    await under.grant(customerId, 2, { plan: 'PROFESSIONAL' });
    const second = await fetchOf(customerId);
    expect([second.version, second.iat >= first.iat]).toEqual([2, true]);
    expect(await validForMs(customerId)).toBeGreaterThanOrEqual(30 * DAY_MS);
  });
});

describe('an end that is known', () => {
  it('bounds the license from the moment that it is said, and no longer than it is said', async () => {
    const customerId = await under.licensed({ currentPeriodEndsAt: inDays(20) });
    await under.grant(customerId, 2, { currentPeriodEndsAt: inDays(20), endsAt: inDays(20) });
    expect(await validForMs(customerId)).toBe(20 * DAY_MS);
    under.clock.advance({ days: 10 });
    await under.subgraph.runScheduled();
    expect(await validForMs(customerId)).toBe(10 * DAY_MS);
    await under.grant(customerId, 3, { currentPeriodEndsAt: inDays(10) });
    expect(await validForMs(customerId)).toBeGreaterThanOrEqual(30 * DAY_MS);
  });

  it('of a payment that is due is the moment that it fell due; once it is paid there are 30 days again', async () => {
    const customerId = await under.licensed({ currentPeriodEndsAt: inDays(5) });
    under.clock.advance({ days: 6 });
    await under.grant(customerId, 2, { status: 'PAST_DUE', currentPeriodEndsAt: inDays(-1) });
    expect(await validForMs(customerId)).toBe(-DAY_MS);
    expect(await under.licenseOf(customerId)).toMatchObject({ status: 'GRACE' });
    await under.grant(customerId, 3, { status: 'ACTIVE', currentPeriodEndsAt: inDays(29) });
    expect(await validForMs(customerId)).toBeGreaterThanOrEqual(30 * DAY_MS);
    expect(await under.licenseOf(customerId)).toMatchObject({ status: 'ACTIVE' });
  });

  it('is nothing to a license for an instance without a network', async () => {
    const customerId = await under.licensed();
    const query = 'mutation ($input: IssueAirGapLicenseInput!) { issueAirGapLicense(input: $input) { license { token airGap } } }';
    const { issueAirGapLicense: issued } = await under.read<{ issueAirGapLicense: { license: { token: string } } }>(ADMIN, query, { input: { customerId, days: 365, reason: 'a mine' } });
    const claims = claimsOf(issued.license.token);
    expect([claims.exp - claims.iat, claims.airGap]).toEqual([365 * 86_400, true]);
    expect((await fetchOf(customerId)).airGap).toBeUndefined();
  });
});

describe('several processes', () => {
  it('at the edge of a window, one of them behind, give one license, and none that is older', async () => {
    const customerId = await under.licensed();
    const stop = await under.startOther({});
    const edge = (await fetchOf(customerId)).exp * 1000 - 30 * DAY_MS;
    under.clock.set(new Date(edge));
    const renewed = await Promise.all([fetchOf(customerId), under.subgraph.runScheduled().then(() => fetchOf(customerId)), fetchOf(customerId)]);
    expect(new Set(renewed.map(({ jti }) => jti)).size).toBe(1);
    under.clock.set(new Date(edge - HOUR_MS));
    await under.subgraph.runScheduled();
    expect(await fetchOf(customerId)).toEqual(renewed[0]);
    expect(await issuesOf(customerId)).toHaveLength(2);
    await stop();
  });

  it('after a rotation sign again what is held, not what a clock that is behind would begin', async () => {
    const customerId = await under.licensed();
    const edge = (await fetchOf(customerId)).exp * 1000 - 30 * DAY_MS;
    under.clock.set(new Date(edge));
    const held = await fetchOf(customerId);
    under.clock.set(new Date(edge - HOUR_MS));
    await under.read(ADMIN, 'mutation { rotateSigningKey { signingKey { id } } }');
    await waitFor(async () => expect((await fetchOf(customerId)).jti).not.toBe(held.jti));
    const again = await fetchOf(customerId);
    expect([again.iat, again.exp]).toEqual([held.iat, held.exp]);
  });

  it('keep an old key for as long as a license that it signed may be shown: 37 days of lease and 21 of calendar', async () => {
    const customerId = await under.licensed();
    const { exp } = await fetchOf(customerId);
    const { signingKeys } = await under.read<{ signingKeys: { id: string; status: string }[] }>(ADMIN, '{ signingKeys { id status } }');
    const old = signingKeys.find(({ status }) => status === 'CURRENT')?.id ?? '';
    await under.read(ADMIN, 'mutation { rotateSigningKey { signingKey { id } } }');
    const statusAt = async (ms: number): Promise<string | undefined> => {
      under.clock.set(new Date(ms));
      await under.subgraph.runScheduled();
      const answer = await under.read<{ signingKeys: { id: string; status: string }[] }>(ADMIN, '{ signingKeys { id status } }');
      return answer.signingKeys.find(({ id }) => id === old)?.status;
    };
    expect(await statusAt(exp * 1000 + 21 * DAY_MS - 1000)).toBe('VERIFYING');
    expect(await statusAt(exp * 1000 + 30 * DAY_MS)).toBe('RETIRED');
  });
});
