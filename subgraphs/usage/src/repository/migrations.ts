import type { Migrations } from '@iotistic/chassis/migrate';
import { m0001 } from './migrations/0001_initial.ts';
import { m0002 } from './migrations/0002_add_measuring.ts';
import { m0003 } from './migrations/0003_add_instance_keys.ts';
import { m0004 } from './migrations/0004_add_seen_sequences.ts';
import { m0005 } from './migrations/0005_add_billing_periods.ts';
import { m0006 } from './migrations/0006_add_alerts.ts';
import { m0007 } from './migrations/0007_add_call_budgets.ts';
import { m0008 } from './migrations/0008_add_digests.ts';
import { m0009 } from './migrations/0009_add_listening_gaps.ts';

export const migrations: Migrations = {
  '0001_initial': m0001,
  '0002_add_measuring': m0002,
  '0003_add_instance_keys': m0003,
  '0004_add_seen_sequences': m0004,
  '0005_add_billing_periods': m0005,
  '0006_add_alerts': m0006,
  '0007_add_call_budgets': m0007,
  '0008_add_digests': m0008,
  '0009_add_listening_gaps': m0009,
};
