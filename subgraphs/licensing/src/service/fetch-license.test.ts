import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import { loadConfig } from '@iotistic/chassis/config';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventPayload } from '@iotistic/contracts/events';
import { instanceId, newId } from '@iotistic/contracts/ids';
import { verifySignedTime } from '@iotistic/contracts/signed-time';
import { startTestSubgraph, type TestSubgraph } from '@iotistic/testkit/subgraph';
import { compactVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLicensing } from '../app.ts';
import { licensingConfig } from '../config.ts';
import { migrations } from '../repository/migrations.ts';

let keys: string;
let licensing: TestSubgraph;
const startWith = (environment: Record<string, string>) => (platform: TestSubgraph['platform']) => startLicensing(loadConfig(licensingConfig, environment), platform);
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'iotistic-keys-'));
  licensing = await startTestSubgraph({ name: 'licensing', migrations, start: startWith({ LICENSE_KEYS_DIR: keys }) });
});
afterAll(async () => {
  await licensing.close();
  await rm(keys, { recursive: true, force: true });
});

const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
const instanceOf = (customerId: string, credential: 'api_key' | 'license' = 'api_key'): Caller => ({ kind: 'instance', customerId, credential, credentialId: 'akey_1' });

function subscription(changes: Partial<EventPayload<'subscription.changed'>> = {}): EventPayload<'subscription.changed'> {
  const at = licensing.clock.now().toISOString();
  return {
    customerId: newId('cust'),
    customerName: 'Acme Corp',
    subscriptionId: 'subn_1',
    plan: 'ENTERPRISE',
    status: 'ACTIVE',
    trialEndsAt: null,
    currentPeriodStart: at,
    currentPeriodEndsAt: null,
    entitlements: { features: { canExportData: true }, limits: { maxDevices: null }, included: {} },
    version: 1,
    updatedAt: at,
    actor: 'billing',
    reason: null,
    ...changes,
  };
}

async function licensed(changes: Partial<EventPayload<'subscription.changed'>> = {}): Promise<string> {
  const change = subscription(changes);
  await licensing.tell('subscription.changed', change);
  return change.customerId;
}

interface Fetched {
  license: { id: string; token: string; expiresAt: string } | null;
  customer: { id: string };
  revocationList: string;
  serverTime: string;
  refreshAfterSeconds: number;
}

const FETCH = 'mutation ($input: FetchLicenseInput!) { fetchLicense(input: $input) { license { id token expiresAt } customer { id } revocationList serverTime refreshAfterSeconds } }';

async function fetchLicense(customerId: string, input: { instance?: string; holding?: string | null; agentVersion?: string | null } = {}, caller = instanceOf(customerId)): Promise<Fetched> {
  const { fetchLicense: fetched } = await licensing.read<{ fetchLicense: Fetched }>(caller, FETCH, { input: { instance: 'us-east-1-prod', ...input } });
  return fetched;
}

interface RevocationClaims {
  iss: string;
  iat: number;
  epoch: number;
  jtis: string[];
}

async function openList(list: string): Promise<RevocationClaims> {
  const { signingKeys } = await licensing.read<{ signingKeys: { id: string; status: string; publicKeyPem: string }[] }>({ kind: 'anonymous' }, '{ signingKeys { id algorithm status publicKeyPem createdAt retiredAt } }');
  const key = signingKeys.find(({ status }) => status === 'CURRENT');
  const { payload, protectedHeader } = await compactVerify(list, createPublicKey(key?.publicKeyPem ?? ''));
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'revocations+jwt', kid: key?.id });
  return JSON.parse(Buffer.from(payload).toString()) as RevocationClaims;
}

describe('fetchLicense', () => {
  it('gives the license in force, and none while that is held', async () => {
    const customerId = await licensed();
    const first = await fetchLicense(customerId);
    expect(first).toMatchObject({ customer: { id: customerId }, serverTime: licensing.clock.now().toISOString(), refreshAfterSeconds: 3_600 });
    expect((await fetchLicense(customerId, { holding: first.license?.id ?? null })).license).toBeNull();
    expect((await fetchLicense(customerId, { holding: 'lic_of_old' })).license).toEqual(first.license);
    expect((await fetchLicense(customerId, {}, instanceOf(customerId, 'license'))).license).toEqual(first.license);
  });

  it('gives an unlicensed customer none, whatever it holds, and registers its instance', async () => {
    const customerId = newId('cust');
    const fetched = await fetchLicense(customerId, { holding: 'lic_x' });
    expect(fetched).toMatchObject({ license: null, refreshAfterSeconds: 3_600 });
    expect((await licensing.published('instance.activated')).filter((event) => event.customerId === customerId)).toHaveLength(1);
  });

  it('gives none to a customer that was deactivated, and names its licenses on the list', async () => {
    const customerId = await licensed();
    const before = await fetchLicense(customerId);
    await licensing.tell('customer.deactivated', { customerId, reason: 'x', actor: 'admin:test', at: licensing.clock.now().toISOString() });
    const after = await fetchLicense(customerId, { holding: before.license?.id ?? null });
    expect(after.license).toBeNull();
    const [was, is] = [await openList(before.revocationList), await openList(after.revocationList)];
    expect(is.epoch).toBeGreaterThan(was.epoch);
    expect(was.jtis).not.toContain(before.license?.id);
    expect(is.jtis).toContain(before.license?.id);
  });

  it('gives the same list until something is revoked or the hour is over', async () => {
    const customerId = await licensed();
    licensing.clock.set('2026-11-20T14:10:00.000Z');
    const { revocationList } = await fetchLicense(customerId);
    licensing.clock.set('2026-11-20T14:59:59.000Z');
    expect((await fetchLicense(customerId)).revocationList).toBe(revocationList);
    licensing.clock.set('2026-11-20T15:00:00.000Z');
    const next = await fetchLicense(customerId);
    expect(next.revocationList).not.toBe(revocationList);
    expect(await openList(next.revocationList)).toMatchObject({ iss: 'iotistic-control-plane', iat: Date.parse('2026-11-20T15:00:00.000Z') / 1000 });
  });

  it('begins the next lease with its window, once, for all who ask while the sweep runs', async () => {
    const customerId = await licensed();
    const first = await fetchLicense(customerId);
    const windowEnd = new Date(Date.parse(first.license?.expiresAt ?? '') - 30 * 86_400_000);
    licensing.clock.set(new Date(windowEnd.getTime() - 1000));
    expect(await fetchLicense(customerId)).toMatchObject({ license: first.license, refreshAfterSeconds: 60 });
    licensing.clock.advance({ seconds: 1 });
    const [fetched] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, (_value, index) => fetchLicense(customerId, { instance: `site-${index}` }))),
      licensing.subgraph.runScheduled(),
      licensing.subgraph.runScheduled(),
    ]);
    expect(new Set(fetched.map(({ license }) => license?.token)).size).toBe(1);
    expect(fetched[0]?.license?.id).not.toBe(first.license?.id);
    const history = await licensing.rows('select action, actor from license_history where customer_id = $1 order by position', [customerId]);
    expect(history).toEqual([{ action: 'GENERATED', actor: 'billing' }, { action: 'RENEWED', actor: 'licensing' }]);
  });

  it.each([
    ['an empty name', { instance: '' }],
    ['a name with a space', { instance: 'us east' }],
    ['a name that is too long', { instance: 'a'.repeat(129) }],
    ['an agent version that is too long', { instance: 'a', agentVersion: '1'.repeat(65) }],
  ])('refuses %s', async (_name, input) => {
    const answer = await licensing.ask(instanceOf(newId('cust')), FETCH, { input });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_NAME' });
  });

  it('refuses an agent version with a line break, as every text with one', async () => {
    const answer = await licensing.ask(instanceOf(newId('cust')), FETCH, { input: { instance: 'a', agentVersion: '1\n2' } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT', path: 'input.agentVersion' });
  });

  it.each([
    ['nobody', { kind: 'anonymous' }, 'CREDENTIAL_REQUIRED'],
    ['a user', userOf(newId('cust')), 'INSTANCE_ONLY'],
    ['the operator', { kind: 'admin', name: 'test' }, 'INSTANCE_ONLY'],
  ] as const)('is not for %s', async (_who, caller, reason) => {
    const answer = await licensing.ask(caller, FETCH, { input: { instance: 'a' } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ reason });
  });
});

describe('activations', () => {
  const FIELDS = 'activations { licenseId agentVersion firstSeenAt lastSeenAt instance { id name } }';
  const activationsOf = async (customerId: string): Promise<unknown> => (await licensing.entity(userOf(customerId), { __typename: 'Customer', id: customerId }, FIELDS))?.['activations'];

  it('tell of an instance once, however many fetches begin together', async () => {
    const customerId = await licensed();
    await Promise.all(Array.from({ length: 20 }, () => fetchLicense(customerId, { instance: 'site-1' })));
    licensing.clock.advance({ hours: 1 });
    await fetchLicense(customerId, { instance: 'site-1' });
    const events = (await licensing.published('instance.activated')).filter((event) => event.customerId === customerId);
    expect(events).toMatchObject([{ name: 'site-1', instanceId: instanceId(customerId, 'site-1') }]);
  });

  it('keep what an instance has and when it was last seen; the same again within a minute is not written', async () => {
    const customerId = await licensed();
    const firstSeenAt = licensing.clock.now().toISOString();
    const { license } = await fetchLicense(customerId, { agentVersion: '1.0.0' });
    const activation = { licenseId: license?.id, agentVersion: '1.0.0', firstSeenAt, lastSeenAt: firstSeenAt, instance: { id: instanceId(customerId, 'us-east-1-prod'), name: 'us-east-1-prod' } };
    licensing.clock.advance({ seconds: 59 });
    await fetchLicense(customerId, { agentVersion: '1.0.0' });
    expect(await activationsOf(customerId)).toEqual([activation]);
    licensing.clock.advance({ seconds: 1 });
    await fetchLicense(customerId, { agentVersion: '1.0.0' });
    expect(await activationsOf(customerId)).toEqual([{ ...activation, lastSeenAt: licensing.clock.now().toISOString() }]);
    await fetchLicense(customerId, { agentVersion: '1.0.1' });
    expect(await activationsOf(customerId)).toMatchObject([{ agentVersion: '1.0.1' }]);
  });

  it('an instance that others told of has a name and no activation, and is activated once it fetches', async () => {
    const customerId = await licensed();
    const known = { customerId, instanceId: instanceId(customerId, 'told'), name: 'told', at: licensing.clock.now().toISOString() };
    await licensing.tell('instance.registered', known);
    await licensing.tell('instance.reported', known);
    const ask = (caller: Caller): Promise<unknown> => licensing.entity(caller, { __typename: 'Instance', id: known.instanceId }, 'id name activation { licenseId }');
    expect(await ask(userOf(customerId))).toEqual({ id: known.instanceId, name: 'told', activation: null });
    expect(await activationsOf(customerId)).toEqual([]);
    const { license } = await fetchLicense(customerId, { instance: 'told' });
    expect(await ask(instanceOf(customerId))).toEqual({ id: known.instanceId, name: 'told', activation: { licenseId: license?.id } });
    expect(await ask(userOf(newId('cust')))).toEqual(null);
    expect(await ask({ kind: 'anonymous' })).toEqual(null);
  });
});

describe('what an agent says of itself', () => {
  const SAY = 'mutation ($input: FetchLicenseInput!) { fetchLicense(input: $input) { signedTime } }';
  const said = (customerId: string): Promise<unknown> => licensing.entity(userOf(customerId), { __typename: 'Customer', id: customerId }, 'activations { duplicateSeenAt health { clockSkewSeconds spooledReports problems } }');
  const say = (customerId: string, input: Record<string, unknown>): Promise<unknown> => licensing.read(instanceOf(customerId), SAY, { input: { instance: 'plant-1', ...input } });

  it('is there for the operator to see', async () => {
    const customerId = await licensed();
    const health = { clockSkewSeconds: -5_184_000, spooledReports: 12, problems: ['CLOCK_SKEW', 'SPOOL_ENOSPC'] };
    await say(customerId, { health });
    expect(await said(customerId)).toEqual({ activations: [{ duplicateSeenAt: null, health }] });
    await say(customerId, { health: { ...health, problems: [] } });
    expect(await said(customerId)).toMatchObject({ activations: [{ health: { problems: [] } }] });
  });

  it('shows two processes that take turns under one name, and no restart, however often', async () => {
    const customerId = await licensed();
    const run = (name: string): string => `${name}-0123456789`;
    for (let restart = 0; restart < 12; restart += 1) await say(customerId, { runId: run(`r${restart}`) });
    expect(await said(customerId)).toMatchObject({ activations: [{ duplicateSeenAt: null }] });
    for (const name of ['a', 'a', 'b', 'b']) await say(customerId, { runId: run(name) });
    expect(await said(customerId)).toMatchObject({ activations: [{ duplicateSeenAt: null }] });
    await say(customerId, { runId: run('a') });
    expect(await said(customerId)).toMatchObject({ activations: [{ duplicateSeenAt: licensing.clock.now().toISOString() }] });
  });

  it.each([
    [{ runId: 'short' }, 'INVALID_NAME'],
    [{ nonce: 'short' }, 'INVALID_NONCE'],
    [{ nonce: 'with a space in it....' }, 'INVALID_NONCE'],
    [{ health: { clockSkewSeconds: 0, spooledReports: -1, problems: [] } }, 'INVALID_HEALTH'],
    [{ health: { clockSkewSeconds: 0, spooledReports: 0, problems: ['a sentence'] } }, 'INVALID_HEALTH'],
  ])('is refused when it is %j', async (input, reason) => {
    const answer = await licensing.ask(instanceOf(newId('cust')), SAY, { input: { instance: 'a', ...input } });
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', reason });
  });

  it('who asks for the time with a nonce gets it signed, with the nonce in it; nobody else does', async () => {
    const customerId = await licensed();
    expect(await say(customerId, {})).toEqual({ fetchLicense: { signedTime: null } });
    const nonce = 'abcdefghijklmnopqrstuv';
    const { fetchLicense: fetched } = (await say(customerId, { nonce })) as { fetchLicense: { signedTime: string } };
    const { signingKeys } = await licensing.read<{ signingKeys: { status: string; publicKeyPem: string }[] }>({ kind: 'anonymous' }, '{ signingKeys { status publicKeyPem } }');
    const key = createPublicKey(signingKeys.find(({ status }) => status === 'CURRENT')?.publicKeyPem ?? '');
    expect(verifySignedTime(fetched.signedTime, { nonce, instance: 'plant-1' }, () => key)).toEqual(licensing.clock.now());
  });
});

describe('fetches of one customer', () => {
  it('are taken up to the burst of each instance, of known instances and of as many as are granted', async () => {
    const limited = await startTestSubgraph({ name: 'licensing', migrations, start: startWith({ LICENSE_KEYS_DIR: keys, REPORT_CALLS_PER_HOUR: '20' }) });
    const change = { ...subscription(), entitlements: { features: {}, limits: { maxInstances: 3 }, included: {} } };
    await limited.tell('subscription.changed', change);
    const fetchOf = async (instance: string): Promise<string> => {
      const answer = await limited.ask(instanceOf(change.customerId), FETCH, { input: { instance } });
      return (answer.errors?.[0]?.extensions?.['reason'] as string | undefined) ?? 'in';
    };
    const names = ['a', 'b', 'c', 'd', 'e'];
    expect((await Promise.all(names.map(fetchOf))).toSorted()).toEqual(['TOO_MANY_INSTANCES', 'TOO_MANY_INSTANCES', 'in', 'in', 'in']);
    const known = (await Promise.all(names.map(async (name) => ((await fetchOf(name)) === 'in' ? [name] : [])))).flat();
    expect(known).toHaveLength(3);
    const again = await Promise.all(Array.from({ length: 45 }, () => fetchOf(known[0] ?? '')));
    expect(again.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(7);
    await limited.close();
  });
});
