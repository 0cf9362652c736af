import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

/**
 * No control characters, half characters, line separators, and none that reverse the direction of what follows: a name is
 * shown in lists, mails and invoices beside the names of others.
 */
const PLAIN = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]+$/u;

const MAX_NAME_CHARACTERS = 200;
const MAX_REASON_CHARACTERS = 500;

/** In one composition, so that a search finds it from every keyboard. */
const name = z.string().trim().normalize('NFC').min(1).max(MAX_NAME_CHARACTERS).regex(PLAIN);
const reason = z.string().trim().min(1).max(MAX_REASON_CHARACTERS).regex(PLAIN);

/** What agents call themselves: host names, cluster names, ids of clouds. */
const instanceName = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);

/** Whether the text may be the name of an instance. */
export function isInstanceName(text: string): boolean {
  return instanceName.safeParse(text).success;
}

/** @throws AppError INVALID_NAME: 1 to 200 characters after trimming, none of them a control character. */
export function parseName(text: string): string {
  const parsed = name.safeParse(text);
  if (!parsed.success) throw new AppError('INVALID_INPUT', 'INVALID_NAME');
  return parsed.data;
}

/** A name that need not be there. An empty text is not taken for its absence. */
export function parseOptionalName(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : parseName(text);
}

/** Blanks around it mean nothing. @throws AppError INVALID_NAME: 1 to 128 letters, digits, dots, underscores and hyphens. */
export function parseInstanceName(text: string): string {
  const trimmed = text.trim();
  if (!isInstanceName(trimmed)) throw new AppError('INVALID_INPUT', 'INVALID_NAME');
  return trimmed;
}

/** @throws AppError INVALID_TEXT: 1 to 500 characters after trimming, none of them a control character. */
export function parseReason(text: string): string {
  const parsed = reason.safeParse(text);
  if (!parsed.success) throw new AppError('INVALID_INPUT', 'INVALID_TEXT');
  return parsed.data;
}
