import type { Migrations } from '@iotistic/chassis/migrate';
import { m0001 } from './migrations/0001_initial.ts';
import { m0002 } from './migrations/0002_deployments.ts';
import { m0003 } from './migrations/0003_know_devices.ts';

export const migrations: Migrations = { '0001_initial': m0001, '0002_deployments': m0002, '0003_know_devices': m0003 };
