import { createPublicKey } from 'node:crypto';
import { newId } from '@iotistic/contracts/ids';
import { type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentClock } from './clock.ts';
import type { KeySet } from './license-file.ts';
import { LicenseKeeper } from './license-keeper.ts';
import { DAY_MS } from './licenses.testkit.ts';
import { createTestMachine, silentLog, temporaryFolder } from './surroundings.testkit.ts';
import { Trust } from './trust.ts';

const PERIOD_DAYS = 31;
const START = new Date('2026-12-01T00:00:00.000Z');
let plane: LicensingUnderTest;

beforeAll(async () => {
  plane = await startLicensingUnderTest();
});
afterAll(() => plane.close());

const at = (days: number): Date => new Date(START.getTime() + days * DAY_MS);

async function fetchKeys(): Promise<KeySet> {
  const { signingKeys } = await plane.read<{ signingKeys: { id: string; publicKeyPem: string }[] }>({ kind: 'anonymous' }, '{ signingKeys { id publicKeyPem } }');
  return new Map(signingKeys.map(({ id, publicKeyPem }) => [id, createPublicKey(publicKeyPem)]));
}

/** An agent on a machine of its own, which has the plane's time when it starts. */
async function startAgent(customerId: string) {
  const folder = await temporaryFolder();
  const machine = createTestMachine(plane.clock.now());
  const clock = await AgentClock.open(folder, machine, silentLog);
  const trust = await Trust.open({ folder, log: silentLog, pinnedKeys: [], fetchKeys, saves: true });
  const keeper = await LicenseKeeper.open({ folder, clock, log: silentLog, trust, saves: true }, null);
  const contact = async (): Promise<void> => {
    const fetched = await plane.fetchLicense(customerId, { holding: keeper.standing().claims?.jti ?? null });
    await trust.takeRevocations(fetched.revocationList);
    const outcome = fetched.license === null ? 'unchanged' : await keeper.offer(fetched.license.token);
    expect(['accepted', 'unchanged']).toContain(outcome);
  };
  return { keeper, machine, contact, state: () => keeper.standing().state };
}

/** Pays each month, without a gap, from START on. */
async function payingCustomer(): Promise<string> {
  plane.clock.set(START);
  const customerId = newId('cust');
  await plane.grant(customerId, 1, { plan: 'STARTER', currentPeriodEndsAt: at(PERIOD_DAYS).toISOString() });
  return customerId;
}

describe('a paying instance that is cut off', () => {
  it.each(Array.from({ length: PERIOD_DAYS }, (_none, day) => day))('on day %i of its period works in full for 30 days from its last contact', async (day) => {
    const customerId = await payingCustomer();
    const agent = await startAgent(customerId);
    await agent.contact();
    // The last contact is the last second of that day, as late as it can be.
    plane.clock.set(new Date(at(day + 1).getTime() - 1000));
    agent.machine.advance((day + 1) * DAY_MS - 1000);
    await agent.contact();
    agent.machine.advance(30 * DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
    // It ends at last: a window later, by its calendar.
    agent.machine.advance(7 * DAY_MS + 1000);
    expect(agent.state()).toBe('grace');
    agent.machine.advance(14 * DAY_MS);
    expect(agent.state()).toBe('read-only');
    agent.machine.advance(14 * DAY_MS);
    expect(agent.state()).toBe('expired');
  });

  it('comes back within the 30 days as if nothing had been, with the next period paid meanwhile', async () => {
    const customerId = await payingCustomer();
    const agent = await startAgent(customerId);
    plane.clock.set(at(26));
    agent.machine.advance(26 * DAY_MS);
    await agent.contact();
    plane.clock.set(at(PERIOD_DAYS));
    await plane.grant(customerId, 2, { plan: 'STARTER', currentPeriodEndsAt: at(2 * PERIOD_DAYS).toISOString() });
    plane.clock.set(at(55));
    agent.machine.advance(29 * DAY_MS);
    expect(agent.state()).toBe('licensed');
    await agent.contact();
    agent.machine.advance(30 * DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
  });
});

describe('what ends', () => {
  it('a cancellation reaches a connected instance with its next contact: its license ends with the period', async () => {
    const customerId = await payingCustomer();
    const agent = await startAgent(customerId);
    await agent.contact();
    const end = at(PERIOD_DAYS).toISOString();
    await plane.grant(customerId, 2, { plan: 'STARTER', currentPeriodEndsAt: end, endsAt: end });
    await agent.contact();
    agent.machine.advance(PERIOD_DAYS * DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
    agent.machine.advance(1000);
    expect(agent.state()).toBe('grace');
  });

  it('and one that is taken back gives 30 days again', async () => {
    const customerId = await payingCustomer();
    const agent = await startAgent(customerId);
    const end = at(PERIOD_DAYS).toISOString();
    await plane.grant(customerId, 2, { plan: 'STARTER', currentPeriodEndsAt: end, endsAt: end });
    plane.clock.set(at(25));
    agent.machine.advance(25 * DAY_MS);
    await agent.contact();
    await plane.grant(customerId, 3, { plan: 'STARTER', currentPeriodEndsAt: end, endsAt: null });
    await agent.contact();
    agent.machine.advance(30 * DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
  });

  it('what is past due ended when it became so, and lasts 30 days again once it is paid', async () => {
    const customerId = await payingCustomer();
    const agent = await startAgent(customerId);
    await agent.contact();
    const end = at(PERIOD_DAYS).toISOString();
    plane.clock.set(at(PERIOD_DAYS + 2));
    agent.machine.advance((PERIOD_DAYS + 2) * DAY_MS);
    await plane.grant(customerId, 2, { plan: 'STARTER', status: 'PAST_DUE', currentPeriodEndsAt: end });
    await agent.contact();
    expect(agent.state()).toBe('grace');
    plane.clock.set(at(PERIOD_DAYS + 9));
    agent.machine.advance(7 * DAY_MS);
    expect(agent.state()).toBe('read-only');
    await plane.grant(customerId, 3, { plan: 'STARTER', currentPeriodEndsAt: at(2 * PERIOD_DAYS).toISOString() });
    await agent.contact();
    expect(agent.state()).toBe('licensed');
    agent.machine.advance(30 * DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
  });

  it('a trial ends with its day, whenever it was asked', async () => {
    plane.clock.set(START);
    const customerId = newId('cust');
    const end = at(14).toISOString();
    await plane.grant(customerId, 1, { plan: 'TRIAL', status: 'TRIALING', trialEndsAt: end, currentPeriodEndsAt: end });
    const agent = await startAgent(customerId);
    plane.clock.set(at(13));
    agent.machine.advance(13 * DAY_MS);
    await agent.contact();
    agent.machine.advance(DAY_MS - 1000);
    expect(agent.state()).toBe('licensed');
    agent.machine.advance(1000);
    expect(agent.state()).toBe('grace');
  });
});
