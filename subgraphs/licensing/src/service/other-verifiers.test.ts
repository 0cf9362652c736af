import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LicensingUnderTest, startLicensingUnderTest } from '@iotistic/testkit/licensing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Whether it is not here, which is said; in CI each has to be. */
function isMissing(program: string): boolean {
  if (process.env['CI'] === 'true' || spawnSync(program, ['-version']).error === undefined) return false;
  process.stdout.write(`${program} is not on the PATH: whether it verifies a license is not tested here.\n`);
  return true;
}

let under: LicensingUnderTest;
let folder: string;
let license: { token: string; claims: object; pem: string };

beforeAll(async () => {
  under = await startLicensingUnderTest();
  folder = mkdtempSync(join(tmpdir(), 'iotistic-verifiers-'));
  const customerId = await under.licensed({ customerName: 'Ünïcode & Söhne 株式会社' });
  const token = (await under.licenseOf(customerId))?.token ?? '';
  const { signingKeys } = await under.read<{ signingKeys: { status: string; publicKeyPem: string }[] }>({ kind: 'anonymous' }, '{ signingKeys { status publicKeyPem } }');
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
  license = { token, claims, pem: signingKeys.find(({ status }) => status === 'CURRENT')?.publicKeyPem ?? '' };
});
afterAll(async () => {
  await under.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The same license with another plan, and the signature of the true one. */
function forged(): string {
  const [header = '', payload = '', signature = ''] = license.token.split('.');
  const text = Buffer.from(payload, 'base64url').toString().replace('"plan":"enterprise"', '"plan":"enterprisf"');
  return [header, Buffer.from(text).toString('base64url'), signature].join('.');
}

describe.skipIf(isMissing('openssl'))('openssl', () => {
  function verify(token: string): number | null {
    const [header = '', payload = '', signature = ''] = token.split('.');
    for (const [name, bytes] of [['key.pem', license.pem], ['signed', `${header}.${payload}`], ['signature', Buffer.from(signature, 'base64url')]] as const) writeFileSync(join(folder, name), bytes);
    return spawnSync('openssl', ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature', 'signed'], { cwd: folder }).status;
  }

  it('finds the signature of a license good, and that of one that was changed bad', () => {
    expect([verify(license.token), verify(forged())]).toEqual([0, 1]);
  });
});

describe.skipIf(isMissing('java'))("Java's Signature", () => {
  function verify(token: string): string[] {
    const der = createPublicKey(license.pem).export({ type: 'spki', format: 'der' }).toString('base64');
    return spawnSync('java', ['-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', join(import.meta.dirname, 'java-verifier.java'), token, der], { encoding: 'utf8' }).stdout.trim().split('\n');
  }

  it('finds a license good, reads the same claims, and finds one that was changed bad', () => {
    const [verdict, claims = ''] = verify(license.token);
    expect([verdict, JSON.parse(claims)]).toEqual(['good', license.claims]);
    expect(verify(forged())[0]).toBe('bad');
  });
});
