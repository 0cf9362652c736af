import type { Migrations } from '@iotistic/chassis/migrate';
import * as initial from './migrations/0001_initial.ts';
import * as signingKeyLivesAndRevocations from './migrations/0002_signing_key_lives_and_revocations.ts';
import { m0003 } from './migrations/0003_add_call_budgets.ts';
import { m0004 } from './migrations/0004_lease_windows.ts';

export const migrations: Migrations = {
  '0001_initial': initial,
  '0002_signing_key_lives_and_revocations': signingKeyLivesAndRevocations,
  '0003_add_call_budgets': m0003,
  '0004_lease_windows': m0004,
};
