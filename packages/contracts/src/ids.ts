import { hash, randomBytes } from 'node:crypto';

/** The prefixes of our own ids. Stripe's ids are never ours: they are kept in columns of their own. */
export type IdPrefix = 'cust' | 'user' | 'sess' | 'inst' | 'subn' | 'lic' | 'rept' | 'evnt' | 'akey' | 'audt' | 'hist' | 'key' | 'req' | 'invc' | 'oper' | 'mail' | 'job' | 'trup' | 'usad' | 'alrt' | 'anom' | 'depl';

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';
const ID_BYTES = 15;

/**
 * Base 32 with the extended hex alphabet, lower case, no padding (RFC 4648, section 7): its text sorts as its bytes do.
 * 15 bytes give 24 characters.
 */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >>> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((buffer << (5 - bits)) & 31) : text;
}

/** The inverse of encodeBase32; null when a character is not of the alphabet. */
export function decodeBase32(text: string): Uint8Array | null {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return null;
    buffer = (buffer << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >>> bits) & 255);
    }
    buffer &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}

/** Random bytes are drawn in bulk: each request has an id, and each draw is a call into the system's library. */
const POOL_IDS = 512;
let pool = Buffer.alloc(0);
let drawn = 0;

function drawIdBytes(): Uint8Array {
  if (drawn + ID_BYTES > pool.length) {
    pool = randomBytes(POOL_IDS * ID_BYTES);
    drawn = 0;
  }
  drawn += ID_BYTES;
  return pool.subarray(drawn - ID_BYTES, drawn);
}

/** A fresh id: the prefix and 24 characters of base 32 (120 random bits). */
export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  return `${prefix}_${encodeBase32(drawIdBytes())}`;
}

const scratch = new Uint8Array(ID_BYTES);

/** The first bytes of a hash that was asked for as a text of them, which is several times as fast as a buffer; good until the next call. */
function bytesOf(text: string): Uint8Array {
  for (let index = 0; index < ID_BYTES; index += 1) scratch[index] = text.charCodeAt(index);
  return scratch;
}

/** The id that these parts always give: two processes that see the same facts agree without asking one another. */
export function derivedId<P extends IdPrefix>(prefix: P, ...parts: readonly string[]): `${P}_${string}` {
  return `${prefix}_${encodeBase32(bytesOf(hash('sha256', JSON.stringify([prefix, ...parts]), 'binary')))}`;
}

/** The id of the instance with this name at this customer (SPEC 7): usage, licensing and customers derive it alike. */
export function instanceId(customerId: string, name: string): `inst_${string}` {
  return derivedId('inst', customerId, name);
}

/** Whether the text has the form of an id with this prefix; says nothing of whether such a thing exists. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.length === prefix.length + 25 && text.startsWith(`${prefix}_`) && /^[0-9a-v]{24}$/.test(text.slice(prefix.length + 1));
}
