import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyIdOf } from '@iotistic/contracts/key-announcement';
import { isLicenseKey } from '@iotistic/contracts/signed-document';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { CliUnderTest } from '../terminal.testkit.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const key = (id: string, status: string) => ({ id, algorithm: 'RS256', status, createdAt: '2026-01-01T00:00:00.000Z', currentSince: null, retiredAt: null, compromisedAt: null, publicKeyPem: `-----${id}-----` });
const ANSWERS = { ListSigningKeys: { signingKeys: [key('next', 'ANNOUNCED'), key('now', 'CURRENT'), key('old', 'RETIRED')] } };

describe('keys list', () => {
  it('lists them, or prints those that licenses may be signed with', async () => {
    expect((await cli.run(['keys', 'list'], { answers: ANSWERS })).stdout).toMatch(/^now +│ RS256 +│ CURRENT/m);
    expect((await cli.run(['keys', 'list', '--pem'], { answers: ANSWERS })).stdout).toBe('-----next-----\n-----now-----\n');
  });
});

describe('keys generate', () => {
  it('writes a pair that signs licenses, for its owner alone, and asks nobody', async () => {
    const out = join(cli.folder, 'keys');
    const { code, json, asked, progress } = await cli.run(['keys', 'generate', '--out', out, '--json']);
    expect({ code, asked }).toEqual({ code: 0, asked: [] });
    expect(progress).toEqual(['Making keys', 'end']);
    const publicKey = createPublicKey(readFileSync(join(out, 'license-public.pem')));
    expect(isLicenseKey(publicKey)).toBe(true);
    expect(createPublicKey(createPrivateKey(readFileSync(join(out, 'license-private.pem')))).equals(publicKey)).toBe(true);
    expect(json).toMatchObject({ keyId: keyIdOf(publicKey) });
    expect(statSync(join(out, 'license-private.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(out).mode & 0o777).toBe(0o700);
  });

  it('overwrites nothing, and writes no half of a pair', async () => {
    const out = join(cli.folder, 'keys');
    const before = readFileSync(join(out, 'license-private.pem'), 'utf8');
    expect((await cli.run(['keys', 'generate', '--out', out])).code).toBe(EXIT.failure);
    expect(readFileSync(join(out, 'license-private.pem'), 'utf8')).toBe(before);
    const file = join(cli.folder, 'a-file');
    writeFileSync(file, '');
    expect(await cli.run(['keys', 'generate', '--out', file])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('cannot be written') as string });
    expect((await cli.run(['keys', 'generate', '--out', join(cli.folder, 'dry'), '--dry-run'])).code).toBe(0);
    expect(existsSync(join(cli.folder, 'dry'))).toBe(false);
  });
});

describe('keys rotate', () => {
  const rotated = (finishedAt: string | null) => ({ RotateSigningKey: { rotateSigningKey: { signingKey: { id: 'next', status: 'CURRENT', currentSince: null }, reissue: { id: 'riss_1', total: 7, done: 0, finishedAt } } } });

  it('shows how the licenses are issued anew until they are', async () => {
    let looks = 0;
    const answers = { ...ANSWERS, ...rotated(null), ListLicenseReissues: () => ({ licenseReissues: [{ id: 'riss_1', total: 7, done: (looks += 1) * 3, finishedAt: looks === 2 ? '2026-11-21T12:00:00.000Z' : null }] }) };
    const { stdout, progress } = await cli.run(['keys', 'rotate', '--yes'], { answers });
    expect(progress).toEqual(['Issuing licenses anew', '3', '6', 'end']);
    expect(stdout).toMatch(/^Issued Anew: +6 of 7 license\(s\)$/m);
    expect((await cli.run(['keys', 'rotate', '--yes', '--no-wait'], { answers })).stdout).toContain('0 of 7 license(s), the others follow');
  });

  it('does not wait for ever', async () => {
    let now = Date.parse('2026-11-21T12:00:00.000Z');
    const clock = { now: () => new Date((now += 120_000)) };
    const { code, stdout } = await cli.run(['keys', 'rotate', '--yes'], { clock, answers: { ...ANSWERS, ...rotated(null), ListLicenseReissues: { licenseReissues: [{ id: 'riss_1', total: 7, done: 1, finishedAt: null }] } } });
    expect(code).toBe(0);
    expect(stdout).toContain('1 of 7 license(s), the others follow');
  });

  it('happens when somebody says yes, who was told what an emergency means', async () => {
    const no = await cli.run(['keys', 'rotate', '--emergency'], { answers: ANSWERS, person: { confirms: false } });
    expect(no.questions).toEqual(['Sign with next instead of now, and issue every license anew? What the old key signed counts as revoked.']);
    expect(no.code).toBe(EXIT.failure);
    expect((await cli.run(['keys', 'rotate', '--dry-run', '--json'], { answers: ANSWERS })).json).toEqual({ dryRun: true, from: 'now', to: 'next', emergency: false });
    const ran = await cli.run(['keys', 'rotate', '--emergency', '--yes'], { answers: { ...ANSWERS, ...rotated('2026-11-21T12:00:00.000Z') } });
    expect(ran.asked.at(-1)?.variables).toEqual({ input: { emergency: true } });
  });
});
