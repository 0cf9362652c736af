import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Programs that others made, each as it comes: what it sends by itself is answered as well as what our own clients send. */
const KEY = 'iotk_1';
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.fake.issue(KEY, { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
});
afterAll(() => gateway.stop());

/** Whether it is not here, which is said; in CI each has to be. */
function isMissing(program: string): boolean {
  if (process.env['CI'] === 'true' || spawnSync(program, ['--version']).error === undefined) return false;
  process.stdout.write(`${program} is not on the PATH: how it is answered is not tested here.\n`);
  return true;
}
const run = async (program: string, args: readonly string[]): Promise<string> => (await promisify(execFile)(program, args, { timeout: 240_000, maxBuffer: 16 * 1024 * 1024 })).stdout;
const lines = (text: string): Record<string, string> => Object.fromEntries(text.trim().split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));

const PLANS = '{"data":{"plans":[{"key":"TRIAL"}]}}';
const INSTANCE = '{"data":{"viewer":{"__typename":"InstanceViewer"}}}';

describe.skipIf(isMissing('java'))("Java's HttpClient", () => {
  it('is served with its defaults, by which it offers h2c each time', async () => {
    const said = lines(await run('java', ['-XX:TieredStopAtLevel=1', join(import.meta.dirname, 'java-client.java'), gateway.url, KEY]));
    expect(said['keys']).toMatch(/^200 HTTP_1_1 - \{"keys":\[/);
    expect(said['nowhere']).toMatch(/^404 HTTP_1_1 - .*ROUTE_NOT_FOUND/);
    expect(said['query']).toBe(`200 HTTP_1_1 - ${PLANS}`);
    expect(said['viewer']).toBe(`200 HTTP_1_1 - ${INSTANCE}`);
    expect(said['refused']).toMatch(/^200 HTTP_1_1 - .*CREDENTIAL_REQUIRED/);
    expect(said['status']).toMatch(/^401 HTTP_1_1 Bearer realm="iotistic" .*CREDENTIAL_REQUIRED/);
    expect(said['patient']).toBe(`200 HTTP_1_1 - ${PLANS}`);
    expect(said['large']).toMatch(/^413 HTTP_1_1 - .*BODY_TOO_LARGE/);
    expect(said['live']).toBe('{"type":"connection_ack"}');
  }, 300_000);
});

describe.skipIf(isMissing('python3'))("Python's urllib", () => {
  it('is served with its defaults', async () => {
    const said = lines(await run('python3', [join(import.meta.dirname, 'python-client.py'), gateway.url, KEY]));
    expect(said['keys']).toMatch(/^200 \{"keys":\[/);
    for (const name of ['query', 'mark', 'zipped']) expect(said[name], name).toBe(`200 ${PLANS}`);
    expect(said['refused']).toMatch(/^200 .*CREDENTIAL_REQUIRED/);
    expect(said['form']).toMatch(/^400 .*CSRF_PREVENTED/);
    expect(said['large']).toMatch(/^413 .*BODY_TOO_LARGE/);
    expect(said['proxied']).toBe(`200 ${INSTANCE}`);
  }, 300_000);
});

describe.skipIf(isMissing('curl'))('curl', () => {
  const JSON_TYPE = ['-H', 'content-type: application/json'];
  const QUERY = ['-d', '{"query":"{ plans { key } }"}'];
  const curl = (...args: string[]): Promise<string> => run('curl', ['-sS', '-w', ' %{http_code} %{http_version}', ...args]);

  it.each<[name: string, args: string[]]>([
    ['as it comes', []],
    ['offering HTTP/2', ['--http2']],
    ['in HTTP/1.0', ['--http1.0']],
    ['in chunks', ['-H', 'transfer-encoding: chunked']],
    ['waiting for a word before its body', ['-H', 'expect: 100-continue']],
    ['with a media type in capitals', ['-H', 'content-type: Application/JSON; Charset="utf-8"']],
    ['for anything', ['-H', 'accept: */*;q=0.1']],
  ])('is answered %s', async (_name, args) => {
    expect(await curl(...JSON_TYPE, ...QUERY, ...args, `${gateway.url}/graphql`)).toMatch(/^\{"data":\{"plans":\[\{"key":"TRIAL"\}\]\}\} 200 1\.1$/);
  });

  it('is answered through a proxy that hands its target on whole', async () => {
    expect(await curl('-x', gateway.url, ...JSON_TYPE, ...QUERY, 'http://plane.example/graphql')).toBe(`${PLANS} 200 1.1`);
  });

  it('is answered at addresses that were joined carelessly', async () => {
    for (const path of ['//graphql', '/graphql/', '/graph%71l']) expect(await curl('--path-as-is', ...JSON_TYPE, ...QUERY, `${gateway.url}${path}`)).toBe(`${PLANS} 200 1.1`);
  });

  it('asks for the head of an answer', async () => {
    expect(await curl('-I', '-H', 'apollo-require-preflight: 1', `${gateway.url}/graphql?query=${encodeURIComponent('{ plans { key } }')}`)).toMatch(new RegExp(`^HTTP/1.1 200 OK[\\s\\S]*content-length: ${PLANS.length}\\r\\n[\\s\\S]* 200 1.1$`));
    expect(await curl('-I', '-H', 'apollo-require-preflight: 1', `${gateway.url}/graphql?query=${encodeURIComponent('mutation { logOut }')}`)).toMatch(/405 1\.1$/);
  });
});

describe.skipIf(isMissing('wget'))('wget', () => {
  it('is served with its defaults', async () => {
    expect(await run('wget', ['-qO-', `${gateway.url}/.well-known/jwks.json`])).toContain('"keys"');
    expect(await run('wget', ['-qO-', '--header=content-type: application/json', '--post-data={"query":"{ plans { key } }"}', `${gateway.url}/graphql`])).toBe(PLANS);
  });
});
