import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ANSWER_FILE_TYPE, readAnswerFile, readUsageFile, type UsageFile, writeUsageFile } from './air-gap.ts';
import { followAnnouncements, KEY_ANNOUNCEMENT_TYPE, keyIdOf, verifyKeyAnnouncement } from './key-announcement.ts';
import { LICENSE_ISSUER } from './license.ts';
import { isNewerList, revocationOf, REVOCATIONS_TYPE, verifyRevocationList } from './revocation-list.ts';
import { TIME_TYPE, verifySignedTime } from './signed-time.ts';

const keys = Array.from({ length: 4 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const kids = keys.map(({ publicKey }) => keyIdOf(publicKey));
const find = (...known: number[]) => (kid: string): KeyObject | null => keys[known.find((index) => kids[index] === kid) ?? -1]?.publicKey ?? null;

function document(type: string, payload: object, by = 0): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'RS256', typ: type, kid: kids[by] })}.${encode(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), keys[by]?.privateKey as KeyObject).toString('base64url')}`;
}

const announce = (announced: number, by: number): string => {
  const { n, e } = (keys[announced] as { publicKey: KeyObject }).publicKey.export({ format: 'jwk' });
  return document(KEY_ANNOUNCEMENT_TYPE, { iss: LICENSE_ISSUER, iat: 1, key: { kty: 'RSA', kid: kids[announced], n, e } }, by);
};

describe('a revocation list', () => {
  const claims = { iss: LICENSE_ISSUER, iat: 1_795_000_000, epoch: 3, jtis: ['lic_a', 'lic_b'], revokedAt: [1_794_000_000, 1_794_500_000], keys: [{ kid: 'bad', revokedAt: 1_794_200_000 }] };

  it('tells when a license was revoked, by its id or by its key', () => {
    const { state, claims: read } = verifyRevocationList(document(REVOCATIONS_TYPE, claims), find(0));
    expect(state).toBe('GOOD');
    expect(revocationOf(read, 'lic_b', 'good')).toEqual(new Date(1_794_500_000_000));
    expect(revocationOf(read, 'lic_b', 'bad')).toEqual(new Date(1_794_200_000_000));
    expect(revocationOf(read, 'lic_c', 'bad')).toEqual(new Date(1_794_200_000_000));
    expect(revocationOf(read, 'lic_c', 'good')).toBeNull();
    expect(revocationOf(null, 'lic_a', 'good')).toBeNull();
  });

  it('is believed only when signed, whole and of its own kind', () => {
    expect(verifyRevocationList(document('license+jwt', claims), find(0)).state).toBe('MALFORMED');
    expect(verifyRevocationList(document(REVOCATIONS_TYPE, { ...claims, revokedAt: [] }), find(0)).state).toBe('MALFORMED');
    expect(verifyRevocationList(document(REVOCATIONS_TYPE, claims), find(1)).state).toBe('UNKNOWN_KEY');
    expect(verifyRevocationList(document(REVOCATIONS_TYPE, claims, 1), (kid) => (kid === kids[1] ? (keys[0]?.publicKey ?? null) : null)).state).toBe('BAD_SIGNATURE');
  });

  it('is newer by its epoch, then by its time', () => {
    expect(isNewerList({ epoch: 4, iat: 1 }, { epoch: 3, iat: 9 })).toBe(true);
    expect(isNewerList({ epoch: 2, iat: 10 }, { epoch: 3, iat: 9 })).toBe(false);
    expect(isNewerList({ epoch: 3, iat: 10 }, { epoch: 3, iat: 9 })).toBe(true);
    expect(isNewerList({ epoch: 3, iat: 9 }, { epoch: 3, iat: 9 })).toBe(false);
  });
});

describe('a signed time', () => {
  const time = document(TIME_TYPE, { iss: LICENSE_ISSUER, sub: 'cust_a', instance: 'plant-1', nonce: 'n1', now: 1_795_000_000_123 });

  it('answers one question of one instance, and no other', () => {
    expect(verifySignedTime(time, { nonce: 'n1', instance: 'plant-1' }, find(0))).toEqual(new Date(1_795_000_000_123));
    expect(verifySignedTime(time, { nonce: 'n2', instance: 'plant-1' }, find(0))).toBeNull();
    expect(verifySignedTime(time, { nonce: 'n1', instance: 'plant-2' }, find(0))).toBeNull();
    expect(verifySignedTime(time, { nonce: 'n1', instance: 'plant-1' }, find(1))).toBeNull();
  });
});

describe('key announcements', () => {
  it('lead from a key that is believed to all that follow, in whatever order they come', () => {
    const learned = followAnnouncements([announce(3, 2), announce(2, 1), announce(1, 0)], find(0));
    expect(new Set(learned.keys())).toEqual(new Set(kids.slice(1)));
  });

  it('lead nowhere from a key that is not', () => {
    expect(followAnnouncements([announce(3, 2), announce(2, 1)], find(0)).size).toBe(0);
  });

  it('with an id that is not the key\'s own thumbprint are refused', () => {
    const { n, e } = (keys[1] as { publicKey: KeyObject }).publicKey.export({ format: 'jwk' });
    expect(verifyKeyAnnouncement(document(KEY_ANNOUNCEMENT_TYPE, { iss: LICENSE_ISSUER, iat: 1, key: { kty: 'RSA', kid: kids[0], n, e } }), find(0))).toBeNull();
  });
});

describe('a usage file', () => {
  const instance = generateKeyPairSync('ed25519').privateKey;
  const content: UsageFile = { fileId: 'f1', customerId: 'cust_a', instance: 'plant-1', agentVersion: '1.0.0', exportedAt: 1, holding: null, reports: Array.from({ length: 720 }, (_each, sequence) => ({ reportId: `r${sequence}`, sequence, activeDevices: 3 })) };
  const file = writeUsageFile(content, instance);

  it('is read as it was written, also with a line feed at its end', () => {
    const read = readUsageFile(`${file}\n`);
    expect(read).toMatchObject({ state: 'GOOD', content });
  });

  it('is small: a month by the hour fits a letter', () => {
    expect(file.length).toBeLessThan(20_000);
  });

  it('with any character changed is refused, and says what it is', () => {
    for (let index = 0; index < file.length; index += 11) {
      const changed = `${file.slice(0, index)}${file[index] === 'A' ? 'B' : 'A'}${file.slice(index + 1)}`;
      expect(['MALFORMED', 'TAMPERED'], `character ${index}`).toContain(readUsageFile(changed).state);
    }
  });

  it('that unpacks to more than is looked at is refused', () => {
    const bomb = writeUsageFile({ ...content, reports: [{ reportId: 'x'.repeat(17 * 1024 * 1024) }] }, instance);
    expect(readUsageFile(bomb).state).toBe('MALFORMED');
    expect(readUsageFile('x'.repeat(1_000_001)).state).toBe('TOO_LARGE');
  });

  it('has an answer that only the control plane can have signed', () => {
    const answer = { iss: LICENSE_ISSUER, iat: 1, fileId: 'f1', customerId: 'cust_a', instance: 'plant-1', verdicts: { accepted: 720, late: 0, duplicates: 0, rejected: [] }, license: null, revocationList: 'x', signingKeys: [] };
    const text = document(ANSWER_FILE_TYPE, answer);
    expect(readAnswerFile(text, find(0))).toEqual({ state: 'GOOD', content: answer });
    expect(readAnswerFile(`${text.slice(0, -9)}AAAAAAAAA`, find(0)).state).toMatch(/TAMPERED|MALFORMED/);
    expect(readAnswerFile(text, find(1)).state).toBe('UNKNOWN_KEY');
    expect(readAnswerFile(file, find(0)).state).toBe('MALFORMED');
  });
});
