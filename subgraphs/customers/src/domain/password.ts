import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

const MIN_PASSWORD_CHARACTERS = 8;
const MAX_PASSWORD_CHARACTERS = 256;

/** Spaces of every width, which one keyboard writes and the next does not. */
const SPACES = /\p{Zs}/gu;

/** Characters as a person counts them, not UTF-16 units; outer space included. */
const password = z
  .string()
  .max(2 * MAX_PASSWORD_CHARACTERS)
  .refine((text) => {
    const characters = Array.from(text).length;
    return characters >= MIN_PASSWORD_CHARACTERS && characters <= MAX_PASSWORD_CHARACTERS;
  });

/**
 * The same for the same password, however a keyboard composes it (RFC 8265, OpaqueString): a Mac's é is two characters, Windows'
 * is one (matrix-org/synapse#3306). Case and width stay: they are part of the secret.
 */
export function normalizePassword(text: string): string {
  return text.replaceAll(SPACES, ' ').normalize('NFC');
}

/** What may have been hashed for this password: its normal form first, then as it is typed, and as another keyboard composes it. One for ASCII. */
export function formsOfPassword(text: string): string[] {
  return [...new Set([normalizePassword(text), text, text.normalize('NFC'), text.normalize('NFD')])];
}

/** Whether the text may be a password: what may not is not worth a hash. */
export function isPassword(text: string): boolean {
  // What is longer than any may be is not even composed.
  return text.length <= 4 * MAX_PASSWORD_CHARACTERS && formsOfPassword(text).some((form) => password.safeParse(form).success);
}

/** @returns its normal form. @throws AppError INVALID_PASSWORD */
export function parsePassword(text: string): string {
  const normal = text.length <= 4 * MAX_PASSWORD_CHARACTERS ? normalizePassword(text) : text;
  if (!password.safeParse(normal).success) throw new AppError('INVALID_INPUT', 'INVALID_PASSWORD');
  return normal;
}
