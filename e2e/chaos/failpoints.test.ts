/** Failpoints are for tests: each process that has them refuses to run with them in production. */
import { ConfigError as AgentConfigError, loadConfig as loadAgentConfig } from '../../instance-agent/src/config.ts';
import { planeConfig } from '../../control-plane/src/config.ts';
import { startPlane } from '../../control-plane/src/plane.ts';
import { startGatewayProcess } from '../../gateway/src/gateway-process.ts';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { startSubgraphProcess } from '@iotistic/chassis/subgraph-process';
import { failpoint } from '@iotistic/contracts/failpoints';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const production = { NODE_ENV: 'production', FAILPOINTS: 'relay.queued=kill', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', ADMIN_API_TOKEN: 'a-token-of-the-operator', STRIPE_SECRET_KEY: 'sk_test_x', SMTP_URL: 'smtp://127.0.0.1:1' };
const REFUSAL = 'FAILPOINTS: is for tests, and refused with NODE_ENV=production';

describe('with failpoints in production', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'iotistic-failpoints-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[part: string, start: () => Promise<unknown>, error: typeof ConfigError | typeof AgentConfigError]>([
    ['a subgraph', () => startSubgraphProcess('usage', 0, { ...production, CALLER_PUBLIC_KEY: keys.publicKey }, () => Promise.reject(new Error('it was started'))), ConfigError],
    ['the gateway', () => startGatewayProcess({ ...production, CALLER_PRIVATE_KEY: keys.privateKey, ...Object.fromEntries(['CUSTOMERS', 'BILLING', 'LICENSING', 'USAGE'].map((name) => [`${name}_URL`, 'http://127.0.0.1:1/graphql'])) }), ConfigError],
    ['the plane in one process', () => startPlane(loadConfig(planeConfig, { ...production, DATA_DIR: folder }), production), ConfigError],
    ['the agent', async () => loadAgentConfig({ NODE_ENV: 'production', FAILPOINTS: 'agent.report-synced=kill' }), AgentConfigError],
  ])('%s does not start, and says why', async (_part, start, error) => {
    const refusal = await start().catch((reason: unknown) => reason);
    expect(refusal).toBeInstanceOf(error);
    expect((refusal as ConfigError).problems).toEqual([REFUSAL]);
    expect(failpoint('relay.queued')).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});
