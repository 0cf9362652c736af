import { domainToASCII, domainToUnicode } from 'node:url';
import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

/** RFC 5321: a path is 256 characters, two of them its brackets. */
const MAX_EMAIL_CHARACTERS = 254;

/** One @, a domain of at least two labels, nothing that a header would read as more than an address. */
const SHAPE = /^[^\s\p{C}@"(),:;<>[\]\\]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])$/u;

/** Letters of full and half width, as an East Asian keyboard writes them, and the full stops that it has for a dot. */
const WIDE = /[\u3000-\u3002\uff01-\uffee]/g;
const INVISIBLE_ENDS = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;

/** So that what was typed once can be typed again (RFC 8265): one width, one composition, lower case; the domain as people read it. */
const email = z
  .string()
  .max(4 * MAX_EMAIL_CHARACTERS)
  .transform((text) => readable(text.replaceAll(INVISIBLE_ENDS, '').replaceAll(WIDE, (wide) => (wide === '\u3002' ? '.' : wide.normalize('NFKC'))).normalize('NFC').toLowerCase().normalize('NFC')))
  .pipe(z.string().max(MAX_EMAIL_CHARACTERS).regex(SHAPE));

/** `xn--bcher-kva.example` and `bücher.example` are one domain. What is none stays, to be refused as it is. */
function readable(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  const isReadable = !/[^\x21-\x7e]/.test(domain) && !domain.includes('xn--');
  // What would be more than a domain to the reader of URLs is left for SHAPE to refuse.
  if (at < 0 || isReadable || /[\s/?#\\:[\]%]/.test(domain)) return address;
  const ascii = domainToASCII(domain);
  return ascii === '' ? address : `${address.slice(0, at + 1)}${domainToUnicode(ascii)}`;
}

/**
 * The address as it is stored and compared. Whether it takes mail is not asked.
 * @throws AppError INVALID_EMAIL
 */
export function parseEmail(text: string): string {
  const address = findEmail(text);
  if (address === null) throw new AppError('INVALID_INPUT', 'INVALID_EMAIL');
  return address;
}

/** The same, and null for what is no address: no account can have it. */
export function findEmail(text: string): string | null {
  const parsed = email.safeParse(text);
  return parsed.success && !parsed.data.startsWith('.') && !/\.[.@]/.test(parsed.data) ? parsed.data : null;
}

/** How accounts may have the address that were made before it had one form: as it was typed, composed or not, its domain in either spelling. */
export function formsOfEmail(text: string): string[] {
  const address = findEmail(text);
  if (address === null) return [];
  const at = address.lastIndexOf('@') + 1;
  const encoded = `${address.slice(0, at)}${domainToASCII(address.slice(at))}`;
  return [...new Set([address, text.trim().toLowerCase(), address.normalize('NFD'), encoded])];
}
