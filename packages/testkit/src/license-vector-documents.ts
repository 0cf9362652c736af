import { KEY_ANNOUNCEMENT_TYPE } from '@iotistic/contracts/key-announcement';
import { LICENSE_ISSUER, type LicenseState } from '@iotistic/contracts/license';
import { REVOCATIONS_TYPE, type RevocationListState } from '@iotistic/contracts/revocation-list';
import { TIME_TYPE } from '@iotistic/contracts/signed-time';
import { compact, CUSTOMER, headerOf, ISSUED, LICENSE, licenseBy, rs256, seconds, type VectorKey, type VectorKeys, WITHIN } from './license-vector-kit.ts';

const IAT = seconds(ISSUED);
const HOUR = 3_600;

/** A list, the list that is held already, and whether it takes that one's place. */
export interface RevocationListVector {
  name: string;
  token: string;
  held: { epoch: number; iat: number } | null;
  expected: { state: RevocationListState; epoch: number | null; isNewer: boolean };
  /** When a license of this id and key was revoked, RFC 3339; null when it was not. */
  lookups: { jti: string; kid: string; revokedAt: string | null }[];
  why: string;
}

/** Announcements as they came, and the keys that follow from those in `keys`. */
export interface KeyAnnouncementVector {
  name: string;
  /** Ids of the keys that are believed before. */
  believed: string[];
  announcements: string[];
  expected: { learned: string[] };
  /** A license that is then read with what was believed and what was learned. */
  license?: { token: string; now: string; state: LicenseState };
  why: string;
}

export interface SignedTimeVector {
  name: string;
  token: string;
  asked: { nonce: string; instance: string };
  /** RFC 3339; null when the answer is not believed. */
  expected: { now: string | null };
  why: string;
}

const documentBy = (key: VectorKey, typ: string, payload: unknown, changes: Record<string, unknown> = {}): string => compact(headerOf(key, { typ, ...changes }), payload, rs256(key));

const listClaims = (changes: Record<string, unknown>): Record<string, unknown> => ({ iss: LICENSE_ISSUER, iat: IAT, epoch: 3, jtis: [], revokedAt: [], keys: [], ...changes });

export const revocationListBy = (key: VectorKey, changes: Record<string, unknown> = {}): string => documentBy(key, REVOCATIONS_TYPE, listClaims(changes));

function listsThatAreBelieved({ current, other, large }: VectorKeys): RevocationListVector[] {
  const good = (name: string, claims: Record<string, unknown>, held: RevocationListVector['held'], isNewer: boolean, why: string, lookups: RevocationListVector['lookups'] = []): RevocationListVector => {
    const { epoch } = listClaims(claims) as { epoch: number };
    return { name: `list: ${name}`, token: revocationListBy(current, claims), held, expected: { state: 'GOOD', epoch, isNewer }, lookups, why };
  };
  const at = (hours: number): string => new Date((IAT + hours * HOUR) * 1000).toISOString();
  const full = { jtis: [LICENSE, 'lic_2'], revokedAt: [IAT + HOUR, IAT + 3 * HOUR], keys: [{ kid: other.kid, revokedAt: IAT + 2 * HOUR }] };
  return [
    good('empty', {}, null, true, 'any list is more than none', [{ jti: LICENSE, kid: current.kid, revokedAt: null }]),
    good('with licenses and a key', full, null, true, 'the earlier of both revocations counts', [
      { jti: LICENSE, kid: current.kid, revokedAt: at(1) },
      { jti: LICENSE, kid: other.kid, revokedAt: at(1) },
      { jti: 'lic_2', kid: current.kid, revokedAt: at(3) },
      { jti: 'lic_2', kid: other.kid, revokedAt: at(2) },
      { jti: 'lic_3', kid: other.kid, revokedAt: at(2) },
      { jti: 'lic_3', kid: large.kid, revokedAt: null },
    ]),
    good('a higher epoch', { epoch: 4 }, { epoch: 3, iat: IAT }, true, 'the higher epoch counts'),
    good('a higher epoch, signed earlier', { epoch: 4 }, { epoch: 3, iat: IAT + 90 * 24 * HOUR }, true, 'the epoch counts before the time'),
    good('the same epoch, signed later', {}, { epoch: 3, iat: IAT - 1 }, true, 'then the later time'),
    good('the same epoch and time', {}, { epoch: 3, iat: IAT }, false, 'it says nothing new'),
    good('the same epoch, signed earlier', {}, { epoch: 3, iat: IAT + 1 }, false, 'an older copy'),
    good('a lower epoch', { epoch: 2 }, { epoch: 3, iat: IAT }, false, 'a replay: it would bring back what was revoked'),
    good('a lower epoch, signed later', { epoch: 2, iat: IAT + HOUR }, { epoch: 3, iat: IAT }, false, 'the epoch counts before the time'),
    good('the first epoch', { epoch: 0 }, null, true, 'epochs count from 0'),
    good('a claim that is not known', { next: IAT + HOUR }, null, true, 'readers ignore what they do not know'),
  ];
}

function listsThatAreNot({ current, other, absent, weak }: VectorKeys): RevocationListVector[] {
  const cases: [name: string, state: RevocationListState, token: string, why: string][] = [
    ['by a stranger', 'UNKNOWN_KEY', revocationListBy(absent), 'no key has this id'],
    ['signed with another key', 'BAD_SIGNATURE', compact(headerOf(other, { typ: REVOCATIONS_TYPE }), listClaims({}), rs256(current)), 'the key that is named has to fit'],
    ['by a key of 1,024 bits', 'BAD_SIGNATURE', revocationListBy(weak), '2048 bits or more'],
    ['a license', 'MALFORMED', licenseBy(current), 'another type'],
    ['of the type of a license', 'MALFORMED', documentBy(current, 'license+jwt', listClaims({})), 'another type'],
    ['alg is none', 'MALFORMED', documentBy(current, REVOCATIONS_TYPE, listClaims({}), { alg: 'none' }), 'only RS256'],
    ['a line feed after', 'MALFORMED', `${revocationListBy(current)}\n`, 'one text'],
    ['a name twice', 'MALFORMED', documentBy(current, REVOCATIONS_TYPE, JSON.stringify(listClaims({})).replace('"epoch":3', '"epoch":9,"epoch":3')), 'a name stands once'],
    ['another issuer', 'MALFORMED', revocationListBy(current, { iss: 'somebody' }), 'a list of another has no meaning here'],
    ['no epoch', 'MALFORMED', revocationListBy(current, { epoch: undefined }), 'epoch is needed'],
    ['a negative epoch', 'MALFORMED', revocationListBy(current, { epoch: -1 }), 'epochs count from 0'],
    ['an epoch with a fraction', 'MALFORMED', revocationListBy(current, { epoch: 3.5 }), 'integers only'],
    ['fewer instants than licenses', 'MALFORMED', revocationListBy(current, { jtis: [LICENSE], revokedAt: [] }), 'as many instants as licenses'],
    ['more instants than licenses', 'MALFORMED', revocationListBy(current, { jtis: [], revokedAt: [IAT] }), 'as many instants as licenses'],
    ['no keys', 'MALFORMED', revocationListBy(current, { keys: undefined }), 'keys are needed, an empty list too'],
    ['nothing', 'MALFORMED', '', 'three segments are needed'],
  ];
  return cases.map(([name, state, token, why]) => ({ name: `list: ${name}`, token, held: null, expected: { state, epoch: null, isNewer: false }, lookups: [], why }));
}

export const revocationListVectors = (keys: VectorKeys): RevocationListVector[] => [...listsThatAreBelieved(keys), ...listsThatAreNot(keys)];

const announcementOf = (announced: VectorKey, by: VectorKey, changes: Record<string, unknown> = {}, claims: Record<string, unknown> = {}): string => documentBy(by, KEY_ANNOUNCEMENT_TYPE, { iss: LICENSE_ISSUER, iat: IAT, key: { ...announced.jwk, ...changes }, ...claims });

function announcementsThatLead({ current, other, chain: [first, second, third] }: VectorKeys): KeyAnnouncementVector[] {
  const believed = [current.kid];
  const chain = [announcementOf(first, current), announcementOf(second, first), announcementOf(third, second)] as const;
  const all = [first.kid, second.kid, third.kid];
  const license = (state: LicenseState): NonNullable<KeyAnnouncementVector['license']> => ({ token: licenseBy(third), now: WITHIN, state });
  const junk = Array.from({ length: 99 }, () => 'x');
  return [
    { name: 'announcement: one', believed, announcements: [chain[0]], expected: { learned: [first.kid] }, license: license('UNKNOWN_KEY'), why: 'signed with a key that is believed' },
    { name: 'announcement: three, one by the other', believed, announcements: [...chain], expected: { learned: all }, license: license('VALID'), why: 'whoever slept through three rotations follows them one by one' },
    { name: 'announcement: three, in reverse', believed, announcements: chain.toReversed(), expected: { learned: all }, license: license('VALID'), why: 'in whatever order they come' },
    { name: 'announcement: three, each twice', believed, announcements: [...chain, ...chain], expected: { learned: all }, license: license('VALID'), why: 'a second time changes nothing' },
    { name: 'announcement: from the middle on', believed: [first.kid, current.kid].slice(1), announcements: [chain[1], chain[2]], expected: { learned: [] }, license: license('UNKNOWN_KEY'), why: 'the first link is missing: they lead nowhere' },
    { name: 'announcement: the middle is missing', believed, announcements: [chain[0], chain[2]], expected: { learned: [first.kid] }, license: license('UNKNOWN_KEY'), why: 'they lead up to the gap' },
    { name: 'announcement: two by different keys', believed: [current.kid, other.kid], announcements: [announcementOf(second, other), chain[0]], expected: { learned: [first.kid, second.kid] }, why: 'any key that is believed may announce' },
    { name: 'announcement: none', believed, announcements: [], expected: { learned: [] }, why: 'nothing follows from nothing' },
    { name: 'announcement: the hundredth', believed, announcements: [...junk, chain[0]], expected: { learned: [first.kid] }, why: 'the first hundred are looked at' },
    { name: 'announcement: the hundred and first', believed, announcements: ['x', ...junk, chain[0]], expected: { learned: [] }, why: 'no more than a hundred are looked at' },
  ];
}

function announcementsThatDoNot({ current, other, weak, absent, elliptic, chain: [first, second] }: VectorKeys): KeyAnnouncementVector[] {
  const good = announcementOf(first, current);
  const cases: [name: string, announcement: string, why: string][] = [
    ['by a stranger', announcementOf(first, absent), 'nobody believes who signed it'],
    ['by itself', announcementOf(first, first), 'a key does not announce itself'],
    ['by a key that exists and is not believed', announcementOf(first, other), 'nobody believes who signed it'],
    ['by a key of 1,024 bits', announcementOf(first, weak), '2048 bits or more'],
    ['of a key of 1,024 bits', announcementOf(weak, current), '2048 bits or more'],
    ['of an elliptic key', announcementOf(elliptic, current), 'RS256 is RSA'],
    ['under the id of another key', announcementOf(first, current, { kid: second.kid }), 'the id is the key\'s own thumbprint'],
    ['under the id of the key that signs', announcementOf(first, current, { kid: current.kid }), 'a key that is believed is not replaced'],
    ['without an id', announcementOf(first, current, { kid: undefined }), 'kid is needed'],
    ['without a modulus', announcementOf(first, current, { n: undefined }), 'n is needed'],
    ['with a modulus that has padding', announcementOf(first, current, { n: `${String(first.jwk['n'])}==` }), 'base64url'],
    ['another issuer', announcementOf(first, current, {}, { iss: 'somebody' }), 'announced by another'],
    ['of another type', documentBy(current, 'license+jwt', { iss: LICENSE_ISSUER, iat: IAT, key: first.jwk }), 'another type'],
    ['changed afterwards', `${good.slice(0, good.lastIndexOf('.') - 4)}AAAA${good.slice(good.lastIndexOf('.'))}`, 'the signature does not fit'],
    ['a line feed after', `${good}\n`, 'one text'],
  ];
  return cases.map(([name, announcement, why]) => ({ name: `announcement: ${name}`, believed: [current.kid, weak.kid], announcements: [announcement], expected: { learned: [] }, why }));
}

export const keyAnnouncementVectors = (keys: VectorKeys): KeyAnnouncementVector[] => [...announcementsThatLead(keys), ...announcementsThatDoNot(keys)];

/** Answers to the question of one instance. */
export function signedTimeVectors({ current, other, absent, weak }: VectorKeys): SignedTimeVector[] {
  const asked = { nonce: 'Zk3vN0q8xTjW2s9B', instance: 'plant-1' };
  const claims = { iss: LICENSE_ISSUER, sub: CUSTOMER, instance: asked.instance, nonce: asked.nonce, now: IAT * 1000 + 123 };
  const by = (key: VectorKey, changes: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string => documentBy(key, TIME_TYPE, { ...claims, ...changes }, header);
  const cases: [name: string, token: string, why: string, now?: string][] = [
    ['an answer', by(current), 'for this question', '2026-11-20T00:00:00.123Z'],
    ['an answer with another key', by(other), 'each key that is believed', '2026-11-20T00:00:00.123Z'],
    ['the last millisecond of all years', by(current, { now: 253_402_300_799_999 }), 'the latest that RFC 3339 can write', '9999-12-31T23:59:59.999Z'],
    ['an answer to another question', by(current, { nonce: 'yesterday0000000' }), 'a replay: yesterday\'s answer does not fit'],
    ['an empty nonce', by(current, { nonce: '' }), 'the nonce that was asked with, and no other'],
    ['no nonce', by(current, { nonce: undefined }), 'nonce is needed'],
    ['an answer to another instance', by(current, { instance: 'plant-2' }), 'for one instance'],
    ['an instance in capital letters', by(current, { instance: 'PLANT-1' }), 'letters count as they are'],
    ['by a stranger', by(absent), 'no key has this id'],
    ['by a key of 1,024 bits', by(weak), '2048 bits or more'],
    ['signed with another key', compact(headerOf(other, { typ: TIME_TYPE }), claims, rs256(current)), 'the key that is named has to fit'],
    ['another issuer', by(current, { iss: 'somebody' }), 'said by another'],
    ['of another type', by(current, {}, { typ: 'license+jwt' }), 'another type'],
    ['alg is none', by(current, {}, { alg: 'none' }), 'only RS256'],
    ['a time with a fraction', by(current, { now: claims.now + 0.5 }), 'whole milliseconds'],
    ['a time as text', by(current, { now: '2026-11-20T00:00:00.123Z' }), 'milliseconds since 1970'],
    ['a negative time', by(current, { now: -1 }), 'milliseconds since 1970'],
    ['a time in the year 10000', by(current, { now: 253_402_300_800_000 }), 'RFC 3339 ends with the year 9999'],
    ['more text than is looked at', by(current, { padding: 'x'.repeat(4_096) }), 'at most 4,096 characters'],
    ['a line feed after', `${by(current)}\n`, 'one text'],
  ];
  return cases.map(([name, token, why, now = null]) => ({ name: `time: ${name}`, token, asked, expected: { now }, why }));
}
