import type { EventTables } from '@iotistic/chassis/outbox';
import type { PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import type { Generated } from 'kysely';
import type { LicenseAction } from '../domain/license-action.ts';

export interface EntitlementsTable {
  customer_id: string;
  customer_name: string;
  plan: PlanKey;
  status: SubscriptionStatus;
  trial_ends_at: Date | null;
  period_ends_at: Date | null;
  /** JSON text in, an object out. */
  features: unknown;
  limits: unknown;
  version: number;
  updated_at: Date;
}

export interface LicensesTable {
  id: string;
  customer_id: string;
  version: number;
  plan: PlanKey;
  key_id: string;
  token: string;
  issued_at: Date;
  expires_at: Date;
  /** End of its calendar: from here it counts for nothing, revoked or not. */
  unlicensed_from: Date;
  /** When the next lease is due; null when this one is the last. */
  renew_at: Date | null;
  /** Null for the customer's license in force, of which there is one at most. */
  superseded_at: Date | null;
  revoked_at: Date | null;
}

export interface LicenseHistoryTable {
  position: Generated<number>;
  id: string;
  customer_id: string;
  at: Date;
  action: LicenseAction;
  plan: PlanKey;
  max_devices: number | null;
  token_hash: string;
  actor: string;
  reason: string | null;
}

export interface SigningKeysTable {
  id: string;
  public_key_pem: string;
  status: 'CURRENT' | 'VERIFYING' | 'RETIRED';
  created_at: Date;
  retired_at: Date | null;
}

export interface InstancesTable {
  id: string;
  customer_id: string;
  name: string;
  /** First license fetch; null for an instance that others told of. */
  activated_at: Date | null;
  last_seen_at: Date | null;
  /** The last license that it was given. */
  license_id: string | null;
  agent_version: string | null;
}

export interface LicensingTables extends EventTables {
  entitlements: EntitlementsTable;
  /** Customers that get no license any more, also such as are not known yet. */
  deactivations: { customer_id: string; at: Date };
  licenses: LicensesTable;
  license_history: LicenseHistoryTable;
  revocations: { license_id: string; revoked_at: Date; unlicensed_from: Date };
  /** One row: how many revocations there were. */
  revocation_epochs: { epoch: number };
  signing_keys: SigningKeysTable;
  instances: InstancesTable;
}
