import { MAX_LICENSE_CHARACTERS } from '@iotistic/contracts/license';
import { claimsWith, compact, encode, headerOf, licenseBy, type LicenseVector, rs256, vector, type VectorKey, type VectorKeys } from './license-vector-kit.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The segments of a compact JWS. */
function split(token: string): [string, string, string] {
  const [head = '', body = '', tail = ''] = token.split('.');
  return [head, body, tail];
}

/** Everything that decodes to the same bytes and is not the one text: the unused bits of the last character set. */
function otherLastCharacters(text: string, unusedBits: number): string[] {
  const last = ALPHABET.indexOf(text.slice(-1));
  return Array.from({ length: 2 ** unusedBits - 1 }, (_each, index) => `${text.slice(0, -1)}${ALPHABET.charAt(last + index + 1)}`);
}

function shapes(key: VectorKey): LicenseVector[] {
  const good = licenseBy(key);
  const [head, body, tail] = split(good);
  const flattened = { protected: head, payload: body, signature: tail };
  const texts: [name: string, token: string, why: string][] = [
    ['nothing', '', 'three segments are needed'],
    ['two dots', '..', 'each segment has content'],
    ['one word', 'license', 'three segments are needed'],
    ['two segments', `${head}.${body}`, 'three segments are needed'],
    ['four segments', `${good}.${tail}`, 'three segments, no more'],
    ['five segments', `${head}..${body}.${tail}.${tail}`, 'an encrypted token (JWE) is no license'],
    ['a dot at the end', `${good}.`, 'three segments, no more'],
    ['no header', `.${body}.${tail}`, 'each segment has content'],
    ['no payload', `${head}..${tail}`, 'a detached payload (RFC 7515, appendix F) is no license'],
    ['no signature', `${head}.${body}.`, 'an unsigned token is no license'],
    ['the JSON serialization, flattened', JSON.stringify(flattened), 'only the compact serialization'],
    ['the JSON serialization, general', JSON.stringify({ payload: body, signatures: [{ protected: head, signature: tail }] }), 'only the compact serialization'],
    ['with its scheme', `Bearer ${good}`, 'the text of the license and nothing else'],
    ['in quotation marks', `"${good}"`, 'the text of the license and nothing else'],
    ['the dots written as percent codes', `${head}%2E${body}%2E${tail}`, 'three segments are needed'],
  ];
  return texts.map(([name, token, why]) => vector('MALFORMED', `text: ${name}`, token, why));
}

function whiteSpaceAndPadding(key: VectorKey): LicenseVector[] {
  const good = licenseBy(key);
  const [head, body, tail] = split(good);
  const middle = `${head}.${body.slice(0, 40)}\n${body.slice(40)}.${tail}`;
  const texts: [name: string, token: string][] = [
    ['a space before', ` ${good}`],
    ['a space after', `${good} `],
    ['a tab after', `${good}\t`],
    ['a line feed after', `${good}\n`],
    ['a carriage return and line feed after', `${good}\r\n`],
    ['a zero byte after', `${good}\u0000`],
    ['a byte order mark before', `\uFEFF${good}`],
    ['a line feed within', middle],
    ['a space after a dot', `${head}. ${body}.${tail}`],
    ['one padding character', `${good}=`],
    ['two padding characters', `${good}==`],
    ['padding at the payload', `${head}.${body}=.${tail}`],
    ['the alphabet of base64', `${head}.${body}.${tail.replaceAll('-', '+').replaceAll('_', '/')}`],
  ];
  return texts.map(([name, token]) => vector('MALFORMED', `encoding: ${name}`, token, 'base64url has 64 characters, no white space and no padding: a license has one text'));
}

function lastCharacters(key: VectorKey): LicenseVector[] {
  const good = licenseBy(key);
  const signatures = otherLastCharacters(good, 4).map((token, index) => vector('MALFORMED', `encoding: last character of the signature, variant ${index + 1} of 15`, token, 'decodes to the same 256 bytes; the 4 unused bits must be zero'));
  // Two bytes more than a multiple of three leave two unused bits.
  const size = Buffer.byteLength(JSON.stringify(claimsWith()));
  const payload = encode(claimsWith({ customerName: `Acme${'e'.repeat((5 - (size % 3)) % 3)}` }));
  const payloads = otherLastCharacters(payload, 2).map((body, index) => {
    const signed = `${encode(headerOf(key))}.${body}`;
    return vector('MALFORMED', `encoding: last character of the payload, variant ${index + 1} of 3`, `${signed}.${rs256(key)(signed).toString('base64url')}`, 'decodes to the same claims and its signature fits; the 2 unused bits must be zero');
  });
  return [...signatures, ...payloads];
}

function sizes(key: VectorKey): LicenseVector[] {
  const ofLength = (characters: number): string => {
    const room = characters - licenseBy(key, { customerName: '' }).length;
    const token = [0, 1, 2].map((less) => licenseBy(key, { customerName: 'x'.repeat(Math.floor(room * 0.75) + 1 - less) })).find(({ length }) => length === characters);
    if (token === undefined) throw new Error(`No license has ${characters} characters`);
    return token;
  };
  return [
    vector('VALID', 'size: 8,192 characters', ofLength(MAX_LICENSE_CHARACTERS), 'the longest that is looked at'),
    vector('MALFORMED', 'size: 8,194 characters', ofLength(MAX_LICENSE_CHARACTERS + 2), 'longer than what is looked at (no base64url text makes 8,193)'),
    vector('MALFORMED', 'size: far too long, and not a token either', 'a.'.repeat(5_000), 'length is looked at before anything else'),
  ];
}

/** Headers are parsed as strictly as claims. */
function headerTexts(key: VectorKey): LicenseVector[] {
  const { kid } = key;
  const signedWith = (header: unknown): string => compact(header, claimsWith(), rs256(key));
  const headers: [name: string, header: unknown, why: string][] = [
    ['a name twice', `{"alg":"RS256","typ":"license+jwt","kid":"else","kid":"${kid}"}`, 'two readers would see two keys'],
    ['the same name and value twice', `{"alg":"RS256","alg":"RS256","typ":"license+jwt","kid":"${kid}"}`, 'a name stands once'],
    ['white space', `{ "alg":"RS256","typ":"license+jwt","kid":"${kid}"}`, 'JSON without white space'],
    ['a line feed at its end', `{"alg":"RS256","typ":"license+jwt","kid":"${kid}"}\n`, 'JSON without white space'],
    ['an escaped letter', `{"alg":"\\u0052S256","typ":"license+jwt","kid":"${kid}"}`, 'letters are written as themselves'],
    ['a comma too many', `{"alg":"RS256","typ":"license+jwt","kid":"${kid}",}`, 'not JSON'],
    ['a byte order mark', `\uFEFF{"alg":"RS256","typ":"license+jwt","kid":"${kid}"}`, 'not JSON'],
    ['a list', [headerOf(key)], 'an object is needed'],
    ['a text', '"RS256"', 'an object is needed'],
    ['null', 'null', 'an object is needed'],
    ['no JSON', 'RS256', 'an object is needed'],
    ['an empty object', {}, 'alg, typ and kid are needed'],
  ];
  return [
    ...headers.map(([name, header, why]) => vector('MALFORMED', `header: ${name}`, signedWith(header), why)),
    vector('VALID', 'header: its three names in another order', signedWith({ kid, typ: 'license+jwt', alg: 'RS256' }), 'their order is free'),
  ];
}

/** Names that a lenient library acts on. None is allowed, whatever it says. */
function headerNames(key: VectorKey, stranger: VectorKey): LicenseVector[] {
  const names: [name: string, value: unknown][] = [
    ['jwk', stranger.jwk],
    ['jku', 'https://keys.example/jwks.json'],
    ['x5u', 'https://keys.example/chain.pem'],
    ['x5c', ['MIIB']],
    ['x5t#S256', key.kid],
    ['crit', ['exp']],
    ['cty', 'JWT'],
    ['zip', 'DEF'],
    ['b64', true],
    ['nonce', ''],
  ];
  const claims = JSON.stringify(claimsWith({ customerName: 'Acme' }));
  const unencoded = `${encode(headerOf(key, { b64: false, crit: ['b64'] }))}.${claims}`;
  return [
    ...names.map(([name, value]) => vector('MALFORMED', `header: has ${name}`, compact(headerOf(key, { [name]: value }), claimsWith(), rs256(key)), 'alg, typ and kid, no other name')),
    vector('MALFORMED', 'header: brings its own key and is signed with it', compact(headerOf(key, { jwk: stranger.jwk }), claimsWith(), rs256(stranger)), 'a key comes from those that are believed, never from the token'),
    vector('MALFORMED', 'header: b64 is false and the payload stands as it is', `${unencoded}.${rs256(key)(unencoded).toString('base64url')}`, 'RFC 7797 is not spoken'),
  ];
}

/** Vectors on the text of a license and of its header: no key has been looked at. */
export function formVectors({ current, absent }: VectorKeys): LicenseVector[] {
  return [...shapes(current), ...whiteSpaceAndPadding(current), ...lastCharacters(current), ...sizes(current), ...headerTexts(current), ...headerNames(current, absent)];
}
