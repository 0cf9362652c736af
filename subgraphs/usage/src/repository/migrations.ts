import type { Migrations } from '@iotistic/chassis/migrate';
import { m0001 } from './migrations/0001_initial.ts';

export const migrations: Migrations = { '0001_initial': m0001 };
