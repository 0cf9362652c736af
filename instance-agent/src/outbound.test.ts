import { execFile, spawnSync } from 'node:child_process';
import { once as listening } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sharedEnvironment } from '@iotistic/testkit/process';
import { findProgram } from '@iotistic/testkit/program';
import { startTestProxy, type TestProxy } from '@iotistic/testkit/proxy';
import { waitFor } from '@iotistic/testkit/wait';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { createAgent } from './agent.ts';
import { loadConfig, proxiesOf } from './config.ts';
import { examine } from './doctor.ts';
import { systemTime } from './clock.ts';
import { FakePlane } from './fake-plane.testkit.ts';
import { createTestKey, signLicense, testClaims } from './licenses.testkit.ts';
import { LicenseUpdates } from './live-license.ts';
import { silentLog, startMetricsPage, temporaryFolder } from './surroundings.testkit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const openssl = findProgram('openssl', process.env['PATH'] ?? '');
const key = createTestKey('key_1');
const claims = testClaims({ iat: Math.floor(Date.now() / 1000) });
/** A name that nobody knows: what reaches it goes through the proxy. */
const PLANE = 'plane.invalid';

async function surroundings(credentials: string | null = null, leadsToPort?: number): Promise<{ plane: FakePlane; proxy: TestProxy; environment: Record<string, string> }> {
  const [plane, page, folder] = [await FakePlane.start(), await startMetricsPage(), await temporaryFolder()];
  onTestFinished(() => plane.stop());
  Object.assign(plane, { keys: [key], license: { token: signLicense(key, claims), jti: claims.jti }, now: () => new Date() });
  page.page = 'iotistic_active_devices 3\n';
  const proxy = await startTestProxy(leadsToPort ?? Number(new URL(plane.url).port), credentials);
  onTestFinished(() => proxy.stop());
  return { plane, proxy, environment: { BILLING_API_URL: `http://${PLANE}`, IOTISTIC_API_KEY: 'iotk_test', AGENT_DATA_DIR: folder, METRICS_URLS: page.url, LOG_LEVEL: 'silent', INSTANCE_ID: 'site-1' } };
}

async function once(environment: Record<string, string>): Promise<unknown> {
  const agent = createAgent({ environment, localApi: false, schedule: false });
  await agent.start();
  try {
    return (await agent.collectAndReport()).exchange;
  } catch (error) {
    return error;
  } finally {
    await agent.stop();
  }
}

describe('where a proxy is the only way out', () => {
  it('the control plane is reached through it, and the sources beside the agent are asked directly', async () => {
    const { proxy, environment } = await surroundings();
    expect(await once({ ...environment, HTTP_PROXY: proxy.url })).toMatchObject({ accepted: 1, license: 'accepted' });
    expect(new Set(proxy.asked)).toEqual(new Set([`POST http://${PLANE}/graphql`]));
  });

  it('the proxy is given its user and password, and without them is not passed', async () => {
    const { proxy, environment } = await surroundings('user:p@ss');
    const url = new URL(proxy.url);
    expect(await once({ ...environment, http_proxy: url.href })).toMatchObject({ accepted: 1 });
    expect(proxy.refused).toBe(0);
    url.password = 'wrong';
    expect(await once({ ...environment, HTTP_PROXY: url.href })).toMatchObject({ kind: 'unreachable' });
    expect(proxy.refused).toBeGreaterThan(0);
  });

  it.each([['NO_PROXY names it', { NO_PROXY: `localhost,.invalid` }], ['only https has one', { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: '' }]])('no proxy is taken where %s', async (_what, more) => {
    const { proxy, environment } = await surroundings();
    expect(await once({ ...environment, HTTP_PROXY: proxy.url, ...more })).toMatchObject({ kind: 'unreachable' });
    expect(proxy.asked).toEqual([]);
  });

  it('nor for a control plane on this machine', async () => {
    const { plane, proxy, environment } = await surroundings();
    expect(await once({ ...environment, BILLING_API_URL: plane.url, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url })).toMatchObject({ accepted: 1 });
    expect(proxy.asked).toEqual([]);
  });

  it('live license updates tunnel through it', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    await listening(sockets, 'listening');
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    });
    sockets.on('connection', (socket) => socket.on('message', () => socket.send(JSON.stringify({ type: 'connection_ack' }))));
    const { proxy, environment } = await surroundings('user:secret', (sockets.address() as AddressInfo).port);
    const config = loadConfig({ ...environment, ALL_PROXY: proxy.url });
    const updates = new LicenseUpdates({ url: config.BILLING_API_URL, proxies: proxiesOf(config), credential: () => null, log: silentLog, onChange: () => undefined });
    onTestFinished(() => updates.stop());
    updates.follow('cust_a');
    await waitFor(() => expect(updates.isConnected).toBe(true));
    expect(proxy.asked).toEqual([`CONNECT ${PLANE}:80`]);
  });

  it('doctor names it, without its password', async () => {
    const { proxy, environment } = await surroundings('user:hunter2');
    const look = async (more: Record<string, string>) => examine({ config: loadConfig({ ...environment, ...more }), log: silentLog, time: systemTime, fetch, signal: new AbortController().signal });
    const checks = await look({ HTTP_PROXY: proxy.url });
    expect(checks.find(({ name }) => name === 'proxy')).toEqual({ name: 'proxy', result: 'ok', detail: `the control plane is asked through ${proxy.url.replace('user:hunter2@', '')} (HTTP_PROXY, with a user); the sources are asked directly` });
    expect(JSON.stringify(checks)).not.toContain('hunter2');
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect((await look({ HTTP_PROXY: proxy.url, NO_PROXY: PLANE })).find(({ name }) => name === 'proxy')?.detail).toContain('not used');
    expect((await look({})).some(({ name }) => name === 'proxy')).toBe(false);
  });

  it('what is no address of a proxy is said by name, and not shown', () => {
    expect(() => loadConfig({ HTTPS_PROXY: 'socks5://user:hunter2@corp:1080' })).toThrow(/^The configuration is not usable:\n {2}- HTTPS_PROXY: is not the http or https URL of a proxy$/);
  });
});

// A certificate is made by a program that nearly all machines have.
describe.skipIf(openssl === null)('over https', () => {
  beforeAll(() => {
    expect(spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'instance-agent'], { cwd: root, encoding: 'utf8' }).stdout).toBe('');
  }, 120_000);

  it('the process reports through a tunnel of the proxy, which sees nothing of it', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    const [keyFile, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    await promisify(execFile)(openssl ?? '', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile, '-out', certificate, '-days', '30', '-subj', `/CN=${PLANE}`, '-addext', `subjectAltName=DNS:${PLANE}`]);
    const [behind, tls] = [await surroundings(), createTlsServer({ key: await readFile(keyFile), cert: await readFile(certificate) })];
    tls.on('secureConnection', (socket) => {
      const upstream = connect(Number(new URL(behind.plane.url).port), '127.0.0.1');
      for (const each of [socket, upstream]) each.on('error', () => each.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void tls.close());
    const proxy = await startTestProxy((tls.address() as AddressInfo).port, 'user:secret');
    onTestFinished(() => proxy.stop());
    const environment = { ...sharedEnvironment(), ...behind.environment, BILLING_API_URL: `https://${PLANE}/graphql`, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate };
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'instance-agent/bin/iotistic-agent.js'), 'once'], { env: environment });
    expect(stdout).toContain('Reports sent: 1 (accepted 1');
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${PLANE}:443`]));
  });
});
