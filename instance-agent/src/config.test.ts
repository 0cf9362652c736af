import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { createTestKey } from './licenses.testkit.ts';
import { temporaryFolder } from './surroundings.testkit.ts';

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('the agent configuration', () => {
  it('has a working default for everything', () => {
    expect(loadConfig({})).toEqual({
      BILLING_API_URL: 'http://127.0.0.1:3100',
      INSTANCE_ID: hostname().slice(0, 128),
      AGENT_DATA_DIR: '.data/agent',
      AGENT_PORT: 3002,
      COLLECTION_INTERVAL: 3_600_000,
      METRICS_URLS: [],
      LICENSE_PUBLIC_KEY: [],
      LIVE_UPDATES: true,
      SPOOL_MAX_BYTES: 67_108_864,
      ARCHIVE_DAYS: 400,
      ARCHIVE_MAX_BYTES: 268_435_456,
      LOG_LEVEL: 'info',
    });
  });

  it('names every problem at once and no value', () => {
    const secret = 'has a space: secret';
    const load = () => loadConfig({ INSTANCE_ID: 'a b', BILLING_API_URL: 'ftp://x', AGENT_PORT: '70000', COLLECTION_INTERVAL: '1h', METRICS_URLS: 'http://a/metrics,nonsense', IOTISTIC_API_KEY: secret, LICENSE_PUBLIC_KEY: 'aGk=', LICENSE_JWT_FILE: '/nowhere/at/all' });
    const error = failureOf(load);
    expect(error).toBeInstanceOf(ConfigError);
    const { problems, message } = error as ConfigError;
    expect(problems.map((problem) => problem.split(/[:.]/)[0]).sort()).toEqual(['AGENT_PORT', 'BILLING_API_URL', 'COLLECTION_INTERVAL', 'INSTANCE_ID', 'IOTISTIC_API_KEY', 'LICENSE_JWT_FILE', 'LICENSE_PUBLIC_KEY', 'METRICS_URLS']);
    expect(message).not.toContain(secret);
  });

  it('reads secrets from files, and the older name of the license', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'key'), 'iotk_abc\n');
    const config = loadConfig({ IOTISTIC_API_KEY_FILE: join(folder, 'key'), LICENSE_JWT: 'a.b.c', IOTISTIC_LICENSE_KEY: '' });
    expect(config).toMatchObject({ IOTISTIC_API_KEY: 'iotk_abc', IOTISTIC_LICENSE_KEY: 'a.b.c' });
  });

  it('takes public keys as PEM, as PEM in one line, as base64 and several in a row', () => {
    const [a, b] = [createTestKey('a').publicKeyPem, createTestKey('b').publicKeyPem];
    for (const text of [a, a.replaceAll('\n', '\\n'), Buffer.from(a).toString('base64')]) expect(loadConfig({ LICENSE_PUBLIC_KEY: text }).LICENSE_PUBLIC_KEY).toHaveLength(1);
    expect(loadConfig({ LICENSE_PUBLIC_KEY: a + b }).LICENSE_PUBLIC_KEY).toHaveLength(2);
  });

  it('takes a public key however it was pasted', () => {
    const pem = createTestKey('a').publicKeyPem;
    const base64 = Buffer.from(pem).toString('base64');
    const pasted = {
      indented: pem.replaceAll(/^/gm, '    '), 'in one line with blanks': pem.replaceAll('\n', ' '), 'with line ends written out': JSON.stringify(pem.replaceAll('\n', '\r\n')), 'with line ends of Windows': pem.replaceAll('\n', '\r\n'), 'with its name and quotes': `export LICENSE_PUBLIC_KEY="${pem}"\n`, 'with a byte order mark': `\ufeff${pem}`,
      'base64, wrapped': base64.replaceAll(/(.{76})/g, '$1\n'), 'base64, with its name': `LICENSE_PUBLIC_KEY='${base64}'\r\n`, 'wrapped at 40 columns': pem.replaceAll(/^([^-].{39})(.+)$/gm, '$1\n$2'),
    };
    for (const [how, text] of Object.entries(pasted)) expect({ how, keys: loadConfig({ LICENSE_PUBLIC_KEY: text }).LICENSE_PUBLIC_KEY.map((key) => key.export({ type: 'spki', format: 'pem' })) }).toEqual({ how, keys: [pem] });
  });

  it.each([
    ['a private key', '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----', 'is a private key: the public one is meant, and this one belongs to the control plane alone'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----', 'is a certificate: the public key alone is meant'],
    ['one that was cut short', '-----BEGIN PUBLIC KEY-----\nhunter2', 'has no END line: was it cut short?'],
    ['something else', 'hunter2', 'is not an RSA public key of 2048 bits or more, in PEM or base64 of PEM'],
  ])('says by name what %s in the place of a public key is', (_what, text, problem) => {
    expect((failureOf(() => loadConfig({ LICENSE_PUBLIC_KEY: text })) as ConfigError).problems).toEqual([`LICENSE_PUBLIC_KEY: ${problem}`]);
  });

  it.each(['https://plane.example/graphql', 'https://plane.example/graphql/', 'https://plane.example///', ' https://plane.example '])('takes %s as the address of the control plane', (url) => {
    expect(loadConfig({ BILLING_API_URL: url }).BILLING_API_URL).toBe('https://plane.example');
  });

  it.each(['https://plane.example/a/graphql', 'https://plane.example/a/'])('keeps the path of %s that a proxy has the plane under', (url) => {
    expect(loadConfig({ BILLING_API_URL: url }).BILLING_API_URL).toBe('https://plane.example/a');
  });

  it.each(['https://user:hunter2@plane.example', 'https://plane.example?x=1', 'https://plane.example/#x'])('does not take %s', (url) => {
    expect((failureOf(() => loadConfig({ BILLING_API_URL: url })) as ConfigError).problems).toEqual(['BILLING_API_URL: has credentials, a query or a fragment: a control plane has none in its address']);
  });

  it('takes the slash off the end of the address and repeated endpoints out of the list', () => {
    const config = loadConfig({ BILLING_API_URL: 'https://plane.example/', METRICS_URLS: 'http://a/metrics, http://a/metrics,,http://b/metrics' });
    expect(config).toMatchObject({ BILLING_API_URL: 'https://plane.example', METRICS_URLS: ['http://a/metrics', 'http://b/metrics'] });
  });
});

describe('a credential is read as it was given out', () => {
  const license = `eyJhbGciOiJSUzI1NiJ9.${'cGF5bG9hZA'.repeat(30)}.${'c2lnbmF0dXJl'.repeat(20)}`;
  const wrapped = license.replaceAll(/(.{76})/g, '$1\r\n');

  it.each([
    ['a line end', 'iotk_abc\n'], ['a Windows line end', 'iotk_abc\r\n'], ['blanks', '  iotk_abc\t'], ['a byte order mark', '\ufeffiotk_abc'], ['quotes', '"iotk_abc"'], ['a no-break space', 'iotk_abc\u00a0'], ['its name', 'IOTISTIC_API_KEY=iotk_abc'], ['its name and quotes', 'export IOTISTIC_API_KEY="iotk_abc"\n'],
  ])('an API key with %s', (_what, text) => {
    expect(loadConfig({ IOTISTIC_API_KEY: text })).toMatchObject({ IOTISTIC_API_KEY: 'iotk_abc' });
  });

  it.each([
    ['wrapped at 76 columns', wrapped], ['in quotes, wrapped', `"${wrapped}"`], ['indented', license.replaceAll(/(.{40})/g, '$1\n    ')], ['with its name', `LICENSE_JWT=${license}\n`], ['with its name, in quotes and wrapped', `IOTISTIC_LICENSE_KEY='${wrapped}'\r\n`], ['with a byte order mark', `\ufeff${license}`],
  ])('a license %s', (_what, text) => {
    expect(loadConfig({ IOTISTIC_LICENSE_KEY: text })).toMatchObject({ IOTISTIC_LICENSE_KEY: license });
    expect(loadConfig({ LICENSE_JWT: text })).toMatchObject({ IOTISTIC_LICENSE_KEY: license });
  });

  it.each(['', ' \r\n', '""', '\ufeff'])('nothing (%j) is no credential', (text) => {
    expect(loadConfig({ IOTISTIC_API_KEY: text, IOTISTIC_LICENSE_KEY: text })).not.toHaveProperty('IOTISTIC_API_KEY');
  });

  it.each([
    ['IOTISTIC_API_KEY', 'iotk_ab…', 'IOTISTIC_API_KEY: is not an API key: its character 8 (U+2026) is in none'],
    ['IOTISTIC_API_KEY', '"iotk_abc', 'IOTISTIC_API_KEY: is not an API key: it begins or ends with a quote that has no other'],
    ['IOTISTIC_API_KEY', 'IOTISTIC_API_KEY=', 'IOTISTIC_API_KEY: is not an API key: nothing stands behind the name'],
    ['IOTISTIC_API_KEY', 'x'.repeat(513), 'IOTISTIC_API_KEY: is not an API key: it has 513 characters, and 512 at most'],
    ['IOTISTIC_LICENSE_KEY', 'eyJhbGciOiJSUzI1NiJ9.cGF5', 'IOTISTIC_LICENSE_KEY: is not a license: it has not three parts, with dots between them (was it cut short?)'],
  ])('what is wrong with the rest is said by name: %s', (name, text, problem) => {
    expect((failureOf(() => loadConfig({ [name]: text })) as ConfigError).problems).toEqual([problem]);
  });
});

describe('the database whose size is measured', () => {
  it.each(['postgres://u:p@h/db', 'postgres://u:p@/db?host=/cloudsql/p:r:i', 'postgres://u:p%40@[::1]:5433/db'])('is one that the driver reads: %s', (url) => {
    expect(loadConfig({ DATABASE_METRICS_URL: url })).toMatchObject({ DATABASE_METRICS_URL: url });
  });

  it.each(['mysql://u:p@h/db', 'postgres://u:p@a,b/db', 'nonsense'])('is no other: %s', (url) => {
    expect(() => loadConfig({ DATABASE_METRICS_URL: url })).toThrow('DATABASE_METRICS_URL: is not a postgres URL');
  });
});
