import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

/** RFC 5321: a path is 256 characters, two of them its brackets. */
const MAX_EMAIL_CHARACTERS = 254;

/** One @, a domain of at least two labels, nothing that a header would read as more than an address. */
const SHAPE = /^[^\s\p{C}@"(),:;<>[\]\\]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])$/u;

const email = z.string().trim().toLowerCase().max(MAX_EMAIL_CHARACTERS).regex(SHAPE);

/**
 * The address as it is stored and compared: without outer space, in lower case. Whether it takes mail is not asked.
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
