import { AppError } from '@iotistic/contracts/errors';

/** What agents call themselves: host names, cluster names, ids of clouds. The customers subgraph takes the same. */
const INSTANCE_NAME = /^[A-Za-z0-9._-]{1,128}$/;

/** @throws AppError INVALID_NAME: 1 to 128 letters, digits, dots, underscores and hyphens. */
export function checkInstanceName(name: string): void {
  if (!INSTANCE_NAME.test(name)) throw new AppError('INVALID_INPUT', 'INVALID_NAME', 'An instance is named with 1 to 128 letters, digits, dots, underscores and hyphens.');
}
