import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';

const MIN_PASSWORD_CHARACTERS = 8;
const MAX_PASSWORD_CHARACTERS = 256;

/** Characters as a person counts them, not UTF-16 units; taken as typed, outer space included. */
const password = z
  .string()
  .max(2 * MAX_PASSWORD_CHARACTERS)
  .refine((text) => {
    const characters = Array.from(text).length;
    return characters >= MIN_PASSWORD_CHARACTERS && characters <= MAX_PASSWORD_CHARACTERS;
  });

/** Whether the text may be a password: what may not is not worth a hash. */
export function isPassword(text: string): boolean {
  return password.safeParse(text).success;
}

/** @throws AppError INVALID_PASSWORD */
export function parsePassword(text: string): string {
  if (!isPassword(text)) throw new AppError('INVALID_INPUT', 'INVALID_PASSWORD');
  return text;
}
