import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { CliUnderTest, pageOf } from '../terminal.testkit.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

interface Vector {
  name: string;
  token: string;
  now: string;
  revoked?: string[];
  revocationList?: string;
  expected: { state: string; valid: boolean; customerId: string | null };
}
const file = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/license-vectors.json'), 'utf8')) as { keys: { name: string; kid: string; kty: string }[]; vectors: Vector[] };
const path = (name: string): string => join(cli.folder, name);
const place = (name: string, text: string): string => {
  writeFileSync(path(name), text);
  return path(name);
};
const jwks = place('jwks.json', JSON.stringify({ keys: file.keys }));
const good = file.vectors.find(({ expected, revoked, revocationList }) => expected.state === 'VALID' && revoked === undefined && revocationList === undefined) as Vector;
const at = (vector: Vector) => ({ clock: { now: () => new Date(vector.now) } });

describe('licenses verify --offline', () => {
  // An empty file has no license at all, and what a file puts around a license is taken off before it is read.
  const readable = file.vectors.filter(({ token, revoked }) => token !== '' && unwrapToken(token) === token && revoked === undefined);

  it(`answers as every reader of licenses does, ${readable.length} times`, async () => {
    for (const vector of readable) {
      const revocations = vector.revocationList === undefined ? [] : ['--revocations', place('list', vector.revocationList)];
      const { code, json, asked } = await cli.run(['licenses', 'verify', place('token', `${vector.token}\n`), '--jwks', jwks, ...revocations, '--json'], at(vector));
      const { state, valid, claims } = json as { state: string; valid: boolean; claims: { customerId: string } | null };
      expect({ state, valid, customerId: claims?.customerId ?? null }, vector.name).toEqual(vector.expected);
      expect(code, vector.name).toBe(valid ? EXIT.ok : EXIT.failure);
      expect(asked).toEqual([]);
    }
  });

  it.each([
    ['wrapped at 76 columns', (token: string) => `${(token.match(/.{1,76}/g) ?? []).join('\r\n')}\r\n`],
    ['with the mark and the quotes of an editor', (token: string) => `\uFEFF"${token}"\n`],
    ['as a line of .env', (token: string) => `IOTISTIC_LICENSE_KEY=${token}\n`],
  ])('takes a license %s', async (_how, wrap) => {
    const { json, code } = await cli.run(['licenses', 'verify', place('wrapped', wrap(good.token)), '--jwks', jwks, '--json'], at(good));
    expect([json, code]).toMatchObject([{ state: 'VALID' }, EXIT.ok]);
  });

  it('takes a key in PEM, and the license from standard input', async () => {
    const pems = file.keys.filter(({ name }) => name === 'current').map((jwk) => createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
    const { code, stdout } = await cli.run(['licenses', 'verify', '-', '--key', place('key.pem', pems.join('')), '--offline'], { ...at(good), input: `${good.token}\n` });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✔ VALID\n─+\nID: +lic_/);
  });

  it.each([
    ['no key', []],
    ['a file that is not there', ['--key', '/nowhere/key.pem']],
    ['a key that is none', ['--key', 'garbage']],
    ['keys that are none', ['--jwks', 'garbage']],
  ])('with %s ends with 2', async (_what, argv) => {
    place('garbage', 'garbage');
    expect((await cli.run(['licenses', 'verify', place('token', good.token), '--offline', ...argv.map((each) => (each === 'garbage' ? path(each) : each))])).code).toBe(EXIT.usage);
  });

  it('believes no list of revocations that another key signed', async () => {
    expect(await cli.run(['licenses', 'verify', place('token', good.token), '--jwks', jwks, '--revocations', place('list', 'a.b.c')], at(good))).toMatchObject({ code: EXIT.failure, stdout: '' });
  });
});

describe('licenses verify', () => {
  const verdict = { valid: true, state: 'GRACE', claims: { jti: 'lic_1', customerName: 'Acme', customerId: 'cust_1', plan: 'starter' }, expiresAt: '2026-11-20T00:00:00.000Z', revokedAt: null, calendar: { expiresAt: '2026-11-20T00:00:00.000Z', graceUntil: '2026-11-27T00:00:00.000Z', readOnlyFrom: '2026-11-27T00:00:00.000Z', unlicensedFrom: '2026-12-11T00:00:00.000Z' } };

  it('asks the plane where it may', async () => {
    const { code, stdout, asked } = await cli.run(['licenses', 'verify', '-'], { input: 'eyJ.x.y\n', answers: { VerifyLicense: { verifyLicense: verdict } } });
    expect(code).toBe(0);
    expect(asked).toEqual([{ operation: 'VerifyLicense', variables: { token: 'eyJ.x.y' } }]);
    expect(stdout).toMatch(/^✔ GRACE\n[\s\S]*Grace until: +2026-11-27 00:00:00 UTC/);
  });

  it('of nothing ends with 2', async () => {
    expect((await cli.run(['licenses', 'verify', '-'], { input: '\n' })).code).toBe(EXIT.usage);
  });
});

const license = { id: 'lic_1', token: 'eyJ.secret', claims: { plan: 'starter', features: { maxDevices: 10 }, limits: { maxUsers: 2 } }, status: 'ACTIVE', keyId: 'kid', issuedAt: '2026-11-01T00:00:00.000Z', expiresAt: '2026-12-01T00:00:00.000Z', revokedAt: null, airGap: false };
const ANSWERS = {
  ShowLicense: { customer: { id: 'cust_1', email: 'ada@example.com', companyName: 'Acme', license, activations: [{ licenseId: 'lic_1', agentVersion: '1.0.0', lastSeenAt: '2026-11-21T00:00:00.000Z', instance: { name: 'us-east-1' } }] } },
  LicenseHistory: { customer: { licenseHistory: pageOf([{ id: 'x', at: '2026-11-01T00:00:00.000Z', action: 'GENERATED', plan: 'STARTER', maxDevices: null, tokenHash: 'a'.repeat(64), actor: 'billing', reason: null }]) } },
  RevokeLicense: { revokeLicense: { license: { ...license, status: 'REVOKED', revokedAt: '2026-11-21T12:00:00.000Z' } } },
  ReinstateLicense: { reinstateLicense: { license } },
};

describe('licenses show', () => {
  it('shows all of a license but itself, which --raw prints alone', async () => {
    for (const argv of [['licenses', 'show', 'cust_1'], ['licenses', 'show', 'cust_1', '--json']]) {
      const { stdout } = await cli.run(argv, { answers: ANSWERS });
      expect(stdout).toContain('lic_1');
      expect(stdout).not.toContain('eyJ.secret');
    }
    expect((await cli.run(['licenses', 'show', 'cust_1', '--raw'], { answers: ANSWERS })).stdout).toBe('eyJ.secret\n');
  });

  it('of who has none says so', async () => {
    const answers = { ShowLicense: { customer: { ...ANSWERS.ShowLicense.customer, license: null } } };
    expect((await cli.run(['licenses', 'show', 'cust_1'], { answers })).stdout).toContain('it is unlicensed');
    expect((await cli.run(['licenses', 'show', 'cust_1', '--raw'], { answers })).code).toBe(EXIT.notFound);
  });
});

describe('licenses history, revoke and reinstate', () => {
  it('print what happened', async () => {
    expect((await cli.run(['licenses', 'history', 'cust_1'], { answers: ANSWERS })).stdout).toMatch(/│ GENERATED │ STARTER │ unlimited │ billing │ aaaaaaaaaaaa │ -/);
  });

  it.each(['revoke', 'reinstate'])('%s happens when somebody says yes, and never in a dry run', async (verb) => {
    const argv = ['licenses', verb, 'cust_1', '--reason', 'why'];
    const operation = verb === 'revoke' ? 'RevokeLicense' : 'ReinstateLicense';
    const yes = await cli.run([...argv, '--yes'], { answers: ANSWERS });
    expect(yes.asked.at(-1)).toEqual({ operation, variables: { input: { customerId: 'cust_1', reason: 'why' } } });
    for (const [more, options] of [[[], {}], [['--dry-run'], {}], [[], { person: { confirms: false } }]] as const) expect((await cli.run([...argv, ...more], { answers: ANSWERS, ...options })).asked.map((each) => each.operation)).toEqual(['ShowLicense']);
  });
});
