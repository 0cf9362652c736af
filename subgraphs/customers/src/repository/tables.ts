import type { EventTables } from '@iotistic/chassis/outbox';
import type { ColumnType, Generated } from 'kysely';
import type { CustomerStatus } from '../domain/customer.ts';
import type { DeploymentOperation, DeploymentStatus } from '../domain/deployment.ts';

export interface CustomersTables extends EventTables {
  customers: {
    id: string;
    email: string;
    company_name: string | null;
    full_name: string | null;
    status: CustomerStatus;
    created_at: Date;
    updated_at: Date;
    deactivated_at: Date | null;
    deactivation_reason: string | null;
  };
  users: {
    id: string;
    customer_id: string;
    email: string;
    full_name: string | null;
    password_hash: string;
    created_at: Date;
  };
  sessions: {
    id: string;
    user_id: string;
    customer_id: string;
    token_sha256: string;
    created_at: Date;
    expires_at: Date;
    ended_at: Date | null;
  };
  api_keys: {
    id: string;
    customer_id: string;
    name: string;
    prefix: string;
    secret_sha256: string;
    created_at: Date;
    last_used_at: Date | null;
    revoked_at: Date | null;
    deployment_id: string | null;
  };
  instances: {
    id: string;
    customer_id: string;
    name: string;
    created_at: Date;
  };
  deployments: {
    id: string;
    customer_id: string;
    instance_id: string;
    operation: DeploymentOperation;
    status: DeploymentStatus;
    step: string | null;
    progress: number;
    namespace: string;
    host: string;
    url: string | null;
    run: number;
    attempts: number;
    interruptions: number;
    fence: number;
    lease_until: Date | null;
    next_attempt_at: Date;
    deadline_at: Date | null;
    job_id: string;
    job_attempt: number | null;
    reason: string | null;
    error: string | null;
    revision: number;
    created_at: Date;
    started_at: Date | null;
    finished_at: Date | null;
    deployed_at: Date | null;
  };
  deployment_log_lines: {
    position: Generated<number>;
    deployment_id: string;
    at: Date;
    line: string;
  };
  subscriptions: {
    customer_id: string;
    plan: string;
    licensed_until: Date | null;
    version: number;
    max_instances: ColumnType<number | null, number | null | undefined, number | null>;
  };
  audit_entries: {
    position: Generated<number>;
    id: string;
    customer_id: string;
    at: Date;
    actor: string;
    action: string;
    target: string;
    detail: string | null;
    request_id: string | null;
  };
  login_failures: {
    position: Generated<number>;
    account_sha256: string;
    mark_sha256: string;
    is_stranger: boolean;
    failed_at: Date;
  };
  known_devices: {
    account_sha256: string;
    mark_sha256: string;
    last_used_at: Date;
  };
}
