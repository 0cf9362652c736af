import { AppError, type ReasonOf } from '@iotistic/contracts/errors';

/** What a read that must find something answers. @throws AppError NOT_FOUND with this reason */
export function found<R>(reason: ReasonOf<'NOT_FOUND'>): (row: R | null) => R {
  return (row) => {
    if (row === null) throw new AppError('NOT_FOUND', reason);
    return row;
  };
}
