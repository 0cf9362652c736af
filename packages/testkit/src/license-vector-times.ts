import type { LicenseState } from '@iotistic/contracts/license';
import { calendarUntil, claimsWith, compact, EXPIRES, headerOf, ISSUED, LICENSE, licenseBy, type LicenseVector, rs256, seconds, vector, type VectorKeys, WITHIN } from './license-vector-kit.ts';
import { revocationListBy } from './license-vector-documents.ts';

const IAT = seconds(ISSUED);
const DAY = 86_400;
/** Long before the license, and long after its calendar. */
const BEFORE = '2026-01-01T00:00:00.000Z';
const AFTER = '2099-01-01T00:00:00.000Z';

/** Each state from its first millisecond to its last. */
function calendar({ current, other }: VectorKeys): LicenseVector[] {
  const lease: [now: string, state: LicenseState, why: string][] = [
    ['2026-11-19T23:54:59.999Z', 'NOT_YET_VALID', 'a millisecond more than five minutes ahead'],
    ['2026-11-19T23:55:00.000Z', 'VALID', 'exactly five minutes ahead: clocks differ'],
    ['2026-11-19T23:59:59.999Z', 'VALID', 'less than five minutes ahead'],
    ['2026-11-20T00:00:00.000Z', 'VALID', 'iat'],
    ['2026-12-19T23:59:59.999Z', 'VALID', 'its last millisecond'],
    ['2026-12-20T00:00:00.000Z', 'GRACE', 'exp'],
    ['2026-12-26T23:59:59.999Z', 'GRACE', 'its last millisecond'],
    ['2026-12-27T00:00:00.000Z', 'READ_ONLY', 'graceUntil and readOnlyFrom'],
    ['2027-01-09T23:59:59.999Z', 'READ_ONLY', 'its last millisecond'],
    ['2027-01-10T00:00:00.000Z', 'EXPIRED', 'unlicensedFrom'],
    [AFTER, 'EXPIRED', 'and ever after'],
    ['1970-01-01T00:00:00.000Z', 'NOT_YET_VALID', 'a clock that begins anew'],
  ];
  const year: [now: string, state: LicenseState][] = [
    ['2026-11-20T00:00:00.000Z', 'VALID'],
    ['2027-11-19T23:59:59.999Z', 'VALID'],
    ['2027-11-20T00:00:00.000Z', 'GRACE'],
    ['2027-11-26T23:59:59.999Z', 'GRACE'],
    ['2027-11-27T00:00:00.000Z', 'READ_ONLY'],
    ['2027-12-10T23:59:59.999Z', 'READ_ONLY'],
    ['2027-12-11T00:00:00.000Z', 'EXPIRED'],
  ];
  const airGap = licenseBy(other, { ...calendarUntil(IAT + 365 * DAY), airGap: true });
  return [
    ...lease.map(([now, state, why]) => vector(state, `time: ${now}`, licenseBy(current), why, { now })),
    ...year.map(([now, state]) => vector(state, `time: with an air gap, ${now}`, airGap, 'the same calendar, after a year', { now })),
  ];
}

/** Where the calendar that was signed is not the usual one, it is the one that counts. */
function signedCalendar({ current }: VectorKeys): LicenseVector[] {
  const token = licenseBy(current, { degradation: { graceUntil: '2026-12-20T00:00:00.500Z', readOnlyFrom: '2026-12-20T00:00:00.500Z', unlicensedFrom: '2026-12-20T00:00:01Z' } });
  const cases: [now: string, state: LicenseState][] = [
    ['2026-12-20T00:00:00.499Z', 'GRACE'],
    ['2026-12-20T00:00:00.500Z', 'READ_ONLY'],
    ['2026-12-20T00:00:00.999Z', 'READ_ONLY'],
    ['2026-12-20T00:00:01.000Z', 'EXPIRED'],
  ];
  return cases.map(([now, state]) => vector(state, `time: a calendar of a second, ${now}`, token, 'what was signed counts, with its fractions or without any', { now }));
}

/** iat and nbf both have to have come, the later one counts. */
function beginnings({ current }: VectorKeys): LicenseVector[] {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const notBefore = IAT + 10 * DAY;
  const held = licenseBy(current, { nbf: notBefore });
  return [
    vector('NOT_YET_VALID', 'time: iat has come and nbf has not', held, 'the later one counts', { now: at(notBefore - 301) }),
    vector('VALID', 'time: nbf is five minutes ahead', held, 'clocks differ', { now: at(notBefore - 300) }),
    vector('NOT_YET_VALID', 'time: nbf has come and iat has not', licenseBy(current, { nbf: IAT - 10 * DAY }), 'the later one counts', { now: at(IAT - 301) }),
    vector('VALID', 'time: nbf is 0', licenseBy(current, { nbf: 0 }), 'the later one counts'),
    vector('NOT_YET_VALID', 'time: issued ten years ahead', licenseBy(current, { ...calendarUntil(IAT + 3_680 * DAY), iat: IAT + 3_650 * DAY, nbf: IAT, issuedAt: IAT + 3_650 * DAY }), 'a good signature does not bring the future'),
  ];
}

function revocations({ current, other, large }: VectorKeys): LicenseVector[] {
  const token = licenseBy(current);
  const byId = revocationListBy(current, { jtis: ['lic_else', LICENSE], revokedAt: [IAT, IAT + DAY] });
  const ofCurrent = revocationListBy(other, { keys: [{ kid: current.kid, revokedAt: IAT + DAY }] });
  const ofLarge = revocationListBy(other, { keys: [{ kid: large.kid, revokedAt: IAT + DAY }] });
  return [
    vector('REVOKED', 'revoked: by its id', token, 'its id is on the list', { revoked: ['lic_else', LICENSE] }),
    vector('VALID', 'revoked: others', token, 'its id is not on the list', { revoked: ['lic_else', `${LICENSE}x`, LICENSE.toUpperCase(), ''] }),
    vector('VALID', 'revoked: none', token, 'the list is empty', { revoked: [] }),
    vector('REVOKED', 'revoked: by a list', token, 'its id is on the list', { revocationList: byId }),
    vector('VALID', 'revoked: another, by a list', licenseBy(current, { jti: 'lic_third' }), 'its id is not on the list', { revocationList: byId }),
    vector('REVOKED', 'revoked: with its key', token, 'what that key signed counts as revoked', { revocationList: ofCurrent }),
    vector('VALID', 'revoked: with another key', token, 'its own key is still believed', { revocationList: ofLarge }),
    vector('VALID', 'revoked: its key, and signed anew with another', licenseBy(other), 'the key of this text counts', { revocationList: ofCurrent }),
    vector('REVOKED', 'revoked: in its grace', token, 'whatever the calendar says', { now: EXPIRES.toISOString(), revoked: [LICENSE] }),
    vector('REVOKED', 'revoked: while read only', token, 'whatever the calendar says', { now: '2026-12-27T00:00:00.000Z', revoked: [LICENSE] }),
    vector('REVOKED', 'revoked: with an air gap', licenseBy(current, { ...calendarUntil(IAT + 365 * DAY), airGap: true }), 'a year is not too long to be called back', { revocationList: byId }),
  ];
}

/** For each two neighbours a license of which both hold. */
function precedence(keys: VectorKeys): LicenseVector[] {
  const { current, absent } = keys;
  const bad = { iss: 'somebody', exp: 0 };
  const signedBy = (key: typeof current, header: Record<string, unknown>, changes: Record<string, unknown>): string => compact(headerOf(current, header), claimsWith(changes), rs256(key));
  const pair = (told: LicenseState, before: LicenseState, token: string, more: { now?: string; revoked?: string[]; revocationList?: string } = {}, note = ''): LicenseVector =>
    vector(told, `order: ${told} before ${before}${note}`, token, 'both hold, and the first in the order is told', { ...more, precedence: [told, before] });
  const revoked = [LICENSE];
  return [
    pair('MALFORMED', 'UNKNOWN_KEY', signedBy(absent, { kid: absent.kid, alg: 'none' }, bad), { now: BEFORE, revoked }),
    pair('MALFORMED', 'BAD_SIGNATURE', signedBy(absent, { typ: 'JWT' }, bad), { now: BEFORE, revoked }),
    pair('UNKNOWN_KEY', 'BAD_SIGNATURE', `${signedBy(absent, { kid: absent.kid }, bad).slice(0, -4)}AAAA`, { now: BEFORE, revoked }),
    pair('BAD_SIGNATURE', 'MALFORMED', signedBy(absent, {}, { exp: 0 }), { now: BEFORE, revoked }, ' claims'),
    pair('BAD_SIGNATURE', 'WRONG_ISSUER', signedBy(absent, {}, { iss: 'somebody' }), { now: BEFORE, revoked }),
    pair('MALFORMED', 'WRONG_ISSUER', signedBy(current, {}, bad), { now: BEFORE, revoked }, ', claims'),
    pair('WRONG_ISSUER', 'REVOKED', signedBy(current, {}, { iss: 'somebody' }), { now: BEFORE, revoked }),
    pair('WRONG_ISSUER', 'NOT_YET_VALID', signedBy(current, {}, { aud: 'somebody' }), { now: BEFORE }),
    pair('WRONG_ISSUER', 'EXPIRED', signedBy(current, {}, { aud: 'somebody' }), { now: AFTER }),
    pair('REVOKED', 'NOT_YET_VALID', licenseBy(current), { now: BEFORE, revoked }),
    pair('REVOKED', 'NOT_YET_VALID', licenseBy(current), { now: BEFORE, revocationList: revocationListBy(current, { keys: [{ kid: current.kid, revokedAt: IAT }] }) }, ', by its key'),
    pair('REVOKED', 'VALID', licenseBy(current), { now: WITHIN, revoked }),
    pair('REVOKED', 'EXPIRED', licenseBy(current), { now: AFTER, revoked }),
    pair('NOT_YET_VALID', 'VALID', licenseBy(current), { now: '2026-11-19T12:00:00.000Z' }),
    pair('NOT_YET_VALID', 'GRACE', licenseBy(current, { nbf: seconds(new Date(AFTER)) }), { now: EXPIRES.toISOString() }),
    pair('NOT_YET_VALID', 'READ_ONLY', licenseBy(current, { nbf: seconds(new Date(AFTER)) }), { now: '2026-12-27T00:00:00.000Z' }),
    pair('NOT_YET_VALID', 'EXPIRED', licenseBy(current, { nbf: seconds(new Date(AFTER)) }), { now: '2027-01-10T00:00:00.000Z' }),
  ];
}

/** Vectors on the calendar, on revocation and on the order of states. */
export function timeVectors(keys: VectorKeys): LicenseVector[] {
  return [...calendar(keys), ...signedCalendar(keys), ...beginnings(keys), ...revocations(keys), ...precedence(keys)];
}
