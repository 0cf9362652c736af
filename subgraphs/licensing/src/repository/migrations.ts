import type { Migrations } from '@iotistic/chassis/migrate';
import * as initial from './migrations/0001_initial.ts';

export const migrations: Migrations = { '0001_initial': initial };
