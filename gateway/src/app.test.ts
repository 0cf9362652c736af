import { createPublicKey } from 'node:crypto';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { createTestClock } from '@iotistic/testkit/clock';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayConfig } from './config.ts';
import { startGatewayProcess } from './gateway-process.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ clock: createTestClock(), environment: { CORS_ORIGINS: 'https://console.example, https://other.example/' } });
});
afterAll(() => gateway.stop());

describe('the key set', () => {
  it('is what any JWT library reads, and is not sent twice', async () => {
    const response = await fetch(`${gateway.url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: Record<string, string>[] };
    expect(keys).toEqual([{ kty: 'RSA', n: expect.any(String) as string, e: 'AQAB', kid: 'key_1', use: 'sig', alg: 'RS256' }]);
    expect(createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).asymmetricKeyType).toBe('rsa');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const again = await fetch(`${gateway.url}/.well-known/jwks.json`, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });
});

describe('health', () => {
  it('/healthz asks nobody, /readyz everybody', async () => {
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ status: 'ready', dependencies: { customers: 'ready', live: 'ready' } });
    gateway.fake.down.add('billing');
    // What was found is good for a second.
    await waitFor(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503));
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({ status: 'unavailable', dependencies: { billing: 'unavailable', usage: 'ready' } });
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    gateway.fake.down.delete('billing');
  });

  it('/metrics counts operations by kind and outcome', async () => {
    await gateway.client.send('{ plans { key } }');
    await gateway.client.send('{ nothing }');
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toContain('iotistic_gateway_requests_total{operation="query",outcome="ok"} 1');
    expect(text).toContain('iotistic_gateway_requests_total{operation="none",outcome="MALFORMED_QUERY"} 1');
  });
});

describe('the page at /', () => {
  it('names what is served, and loads nothing from anywhere', async () => {
    const response = await fetch(gateway.url);
    const page = await response.text();
    expect(page).toContain('/graphql');
    expect(page).not.toMatch(/https?:\/\/|<script|<link|<img/);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string): Promise<Response> => fetch(`${gateway.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it('may call when it is listed', async () => {
    for (const origin of ['https://console.example', 'https://other.example']) {
      const response = await preflight(origin);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    }
    const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', origin: 'https://console.example' }, body: '{"query":"{ plans { key } }"}' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://console.example');
  });

  it('and may not when it is not', async () => {
    const response = await preflight('https://evil.example');
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the configuration', () => {
  it('tells all its problems at once, and no value', async () => {
    const started = startGatewayProcess({ ADMIN_API_TOKEN: 'short', CUSTOMERS_URL: 'ftp://x', CALLER_PRIVATE_KEY: 'secret-but-no-key', PORT: 'x' });
    const error = await started.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    for (const name of ['ADMIN_API_TOKEN', 'CUSTOMERS_URL', 'BILLING_URL', 'LICENSING_URL', 'USAGE_URL', 'CALLER_PRIVATE_KEY', 'PORT']) expect(message).toContain(name);
    expect(message).not.toContain('secret-but-no-key');
  });

  it('has defaults for all but the token', () => {
    expect(loadConfig(gatewayConfig, { ADMIN_API_TOKEN: '0123456789abcdef' })).toMatchObject({ PORT: 3100, HOST: '127.0.0.1', CORS_ORIGINS: [], RATE_LIMIT_ANONYMOUS: 100 });
    expect(() => loadConfig(gatewayConfig, { ADMIN_API_TOKEN: '0123456789abcdef', CORS_ORIGINS: 'console' })).toThrow('CORS_ORIGINS');
  });
});
