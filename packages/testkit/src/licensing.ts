import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { openPlatform } from '@iotistic/chassis/platform';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { startLicensing } from '@iotistic/licensing/app';
import { licensingConfig } from '@iotistic/licensing/config';
import { migrations } from '@iotistic/licensing/repository/migrations';
import { startTestSubgraph, type TestSubgraph } from './subgraph.ts';

export const ADMIN: Caller = { kind: 'admin', name: 'operator' };
export const ANYONE: Caller = { kind: 'anonymous' };
export const userOf = (customerId: string): Caller => ({ kind: 'user', customerId, userId: 'user_1', sessionId: 'sess_1' });
export const instanceOf = (customerId: string): Caller => ({ kind: 'instance', customerId, credential: 'api_key', credentialId: 'akey_1' });

export interface HeldLicense {
  id: string;
  token: string;
  status: string;
  keyId: string;
  issuedAt: string;
  expiresAt: string;
  revokedAt: string | null;
  airGap: boolean;
}

export interface Fetched {
  license: HeldLicense | null;
  revocationList: string;
  keyAnnouncements: string[];
  serverTime: string;
  signedTime: string | null;
  refreshAfterSeconds: number;
}

type Grant = Partial<EventPayload<'subscription.changed'>>;

/** Licensing alone, on a database and a folder of keys of its own. */
export interface LicensingUnderTest extends TestSubgraph {
  /** The folder of its private keys. */
  keys: string;
  /** A customer with a license; an active Enterprise without an end, unless told otherwise. */
  licensed(changes?: Grant): Promise<string>;
  /** What billing grants it from now on. */
  grant(customerId: string, version: number, changes?: Grant): Promise<void>;
  licenseOf(customerId: string): Promise<HeldLicense | null>;
  fetchLicense(customerId: string, input?: Record<string, unknown>): Promise<Fetched>;
  stateOf(token: string): Promise<string>;
  /** The reason of the first error. */
  refusal(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<unknown>;
  history(customerId: string): Promise<{ action: string; actor: string; reason: string | null }[]>;
  /** Another process on the same database; the answer ends it. */
  startOther(environment: Record<string, string>): Promise<() => Promise<void>>;
  /** Asks another process, which lives for this question. */
  inOther<T>(environment: Record<string, string>, caller: Caller, query: string): Promise<T>;
}

const LICENSE = 'id token status keyId issuedAt expiresAt revokedAt airGap';

export async function startLicensingUnderTest(environment: Record<string, string> = {}): Promise<LicensingUnderTest> {
  const keys = mkdtempSync(join(tmpdir(), 'iotistic-keys-'));
  const start = (changes: Record<string, string>) => (platform: TestSubgraph['platform']) => startLicensing(loadConfig(licensingConfig, { LICENSE_KEYS_DIR: keys, ...environment, ...changes }), platform);
  const subgraph = await startTestSubgraph({ name: 'licensing', migrations, start: start({}) });

  async function grant(customerId: string, version: number, changes: Grant = {}): Promise<void> {
    const at = subgraph.clock.now().toISOString();
    await subgraph.tell('subscription.changed', {
      customerId,
      customerName: 'Acme Corp',
      subscriptionId: 'subn_1',
      plan: 'ENTERPRISE',
      status: 'ACTIVE',
      trialEndsAt: null,
      currentPeriodStart: at,
      currentPeriodEndsAt: null,
      entitlements: { features: { canExportData: true }, limits: { maxDevices: null }, included: {} },
      version,
      updatedAt: at,
      actor: 'billing',
      reason: null,
      ...changes,
    });
  }

  async function openOther(changes: Record<string, string>) {
    const platform = await openPlatform({ databaseUrl: subgraph.databaseUrl, logLevel: 'silent', name: 'other', clock: subgraph.clock });
    try {
      const other = await start(changes)(platform);
      const stop = async (): Promise<void> => {
        await platform.jobs.close();
        await other.close();
        await platform.close();
      };
      return { other, stop };
    } catch (error) {
      await platform.close();
      throw error;
    }
  }

  return {
    ...subgraph,
    keys,
    grant,
    async licensed(changes = {}) {
      const customerId = changes.customerId ?? newId('cust');
      await grant(customerId, 1, changes);
      return customerId;
    },
    licenseOf: async (customerId) => (await subgraph.entity<{ license: HeldLicense | null }>(ADMIN, { __typename: 'Customer', id: customerId }, `license { ${LICENSE} }`))?.license ?? null,
    async fetchLicense(customerId, input = {}) {
      const query = `mutation ($input: FetchLicenseInput!) { fetchLicense(input: $input) { license { ${LICENSE} } revocationList keyAnnouncements serverTime signedTime refreshAfterSeconds } }`;
      return (await subgraph.read<{ fetchLicense: Fetched }>(instanceOf(customerId), query, { input: { instance: 'plant-1', ...input } })).fetchLicense;
    },
    stateOf: async (token) => (await subgraph.read<{ verifyLicense: { state: string } }>(ANYONE, 'query ($token: String!) { verifyLicense(token: $token) { state } }', { token })).verifyLicense.state,
    refusal: async (caller, query, variables) => (await subgraph.ask(caller, query, variables)).errors?.[0]?.extensions?.['reason'],
    history: (customerId) => subgraph.rows('select action, actor, reason from license_history where customer_id = $1 order by position', [customerId]),
    startOther: async (changes) => (await openOther(changes)).stop,
    async inOther<T>(changes: Record<string, string>, caller: Caller, query: string) {
      const { other, stop } = await openOther(changes);
      const { data, errors } = await other.executor.execute({ query }, { caller, requestId: newId('req') });
      await stop();
      if (data === undefined || data === null) throw new Error(JSON.stringify(errors));
      return data as T;
    },
    async close() {
      await subgraph.close();
      rmSync(keys, { recursive: true, force: true });
    },
  };
}
