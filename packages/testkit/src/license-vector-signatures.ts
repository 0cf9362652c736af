import { constants, createHash, createHmac, createPublicKey, type KeyObject, privateEncrypt, sign } from 'node:crypto';
import { claimsWith, compact, encode, headerOf, licenseBy, type LicenseVector, rs256, type Signing, vector, type VectorKey, type VectorKeys } from './license-vector-kit.ts';

const SHA256_DIGEST_INFO = '3031300d060960864801650304020105000420';
const SHA256_DIGEST_INFO_WITHOUT_NULL = '302f300b06096086480165030402010420';
const MODULUS_BYTES = 256;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(MODULUS_BYTES * 2, '0'), 'hex');
const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const publicHalf = (key: VectorKey): KeyObject => createPublicKey(key.privateKey);
const modulusOf = (key: VectorKey): bigint => toNumber(Buffer.from(String(key.jwk['n']), 'base64url'));

/** alg says something else than RS256: refused before a key is looked for. */
function algorithms(key: VectorKey): LicenseVector[] {
  const pem = publicHalf(key).export({ type: 'spki', format: 'pem' });
  const der = publicHalf(key).export({ type: 'spki', format: 'der' });
  const hmac = (secret: string | Buffer, hash = 'sha256'): Signing => (text) => createHmac(hash, secret).update(text).digest();
  const pss: Signing = (text) => sign('sha256', Buffer.from(text), { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  const cases: [name: string, alg: unknown, signing: Signing, why: string][] = [
    ['none, and no signature', 'none', () => Buffer.alloc(0), 'an unsigned token is no license'],
    ['none, and a good signature', 'none', rs256(key), 'only RS256'],
    ['None', 'None', rs256(key), 'only RS256'],
    ['NONE', 'NONE', rs256(key), 'only RS256'],
    ['HS256, the secret is the public key as PEM', 'HS256', hmac(pem), 'what everyone knows is no secret'],
    ['HS256, the secret is the public key as DER', 'HS256', hmac(der), 'what everyone knows is no secret'],
    ['HS256, the secret is the modulus', 'HS256', hmac(Buffer.from(String(key.jwk['n']), 'base64url')), 'what everyone knows is no secret'],
    ['HS256, the secret is empty', 'HS256', hmac(''), 'only RS256'],
    ['HS512, the secret is the public key as PEM', 'HS512', hmac(pem, 'sha512'), 'what everyone knows is no secret'],
    ['RS384', 'RS384', (text) => sign('sha384', Buffer.from(text), key.privateKey), 'only RS256'],
    ['RS512', 'RS512', (text) => sign('sha512', Buffer.from(text), key.privateKey), 'only RS256'],
    ['PS256', 'PS256', pss, 'only RS256'],
    ['ES256', 'ES256', rs256(key), 'only RS256'],
    ['EdDSA', 'EdDSA', rs256(key), 'only RS256'],
    ['rs256', 'rs256', rs256(key), 'letters count as they are'],
    ['RS256 with a space', 'RS256 ', rs256(key), 'letters count as they are'],
    ['empty', '', rs256(key), 'only RS256'],
    ['null', null, rs256(key), 'only RS256'],
    ['a list', ['RS256'], rs256(key), 'only RS256'],
    ['missing', undefined, rs256(key), 'alg is needed'],
  ];
  return cases.map(([name, alg, signing, why]) => vector('MALFORMED', `alg: ${name}`, compact(headerOf(key, { alg }), claimsWith(), signing), why));
}

function types(key: VectorKey): LicenseVector[] {
  const cases: [name: string, typ: unknown, why: string][] = [
    ['JWT', 'JWT', 'something else that the same key may sign'],
    ['a revocation list', 'revocations+jwt', 'something else that the same key signs'],
    ['a key announcement', 'signing-key+jwt', 'something else that the same key signs'],
    ['a time', 'time+jwt', 'something else that the same key signs'],
    ['an answer file', 'usage-answer+jwt', 'something else that the same key signs'],
    ['in capital letters', 'LICENSE+JWT', 'letters count as they are'],
    ['with application/', 'application/license+jwt', 'letters count as they are'],
    ['null', null, 'typ is needed'],
    ['missing', undefined, 'typ is needed'],
  ];
  return cases.map(([name, typ, why]) => vector('MALFORMED', `typ: ${name}`, compact(headerOf(key, { typ }), claimsWith(), rs256(key)), why));
}

/** A kid is looked up as it is, and is never a path, a query or an address. */
function keyIds({ current, other, absent }: VectorKeys): LicenseVector[] {
  const malformed: [name: string, kid: unknown][] = [['missing', undefined], ['null', null], ['a number', 0], ['true', true], ['a list', [current.kid]], ['an object', { kid: current.kid }]];
  const unknown: [name: string, kid: string][] = [
    ['empty', ''],
    ['a path', '../../../../dev/null'],
    ['an absolute path', '/dev/null'],
    ['SQL', "x' UNION SELECT 'c2VjcmV0' --"],
    ['a command', '$(id)|id;id'],
    ['an address', 'https://keys.example/jwks.json'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['with a zero byte after', `${current.kid}\u0000`],
    ['with a space after', `${current.kid} `],
    ['with padding', `${current.kid}=`],
    ['in capital letters', current.kid.toUpperCase()],
    ['two of them', `${current.kid},${other.kid}`],
    ['5,000 characters', 'k'.repeat(5_000)],
  ];
  const signedWith = (kid: unknown): string => compact(headerOf(current, { kid }), claimsWith(), rs256(current));
  return [
    ...malformed.map(([name, kid]) => vector('MALFORMED', `kid: ${name}`, signedWith(kid), 'a text is needed')),
    ...unknown.map(([name, kid]) => vector('UNKNOWN_KEY', `kid: ${name}`, signedWith(kid), 'no key has this id, though the signature would fit one')),
    vector('UNKNOWN_KEY', 'kid: of a key that nobody believes', licenseBy(absent), 'a good signature by a stranger'),
    vector('BAD_SIGNATURE', 'kid: of the other key', compact(headerOf(other), claimsWith(), rs256(current)), 'the key that is named has to fit; no other is tried'),
    vector('VALID', 'kid: of the other key, signed with it', licenseBy(other), 'each key that is believed signs as well as the next'),
  ];
}

function numbersAsSignatures(key: VectorKey): LicenseVector[] {
  const modulus = modulusOf(key);
  const cases: [name: string, signing: Signing][] = [
    ['all zero', () => Buffer.alloc(MODULUS_BYTES)],
    ['one', () => toBytes(1n)],
    ['the modulus less one', () => toBytes(modulus - 1n)],
    ['one byte', () => Buffer.from([1])],
    ['a zero byte before it', (text) => Buffer.concat([Buffer.alloc(1), rs256(key)(text)])],
    ['a zero byte after it', (text) => Buffer.concat([rs256(key)(text), Buffer.alloc(1)])],
    ['its last byte missing', (text) => rs256(key)(text).subarray(0, -1)],
    ['one bit of it changed', (text) => toBytes(toNumber(rs256(key)(text)) ^ 1n)],
    ['its bytes in reverse', (text) => Buffer.from(rs256(key)(text).toReversed())],
  ];
  return cases.map(([name, signing]) => vector('BAD_SIGNATURE', `signature: ${name}`, compact(headerOf(key), claimsWith(), signing), 'PKCS #1 v1.5 has one signature of 256 bytes for a text'));
}

/** The same residue written as a larger number of as many bytes; not every signature leaves room for that. */
function plusModulus(key: VectorKey): string {
  const modulus = modulusOf(key);
  for (let version = 1; version < 10_000; version += 1) {
    const signed = `${encode(headerOf(key))}.${encode(claimsWith({ version }))}`;
    const larger = toNumber(rs256(key)(signed)) + modulus;
    if (larger < 1n << BigInt(MODULUS_BYTES * 8)) return `${signed}.${toBytes(larger).toString('base64url')}`;
  }
  throw new Error('No signature leaves room for the modulus');
}

/** Smallest number whose cube is not less. */
function cubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 1n << 700n];
  while (low < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** Made without the private key: with exponent 3, a number whose cube begins as a signature does (Bleichenbacher, 2006). */
const forgedCube: Signing = (text) => {
  const begins = Buffer.from(`0001${'ff'.repeat(8)}00${SHA256_DIGEST_INFO}${sha256(text)}`, 'hex');
  return toBytes(cubeRoot(toNumber(Buffer.concat([begins, Buffer.alloc(MODULUS_BYTES - begins.length)]))));
};

function otherSignatures({ current, cubic, absent }: VectorKeys): LicenseVector[] {
  const [head, body] = licenseBy(current).split('.') as [string, string];
  const signatureOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1);
  const raw = (digestInfo: string): Signing => (text) => privateEncrypt({ key: current.privateKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(`${digestInfo}${sha256(text)}`, 'hex'));
  const by = (signing: Signing): string => compact(headerOf(current), claimsWith(), signing);
  return [
    vector('VALID', 'signature: written by hand', by(raw(SHA256_DIGEST_INFO)), 'RS256 is deterministic: these are the bytes of any library'),
    vector('BAD_SIGNATURE', 'signature: its DigestInfo has no NULL', by(raw(SHA256_DIGEST_INFO_WITHOUT_NULL)), 'one encoding (RFC 8017, 9.2)'),
    vector('BAD_SIGNATURE', 'signature: with SHA-1', by((text) => sign('sha1', Buffer.from(text), current.privateKey)), 'the hash is that of alg'),
    vector('BAD_SIGNATURE', 'signature: with SHA-512', by((text) => sign('sha512', Buffer.from(text), current.privateKey)), 'the hash is that of alg'),
    vector('BAD_SIGNATURE', 'signature: with PSS', by((text) => sign('sha256', Buffer.from(text), { key: current.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })), 'the padding is that of alg'),
    vector('BAD_SIGNATURE', 'signature: an HMAC with the public key', by((text) => createHmac('sha256', publicHalf(current).export({ type: 'spki', format: 'pem' })).update(text).digest()), 'alg says RS256'),
    vector('BAD_SIGNATURE', 'signature: over the payload alone', by(() => rs256(current)(body)), 'header and payload are signed'),
    vector('BAD_SIGNATURE', 'signature: over the decoded text', by(() => rs256(current)(`${JSON.stringify(headerOf(current))}.${JSON.stringify(claimsWith())}`)), 'what is signed is the encoded text'),
    vector('BAD_SIGNATURE', 'signature: by a stranger', compact(headerOf(current), claimsWith(), rs256(absent)), 'the key that is named has to fit'),
    vector('BAD_SIGNATURE', 'signature: of another license', `${head}.${body}.${signatureOf(licenseBy(current, { version: 8 }))}`, 'a signature is of one text'),
    vector('BAD_SIGNATURE', 'signature: of the same license before its plan was changed', `${head}.${encode(claimsWith({ plan: 'enterprise' }))}.${signatureOf(licenseBy(current))}`, 'no claim can be changed'),
    vector('BAD_SIGNATURE', 'signature: the modulus added', plusModulus(current), 'a number that is not below the modulus is no signature (RFC 8017, 5.2.2)'),
    vector('BAD_SIGNATURE', 'signature: forged for a key with exponent 3', compact(headerOf(cubic), claimsWith(), forgedCube), 'all of the padding is looked at'),
  ];
}

/** Keys under which nothing verifies, though they are among those that are believed. */
function unfitKeys({ weak, nearly, elliptic, large }: VectorKeys): LicenseVector[] {
  const ecdsa: Signing = (text) => sign('sha256', Buffer.from(text), { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' });
  return [
    vector('VALID', 'key: RSA of 3,072 bits', licenseBy(large), '2048 bits or more'),
    vector('BAD_SIGNATURE', 'key: RSA of 1,024 bits', licenseBy(weak), '2048 bits or more'),
    vector('BAD_SIGNATURE', 'key: RSA of 2,047 bits', licenseBy(nearly), '2048 bits or more'),
    vector('BAD_SIGNATURE', 'key: an elliptic curve', compact(headerOf(elliptic), claimsWith(), ecdsa), 'RS256 is RSA'),
    vector('MALFORMED', 'key: an elliptic curve, and alg says so', compact(headerOf(elliptic, { alg: 'ES256' }), claimsWith(), ecdsa), 'only RS256'),
  ];
}

/** Vectors on algorithm, type, key and signature. */
export function signatureVectors(keys: VectorKeys): LicenseVector[] {
  return [...algorithms(keys.current), ...types(keys.current), ...keyIds(keys), ...numbersAsSignatures(keys.current), ...otherSignatures(keys), ...unfitKeys(keys)];
}
