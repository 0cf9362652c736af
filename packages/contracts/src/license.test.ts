import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { calendarOf, calendarState, degradationOf, LICENSE_STATES, type LicenseClaims, type LicenseState, LICENSE_TYPE, MAX_LICENSE_CHARACTERS, verifyLicense } from './license.ts';

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HEADER = { alg: 'RS256', typ: LICENSE_TYPE, kid: 'kid-1' };

const ISSUED = new Date('2026-11-20T00:00:00.000Z');
const EXPIRES = new Date('2026-12-20T00:00:00.000Z');
const seconds = (date: Date): number => date.getTime() / 1000;

function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { graceUntil, readOnlyFrom, unlicensedFrom } = degradationOf(EXPIRES);
  const all: LicenseClaims = {
    iss: 'iotistic-control-plane',
    sub: 'cust_a',
    aud: 'iotistic-instance',
    iat: seconds(ISSUED),
    nbf: seconds(ISSUED),
    exp: seconds(EXPIRES),
    jti: 'lic_a',
    customerId: 'cust_a',
    customerName: 'Ünïcode & Söhne',
    plan: 'professional',
    features: { maxDevices: 50, canExportData: true },
    limits: { maxUsers: 15 },
    trial: { isTrialMode: false },
    subscription: { status: 'active', currentPeriodEndsAt: '2026-12-20T00:00:00.000Z' },
    degradation: { graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() },
    version: 7,
    issuedAt: seconds(ISSUED),
    expiresAt: seconds(EXPIRES),
  };
  return { ...all, ...changes };
}

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function token(payload: unknown = claims(), header: unknown = HEADER, key: KeyObject = ours.privateKey): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function stateOf(text: string, options: { now?: Date; revoked?: string[] } = {}): LicenseState {
  const verdict = verifyLicense(text, { findKey: (kid) => (kid === 'kid-1' ? ours.publicKey : null), now: options.now ?? ISSUED, isRevoked: (jti) => options.revoked?.includes(jti) ?? false });
  expect(verdict.valid).toBe(verdict.state === 'VALID' || verdict.state === 'GRACE');
  expect(verdict.claims !== null).toBe(['VALID', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED', 'NOT_YET_VALID'].includes(verdict.state));
  return verdict.state;
}

const at = (text: string): Date => new Date(text);
const after = (date: Date, ms: number): Date => new Date(date.getTime() + ms);

describe('the calendar', () => {
  it('is 7 days of grace, then 14 of reading only', () => {
    expect(degradationOf(EXPIRES)).toEqual({ graceUntil: at('2026-12-27T00:00:00.000Z'), readOnlyFrom: at('2026-12-27T00:00:00.000Z'), unlicensedFrom: at('2027-01-10T00:00:00.000Z') });
  });

  it.each([
    ['2026-11-20T00:00:00.000Z', 'VALID'],
    ['2026-12-19T23:59:59.999Z', 'VALID'],
    ['2026-12-20T00:00:00.000Z', 'GRACE'],
    ['2026-12-26T23:59:59.999Z', 'GRACE'],
    ['2026-12-27T00:00:00.000Z', 'READ_ONLY'],
    ['2027-01-09T23:59:59.999Z', 'READ_ONLY'],
    ['2027-01-10T00:00:00.000Z', 'EXPIRED'],
    ['2099-01-01T00:00:00.000Z', 'EXPIRED'],
  ] as const)('at %s it is %s, whoever looks', (now, state) => {
    expect(stateOf(token(), { now: at(now) })).toBe(state);
    expect(calendarState(calendarOf(claims() as LicenseClaims), at(now))).toBe(state);
  });
});

describe('the calendar of a revoked license', () => {
  const signed = claims() as LicenseClaims;

  it('begins with the revocation', () => {
    expect(calendarOf(signed, at('2026-11-25T00:00:00.000Z'))).toEqual({ expiresAt: at('2026-11-25T00:00:00.000Z'), graceUntil: at('2026-12-02T00:00:00.000Z'), readOnlyFrom: at('2026-12-02T00:00:00.000Z'), unlicensedFrom: at('2026-12-16T00:00:00.000Z') });
  });

  it('is never longer than the one that was signed, and never begins before the license did', () => {
    expect(calendarOf(signed, at('2027-01-01T00:00:00.000Z'))).toEqual(calendarOf(signed));
    expect(calendarOf(signed, at('2026-01-01T00:00:00.000Z')).expiresAt).toEqual(ISSUED);
    const short = { ...signed, degradation: { ...signed.degradation, unlicensedFrom: '2026-12-28T00:00:00.000Z' } };
    expect(calendarOf(short, at('2026-12-19T00:00:00.000Z')).unlicensedFrom).toEqual(at('2026-12-28T00:00:00.000Z'));
  });
});

describe('a license that was tampered with', () => {
  it('has no byte that may be changed', () => {
    const text = token();
    for (let index = 0; index < text.length; index += 7) {
      const changed = `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
      expect(['MALFORMED', 'UNKNOWN_KEY', 'BAD_SIGNATURE'], `character ${index}`).toContain(stateOf(changed));
    }
  });

  it('has one text: no variant of its last character, no padding, no white space', () => {
    const text = token();
    const others = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('').filter((character) => character !== text.at(-1)).map((character) => text.slice(0, -1) + character);
    const states = others.map((other) => stateOf(other));
    expect(states.filter((state) => state !== 'MALFORMED' && state !== 'BAD_SIGNATURE')).toEqual([]);
    for (const variant of [`${text}=`, `${text}==`, ` ${text}`, `${text}\n`, text.replace('.', '. '), `${text}.`, `${text.slice(0, -1)}+`]) expect(stateOf(variant), variant.slice(-10)).toBe('MALFORMED');
  });

  it.each([
    ['signed by another key', () => token(claims(), HEADER, theirs.privateKey), 'BAD_SIGNATURE'],
    ['of a key that is not known', () => token(claims(), { ...HEADER, kid: 'kid-2' }), 'UNKNOWN_KEY'],
    ['with the signature of another', () => [...token().split('.').slice(0, 2), token(claims({ version: 8 })).split('.')[2]].join('.'), 'BAD_SIGNATURE'],
  ] as const)('%s', (_name, make, state) => {
    expect(stateOf(make())).toBe(state);
  });
});

describe('a text that is no license', () => {
  it.each([
    ['nothing', ''],
    ['two segments', token().split('.').slice(0, 2).join('.')],
    ['four segments', `${token()}.x`],
    ['not signed at all', new UnsecuredJWT({ sub: 'cust_a' }).encode()],
    ['another algorithm', token(claims(), { ...HEADER, alg: 'RS512' })],
    ['the public key as a shared secret', token(claims(), { ...HEADER, alg: 'HS256' })],
    ['no algorithm', token(claims(), { ...HEADER, alg: 'none' })],
    ['another type', token(claims(), { ...HEADER, typ: 'JWT' })],
    ['a list of revocations', token(claims(), { ...HEADER, typ: 'revocations+jwt' })],
    ['no key id', token(claims(), { alg: 'RS256', typ: LICENSE_TYPE })],
    ['a header that brings its own key', token(claims(), { ...HEADER, jwk: theirs.publicKey.export({ format: 'jwk' }) })],
    ['a header that names a key elsewhere', token(claims(), { ...HEADER, jku: 'https://keys.example' })],
    ['a header with white space', token(claims(), JSON.stringify(HEADER, null, 1))],
    ['a header with a name twice', token(claims(), '{"alg":"RS256","typ":"license+jwt","kid":"kid-2","kid":"kid-1"}')],
    ['claims with a name twice', token(JSON.stringify(claims()).replace('{', '{"plan":"enterprise",'))],
    ['claims that are a list', token([claims()])],
    ['claims that are no JSON', token('plan=enterprise')],
    ['more text than is looked at', token(claims({ customerName: 'x'.repeat(MAX_LICENSE_CHARACTERS) }))],
  ])('%s is MALFORMED', (_name, text) => {
    expect(stateOf(text)).toBe('MALFORMED');
  });

  it.each([
    ['no expiry', { exp: undefined }],
    ['an expiry beyond all time', { exp: 1e308 }],
    ['an expiry with a fraction', { exp: seconds(EXPIRES) + 0.5 }],
    ['an expiry before its issue', { exp: seconds(ISSUED) - 1 }],
    ['a life of more than a window, a lease and a day', { exp: seconds(ISSUED) + 38 * 86_400 + 1, expiresAt: seconds(ISSUED) + 38 * 86_400 + 1 }],
    ['a life of more than a year and a day, whatever it says of a network', { exp: seconds(ISSUED) + 367 * 86_400, airGap: true }],
    ['a calendar that runs backwards', { degradation: { graceUntil: '2026-12-27T00:00:00.000Z', readOnlyFrom: '2026-12-26T00:00:00.000Z', unlicensedFrom: '2027-01-10T00:00:00.000Z' } }],
    ['a calendar that begins before the lease ends', { degradation: { graceUntil: '2026-11-27T00:00:00.000Z', readOnlyFrom: '2026-12-26T00:00:00.000Z', unlicensedFrom: '2027-01-10T00:00:00.000Z' } }],
    ['a subject that is not its customer', { sub: 'cust_b' }],
    ['no calendar', { degradation: undefined }],
    ['a limit that is no number', { limits: { maxUsers: 'many' } }],
    ['a version of nothing', { version: 0 }],
  ])('signed, but with %s is MALFORMED', (_name, changes) => {
    expect(stateOf(token(claims(changes)))).toBe('MALFORMED');
  });

  it('of five million letters is MALFORMED, and does not hold us up', () => {
    expect(stateOf('a.'.repeat(2_500_000))).toBe('MALFORMED');
  });
});

describe('a license that is signed by us', () => {
  it('for an instance without a network may last a year, if it says so', () => {
    const exp = seconds(ISSUED) + 365 * 86_400;
    const { graceUntil, readOnlyFrom, unlicensedFrom } = degradationOf(new Date(exp * 1000));
    const degradation = { graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() };
    expect(stateOf(token(claims({ exp, expiresAt: exp, degradation, airGap: true })))).toBe('VALID');
    expect(stateOf(token(claims({ exp, expiresAt: exp, degradation })))).toBe('MALFORMED');
  });

  it.each([
    ['another issuer', { iss: 'somebody' }],
    ['another audience', { aud: 'somebody' }],
  ])('for %s is WRONG_ISSUER', (_name, changes) => {
    expect(stateOf(token(claims(changes)))).toBe('WRONG_ISSUER');
  });

  it('that was revoked is REVOKED, wherever on its calendar', () => {
    for (const now of [after(ISSUED, -86_400_000), ISSUED, EXPIRES, at('2099-01-01T00:00:00.000Z')]) expect(stateOf(token(), { now, revoked: ['lic_a'] })).toBe('REVOKED');
    expect(stateOf(token(), { revoked: ['lic_b'] })).toBe('VALID');
  });

  it('is not valid before its time, with five minutes for clocks that differ', () => {
    expect(stateOf(token(), { now: after(ISSUED, -300_000) })).toBe('VALID');
    expect(stateOf(token(), { now: after(ISSUED, -301_000) })).toBe('NOT_YET_VALID');
    expect(stateOf(token(claims({ nbf: seconds(ISSUED) - 1_000 })), { now: after(ISSUED, -600_000) })).toBe('NOT_YET_VALID');
  });
});

it('the first that holds is the state: each is told before all that come after it', () => {
  const never = at('2026-01-01T00:00:00.000Z');
  const revoked = ['lic_a'];
  const cases: [LicenseState, string, { now?: Date; revoked?: string[] }][] = [
    ['MALFORMED', token(claims({ iss: 'x' }), { ...HEADER, kid: 'kid-2', alg: 'none' }, theirs.privateKey), { revoked, now: never }],
    ['UNKNOWN_KEY', token(claims({ iss: 'x' }), { ...HEADER, kid: 'kid-2' }, theirs.privateKey), { revoked, now: never }],
    ['BAD_SIGNATURE', token(claims({ iss: 'x', exp: 0 }), HEADER, theirs.privateKey), { revoked, now: never }],
    ['MALFORMED', token(claims({ iss: 'x', exp: 0 })), { revoked, now: never }],
    ['WRONG_ISSUER', token(claims({ iss: 'x' })), { revoked, now: never }],
    ['REVOKED', token(), { revoked, now: never }],
    ['NOT_YET_VALID', token(), { now: never }],
    ['VALID', token(), {}],
    ['GRACE', token(), { now: EXPIRES }],
    ['READ_ONLY', token(), { now: at('2026-12-27T00:00:00.000Z') }],
    ['EXPIRED', token(), { now: at('2027-01-10T00:00:00.000Z') }],
  ];
  for (const [state, text, options] of cases) expect(stateOf(text, options)).toBe(state);
  expect(new Set(cases.map(([state]) => state))).toEqual(new Set(LICENSE_STATES));
});
