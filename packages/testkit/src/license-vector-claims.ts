import { calendarUntil, claimsWith, compact, CUSTOMER, EXPIRES, headerOf, ISSUED, licenseBy, type LicenseVector, rs256, seconds, vector, type VectorKey } from './license-vector-kit.ts';

const DAY = 86_400;
const IAT = seconds(ISSUED);
const EXP = seconds(EXPIRES);

/** Signed by us, and yet not what a license is: texts that JSON.stringify does not write. */
function payloadTexts(key: VectorKey): LicenseVector[] {
  const text = JSON.stringify(claimsWith());
  const cases: [name: string, payload: unknown, why: string][] = [
    ['a name twice, the better value first', text.replace('{', '{"plan":"enterprise",'), 'a name stands once'],
    ['a name twice, the better value last', text.replace(/\}$/, ',"plan":"enterprise"}'), 'a name stands once'],
    ['a name twice within features', text.replace('"maxDevices":50', '"maxDevices":50,"maxDevices":5000'), 'a name stands once'],
    ['exp twice', text.replace('"exp":', `"exp":${EXP + DAY},"exp":`), 'a name stands once'],
    ['white space', JSON.stringify(claimsWith(), null, 1), 'JSON without white space'],
    ['a line feed at the end', `${text}\n`, 'JSON without white space'],
    ['a byte order mark', `\uFEFF${text}`, 'not JSON'],
    ['an escaped letter', text.replace('"Acme"', '"\\u0041cme"'), 'letters are written as themselves'],
    ['an escaped slash', text.replace('"Acme"', '"A\\/cme"'), 'letters are written as themselves'],
    ['an escape in capital letters', text.replace('"Acme"', '"\\u001F"'), 'control characters are \\u00 and two small digits'],
    ['an integer with a fraction of zero', text.replace('"version":7', '"version":7.0'), 'integers are written with their digits'],
    ['an integer with an exponent', text.replace('"version":7', '"version":7e0'), 'integers are written with their digits'],
    ['a comma too many', text.replace(/\}$/, ',}'), 'not JSON'],
    ['a comment', text.replace(/\}$/, '/**/}'), 'not JSON'],
    ['a list', [claimsWith()], 'an object is needed'],
    ['a text', JSON.stringify(text), 'an object is needed'],
    ['null', 'null', 'an object is needed'],
    ['a number', '7', 'an object is needed'],
    ['no JSON', 'plan=enterprise', 'an object is needed'],
    ['an empty object', {}, 'the claims are needed'],
  ];
  return cases.map(([name, payload, why]) => vector('MALFORMED', `claims: ${name}`, compact(headerOf(key), payload, rs256(key)), why));
}

function claimValues(key: VectorKey): LicenseVector[] {
  const cases: [name: string, changes: Record<string, unknown>, why: string][] = [
    ['no exp', { exp: undefined }, 'exp is needed'],
    ['no iat', { iat: undefined }, 'iat is needed'],
    ['no nbf', { nbf: undefined }, 'nbf is needed'],
    ['no jti', { jti: undefined }, 'jti is needed: it is what is revoked'],
    ['no iss', { iss: undefined }, 'iss is needed'],
    ['no aud', { aud: undefined }, 'aud is needed'],
    ['no sub', { sub: undefined }, 'sub is needed'],
    ['no customerId', { customerId: undefined }, 'customerId is needed'],
    ['no degradation', { degradation: undefined }, 'the calendar is needed'],
    ['no features', { features: undefined }, 'features are needed'],
    ['exp is null', { exp: null }, 'seconds are integers'],
    ['exp is a text', { exp: String(EXP) }, 'seconds are integers'],
    ['exp has a fraction', { exp: EXP + 0.5 }, 'seconds are integers'],
    ['exp is negative', { exp: -1 }, 'seconds count from 1970'],
    ['exp is 1e308', { exp: 1e308 }, 'no instant'],
    ['exp is in the year 10000', { exp: 253_402_300_800 }, 'RFC 3339 ends with the year 9999'],
    ['exp is in milliseconds', { exp: EXP * 1000 }, 'no instant that RFC 3339 can write'],
    ['iat is negative', { ...calendarUntil(30 * DAY - 1), iat: -1, nbf: 0 }, 'seconds count from 1970'],
    ['nbf is negative', { nbf: -1 }, 'seconds count from 1970'],
    ['nbf is in the year 10000', { nbf: 253_402_300_800 }, 'RFC 3339 ends with the year 9999'],
    ['nbf has a fraction', { nbf: IAT - 0.5 }, 'seconds are integers'],
    ['issuedAt is a text', { issuedAt: ISSUED.toISOString() }, 'seconds are integers'],
    ['no expiresAt', { expiresAt: undefined }, 'expiresAt is needed'],
    ['expiresAt is a text', { expiresAt: EXPIRES.toISOString() }, 'seconds are integers'],
    ['version is 2^53', { version: 2 ** 53 }, 'integers that every reader holds exactly'],
    ['iat is a text', { iat: ISSUED.toISOString() }, 'seconds are integers'],
    ['aud is a list', { aud: ['iotistic-instance'] }, 'one audience, as a text'],
    ['jti is a number', { jti: 1 }, 'ids are texts'],
    ['sub is another customer', { sub: 'cust_else' }, 'sub and customerId are the same'],
    ['a feature is a text', { features: { maxDevices: '50' } }, 'numbers, true or false'],
    ['a feature has a fraction', { features: { maxDevices: 50.5 } }, 'numbers are integers'],
    ['a limit is null', { limits: { maxUsers: null } }, 'limits are integers; unlimited is 2147483647'],
    ['limits are a list', { limits: [15] }, 'an object is needed'],
    ['version is 0', { version: 0 }, 'versions count from 1'],
    ['trial does not say whether', { trial: {} }, 'isTrialMode is needed'],
    ['airGap is false', { airGap: false }, 'true, or not there'],
    ['airGap is a text', { airGap: 'true' }, 'true, or not there'],
  ];
  return cases.map(([name, changes, why]) => vector('MALFORMED', `claims: ${name}`, licenseBy(key, changes), why));
}

/** What is odd and allowed, so that nobody refuses it. */
function allowed(key: VectorKey): LicenseVector[] {
  const cases: [name: string, changes: Record<string, unknown>, why: string][] = [
    ['as they are issued', {}, 'within the lease'],
    ['a claim that is not known', { seats: { of: ['a', null, -2] } }, 'readers ignore what they do not know'],
    ['a feature that is not known', { features: { canFly: true, maxDevices: 50, maxWings: 2 } }, 'readers ignore what they do not know'],
    ['a claim named __proto__', JSON.parse('{"__proto__":{"plan":"enterprise"}}') as Record<string, unknown>, 'readers ignore what they do not know'],
    ['a name of many alphabets', { customerName: 'Ünïcode & Söhne 株式会社 🏭 \u2028\u007f' }, 'UTF-8, written as itself'],
    ['a name that needs escapes', { customerName: '"a\\b/c"\b\t\n\f\r\u0000\u001f' }, 'the escapes of JSON.stringify'],
    ['unlimited', { features: { canExportData: true, maxDevices: 2_147_483_647 }, limits: { maxUsers: 2_147_483_647 } }, 'the largest 32-bit integer'],
    ['a trial', { plan: 'trial', trial: { isTrialMode: true, trialEndsAt: EXPIRES.toISOString() }, subscription: { status: 'trialing', currentPeriodEndsAt: null } }, 'a period may be null'],
    ['nothing in features and limits', { features: {}, limits: {} }, 'both may be empty'],
  ];
  return cases.map(([name, changes, why]) => vector('VALID', `claims: ${name}`, licenseBy(key, changes), why));
}

function lifetimes(key: VectorKey): LicenseVector[] {
  const lasting = (days: number, extra: Record<string, unknown> = {}, more = 0): string => licenseBy(key, { ...calendarUntil(IAT + days * DAY + more), ...extra });
  return [
    vector('VALID', 'lifetime: 37 days', lasting(37), 'the longest lease that is issued: a window of 7 days and 30 more'),
    vector('VALID', 'lifetime: 38 days', lasting(38), 'the longest lease that is believed'),
    vector('MALFORMED', 'lifetime: 38 days and a second', lasting(38, {}, 1), 'longer than any lease'),
    vector('MALFORMED', 'lifetime: 365 days, and no word of an air gap', lasting(365), 'longer than any lease'),
    vector('VALID', 'lifetime: 30 days with an air gap', lasting(30, { airGap: true }), 'it may be shorter'),
    vector('VALID', 'lifetime: 365 days with an air gap', lasting(365, { airGap: true }), 'as long as is issued on request'),
    vector('VALID', 'lifetime: 366 days with an air gap', lasting(366, { airGap: true }), 'the longest that is believed'),
    vector('MALFORMED', 'lifetime: 366 days and a second with an air gap', lasting(366, { airGap: true }, 1), 'longer than any license'),
    vector('MALFORMED', 'lifetime: exp a second before iat', lasting(0, {}, -1), 'it ends before it begins'),
    vector('GRACE', 'lifetime: none at all', lasting(0), 'exp is iat: its grace begins at once', { now: ISSUED.toISOString() }),
    vector('MALFORMED', 'lifetime: to the end of all years', licenseBy(key, { exp: 253_402_300_799, expiresAt: 253_402_300_799, degradation: { graceUntil: '9999-12-31T23:59:59.999Z', readOnlyFrom: '9999-12-31T23:59:59.999Z', unlicensedFrom: '9999-12-31T23:59:59.999Z' } }), 'longer than any license'),
  ];
}

function calendars(key: VectorKey): LicenseVector[] {
  const [exp, grace, end] = [EXPIRES.toISOString(), '2026-12-27T00:00:00.000Z', '2027-01-10T00:00:00.000Z'];
  const malformed: [name: string, degradation: Record<string, unknown>, why: string][] = [
    ['grace ends before the lease', { graceUntil: '2026-12-19T23:59:59.999Z', readOnlyFrom: grace, unlicensedFrom: end }, 'out of order'],
    ['read only before grace ends', { graceUntil: grace, readOnlyFrom: '2026-12-26T23:59:59.999Z', unlicensedFrom: end }, 'out of order'],
    ['unlicensed before read only', { graceUntil: grace, readOnlyFrom: grace, unlicensedFrom: '2026-12-26T23:59:59.999Z' }, 'out of order'],
    ['no end', { graceUntil: grace, readOnlyFrom: grace }, 'all three instants are needed'],
    ['seconds instead of a text', { graceUntil: EXP, readOnlyFrom: EXP, unlicensedFrom: EXP }, 'RFC 3339'],
    ['a day without a time', { graceUntil: '2026-12-27', readOnlyFrom: grace, unlicensedFrom: end }, 'RFC 3339'],
    ['an offset', { graceUntil: '2026-12-27T02:00:00+02:00', readOnlyFrom: grace, unlicensedFrom: end }, 'in UTC, written Z'],
    ['no offset', { graceUntil: '2026-12-27T00:00:00', readOnlyFrom: grace, unlicensedFrom: end }, 'in UTC, written Z'],
    ['the 30th of February', { graceUntil: grace, readOnlyFrom: grace, unlicensedFrom: '2027-02-30T00:00:00.000Z' }, 'no such day'],
    ['24 hours', { graceUntil: grace, readOnlyFrom: grace, unlicensedFrom: '2027-01-10T24:00:00.000Z' }, 'no such hour'],
    ['a year of five digits', { graceUntil: grace, readOnlyFrom: grace, unlicensedFrom: '+010000-01-01T00:00:00.000Z' }, 'RFC 3339'],
  ];
  const atOnce = licenseBy(key, { degradation: { graceUntil: exp, readOnlyFrom: exp, unlicensedFrom: exp } });
  return [
    ...malformed.map(([name, degradation, why]) => vector('MALFORMED', `calendar: ${name}`, licenseBy(key, { degradation }), why)),
    vector('VALID', 'calendar: all at once, a millisecond before', atOnce, 'a calendar may be empty', { now: '2026-12-19T23:59:59.999Z' }),
    vector('EXPIRED', 'calendar: all at once', atOnce, 'a calendar may be empty', { now: exp }),
  ];
}

/** Signed, but about another: issuer and audience. */
function issuers(key: VectorKey): LicenseVector[] {
  const cases: [name: string, changes: Record<string, unknown>][] = [
    ['another issuer', { iss: 'somebody' }],
    ['an empty issuer', { iss: '' }],
    ['an issuer in capital letters', { iss: 'IOTISTIC-CONTROL-PLANE' }],
    ['an issuer with a slash', { iss: 'iotistic-control-plane/' }],
    ['another audience', { aud: 'iotistic-gateway' }],
    ['an empty audience', { aud: '' }],
    ['issuer and audience exchanged', { iss: 'iotistic-instance', aud: 'iotistic-control-plane' }],
  ];
  return cases.map(([name, changes]) => vector('WRONG_ISSUER', `issuer: ${name}`, licenseBy(key, changes), `${CUSTOMER} is not told: this license is not ours to read`));
}

/** Vectors on what is signed: claims, lifetime, calendar, issuer. */
export function claimVectors(key: VectorKey): LicenseVector[] {
  return [...payloadTexts(key), ...claimValues(key), ...allowed(key), ...lifetimes(key), ...calendars(key), ...issuers(key)];
}
