import { AppError } from '@iotistic/contracts/errors';
import { violatedIndex } from '../repository/unique-violation.ts';

/** Rethrows what went wrong, as EMAIL_TAKEN where an index of addresses said so. */
export function emailTakenOr(error: unknown): never {
  const index = violatedIndex(error);
  if (index === 'customers_email_taken' || index === 'users_email_taken') throw new AppError('CONFLICT', 'EMAIL_TAKEN', undefined, { cause: error });
  throw error;
}
