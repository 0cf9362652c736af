import { describe, expect, it } from 'vitest';
import { credentialHash, newApiKeySecret, newSessionToken, visiblePrefix } from './credential.ts';
import { credentialStateOf } from './credential-state.ts';
import { changeCustomer, type Customer } from './customer.ts';
import { findEmail, formsOfEmail } from './email.ts';
import { addressMark, MAX_FAILURES_OF_A_PLACE, retryAfterSeconds } from './login-throttle.ts';
import { isInstanceName, parseInstanceName, parseName } from './name.ts';
import { formsOfPassword, isPassword, normalizePassword } from './password.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+iot@Sub.Example.CO.UK ', 'ada.lovelace+iot@sub.example.co.uk'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['jürgen@münchen.example', 'jürgen@münchen.example'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s is taken, and compared as %s', (text, address) => expect(findEmail(text)).toBe(address));

  it.each(['', ' ', 'ada', '@example.com', 'ada@', 'ada@example', 'ada@@example.com', 'a da@example.com', 'ada@exam ple.com', 'ada@-example.com', 'ada@example-.com', 'ada@example..com', '.ada@example.com', 'ada.@example.com', 'a..b@example.com', 'Ada <ada@example.com>', 'ada@example.com,eve@example.com', 'ada@example.com\nBcc: eve@example.com', 'a\u200bda@example.com', `${'a'.repeat(65)}@example.com`, `a@${'b.'.repeat(126)}com`])('%j is none', (text) => expect(findEmail(text)).toBeNull());

  it('is judged in time that does not grow with malice', () => {
    expect(findEmail(`a@${'a-'.repeat(500_000)}`)).toBeNull();
  });
});

describe('a name', () => {
  it.each([['Acme Corp', 'Acme Corp'], ['  株式会社 ', '株式会社'], ["O'Neill & Söhne", "O'Neill & Söhne"], ['👩‍🔧 Works', '👩‍🔧 Works']])('%s is taken as %s', (text, name) => expect(parseName(text)).toBe(name));
  it.each(['', '   ', 'a\u0000b', 'a\nb', 'a\u007f', '\ud800', 'acme\u202egnp', 'a\u2028b', 'x'.repeat(201)])('%j is refused', (text) => expect(() => parseName(text)).toThrow(expect.objectContaining({ reason: 'INVALID_NAME' }) as Error));
  it.each(['us-east-1-prod', 'EU.west_2', 'a', '7', 'x'.repeat(128)])('an instance may be called %s', (text) => expect(isInstanceName(text)).toBe(true));
});

it.each([
  ['7 characters', 'x'.repeat(7), false],
  ['8 characters', 'x'.repeat(8), true],
  ['256 characters', 'x'.repeat(256), true],
  ['257 characters', 'x'.repeat(257), false],
  ['7 characters of two halves each', '🔑'.repeat(7), false],
  ['256 characters of two halves each', '🔑'.repeat(256), true],
  ['only spaces, as typed', ' '.repeat(8), true],
])('a password of %s', (_what, text, fits) => expect(isPassword(text)).toBe(fits));

describe('a credential', () => {
  it('has 256 random bits behind a prefix that says what it is', () => {
    expect(newSessionToken()).toMatch(/^iots_[\w-]{43}$/);
    const secret = newApiKeySecret();
    expect(secret).toMatch(/^iotk_[\w-]{43}$/);
    expect(newApiKeySecret()).not.toBe(secret);
    expect(visiblePrefix(secret)).toBe(secret.slice(0, 12));
    expect(credentialHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each([
    [{ endedAt: null, expiresAt: null, customerStatus: 'ACTIVE' }, 'ACTIVE'],
    [{ endedAt: null, expiresAt: before(-1), customerStatus: 'ACTIVE' }, 'ACTIVE'],
    [{ endedAt: null, expiresAt: NOW, customerStatus: 'ACTIVE' }, 'EXPIRED'],
    [{ endedAt: before(9), expiresAt: null, customerStatus: 'ACTIVE' }, 'REVOKED'],
    [{ endedAt: before(9), expiresAt: before(1), customerStatus: 'ACTIVE' }, 'REVOKED'],
    [{ endedAt: null, expiresAt: null, customerStatus: 'DEACTIVATED' }, 'DEACTIVATED'],
    [{ endedAt: before(9), expiresAt: before(1), customerStatus: 'DEACTIVATED' }, 'DEACTIVATED'],
  ] as const)('%j is %s', (credential, state) => expect(credentialStateOf(credential, NOW)).toBe(state));
});

it.each([
  ['no failure', [], null],
  ['nine failures', Array(9).fill(before(1)), null],
  ['ten, the first a minute ago', [...(Array(9).fill(before(1)) as Date[]), before(60)], 840],
  ['ten, the first half a second within', [...(Array(9).fill(before(1)) as Date[]), before(899.5)], 1],
  ['ten, the first no longer within', [...(Array(9).fill(before(1)) as Date[]), before(900)], null],
] as const)('after %s', (_what, failures, wait) => expect(retryAfterSeconds(failures as Date[], MAX_FAILURES_OF_A_PLACE, NOW)).toBe(wait));

describe('an address that fails to log in', () => {
  it.each([
    ['203.0.113.9', '::ffff:203.0.113.9'],
    ['2001:db8:1:2::7', '2001:db8:1:2:aaaa:bbbb:cccc:dddd'],
    ['2001:DB8:1:2::', '2001:db8:1:2:0:0:0:1'],
    ['::1', '::2'],
  ])('%s and %s are one place', (one, other) => expect(addressMark(one)).toBe(addressMark(other)));

  it.each([
    ['203.0.113.9', '203.0.113.10'],
    ['2001:db8:1:2::7', '2001:db8:1:3::7'],
    ['203.0.113.9', null],
  ])('%s and %s are two', (one, other) => expect(addressMark(one)).not.toBe(addressMark(other)));
});

describe('changing a customer', () => {
  const customer: Customer = { id: 'cust_x', email: 'a@example.com', companyName: 'A', fullName: null, status: 'ACTIVE', createdAt: before(60), updatedAt: NOW };
  it.each([
    ['nothing given', {}, []],
    ['the same given', { email: ' A@example.com', companyName: 'A ', fullName: null }, []],
    ['one changed', { companyName: 'B' }, ['companyName']],
    ['one emptied', { companyName: null }, ['companyName']],
    ['all', { email: 'b@example.com', companyName: null, fullName: 'Ada' }, ['email', 'companyName', 'fullName']],
  ])('%s', (_what, changes, changed) => expect(changeCustomer(customer, changes, NOW).changed).toEqual(changed));

  it('rises in version when the clock was set back', () => {
    expect(changeCustomer(customer, { companyName: 'B' }, before(3_600)).customer.updatedAt).toEqual(new Date(NOW.getTime() + 1));
  });
});

describe('what a person typed once can be typed again', () => {
  const COMPOSED = 'passwörd crème'.normalize('NFC');

  it.each([
    ['composed and decomposed', COMPOSED.normalize('NFD'), COMPOSED],
    ['a no-break space', 'correct\u00a0horse', 'correct horse'],
    ['an ideographic space', 'correct\u3000horse', 'correct horse'],
  ])('a password with %s is the same', (_what, typed, again) => {
    expect(normalizePassword(typed)).toBe(normalizePassword(again));
    expect(formsOfPassword(typed)[0]).toBe(normalizePassword(again));
  });

  it('a password keeps its case, its width and its outer space, and in ASCII has one form', () => {
    expect(normalizePassword(' Ｐass Word ')).toBe(' Ｐass Word ');
    expect(formsOfPassword(' Correct Horse ')).toEqual([' Correct Horse ']);
    expect(formsOfPassword(COMPOSED).length).toBeLessThanOrEqual(4);
  });

  it.each([
    ['a decomposed domain', 'ada@bu\u0308cher.example', 'ada@bücher.example'],
    ['its domain as DNS has it', 'ada@xn--bcher-kva.example', 'ada@bücher.example'],
    ['its domain in capitals', 'ada@XN--BCHER-KVA.example', 'ada@bücher.example'],
    ['full width', 'ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['an ideographic full stop', 'ada@bücher。example', 'ada@bücher.example'],
    ['what is invisible at its ends', '\ufeff\u200b ada@example.com\u00a0\r\n', 'ada@example.com'],
    ['a decomposed name', 'andre\u0301@example.com', 'andr\u00e9@example.com'],
  ])('an address with %s is the same', (_what, typed, address) => {
    expect(findEmail(typed)).toBe(address);
    expect(formsOfEmail(typed)[0]).toBe(address);
  });

  it('an account that was made before finds its address by each form', () => {
    expect(formsOfEmail('Ada@Bu\u0308cher.example')).toEqual(['ada@bücher.example', 'ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example']);
    expect(formsOfEmail('ada@example.com')).toEqual(['ada@example.com']);
    expect(formsOfEmail('nonsense')).toEqual([]);
  });

  it.each(['ada@bü.example/path', 'ada@bü.example?x', 'ada@bü.example:80', 'ada@bü%2eexample.com'])('%s is no address', (text) => {
    expect(findEmail(text)).toBeNull();
  });

  it('a name is found in whatever composition it is typed', () => {
    expect(parseName(' Mu\u0308ller ')).toBe('M\u00fcller');
    expect(parseInstanceName(' prod-1\t')).toBe('prod-1');
  });
});
