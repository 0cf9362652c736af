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
  /** Where one that is in force is known to end; null while it goes on. */
  ends_at: Date | null;
  /** JSON text in, an object out. */
  features: unknown;
  limits: unknown;
  version: number;
  updated_at: Date;
  /** Since when an operator has it revoked; null otherwise. */
  revoked_at: Generated<Date | null>;
  /** How often a revocation was taken back: each makes another license of the same facts. */
  reinstatements: Generated<number>;
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
  /** Beside the one in force: for an instance without a network. */
  air_gap: boolean;
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
  status: 'ANNOUNCED' | 'CURRENT' | 'VERIFYING' | 'RETIRED';
  created_at: Date;
  retired_at: Date | null;
  /** Encrypted; null where the private half is kept elsewhere. */
  sealed_private_key: string | null;
  /** The key, signed with the one before it; null for the first, and for one that nobody could announce. */
  announcement: string | null;
  current_since: Date | null;
  compromised_at: Date | null;
}

export interface SigningKeyEventsTable {
  position: Generated<number>;
  id: string;
  at: Date;
  action: 'ANNOUNCED' | 'IMPORTED' | 'CURRENT' | 'RETIRED' | 'COMPROMISED';
  key_id: string;
  actor: string;
  request_id: string | null;
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
  /** Of the agent process that fetched last; an earlier one that comes again is a second agent of the same name. */
  run_id: string | null;
  earlier_run_ids: Generated<string[]>;
  duplicate_seen_at: Date | null;
  /** JSON text in, an object out. */
  health: unknown;
}

export interface LicenseReissuesTable {
  id: string;
  actor: string;
  reason: string;
  total: number;
  remaining: number;
  /** Customers up to here were looked at. */
  after_customer_id: Generated<string>;
  started_at: Date;
  finished_at: Date | null;
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
  signing_key_events: SigningKeyEventsTable;
  license_reissues: LicenseReissuesTable;
  instances: InstancesTable;
}
