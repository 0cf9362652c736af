import type { Db, Tx } from '@iotistic/chassis/database';
import { type RawBuilder, sql } from 'kysely';
import type { Deployment } from '../domain/deployment.ts';
import { DEPLOYMENT_COLUMNS } from './deployments.ts';
import type { CustomersTables } from './tables.ts';

/** A deployment that nobody else changes until the transaction ends, and how it stands with its worker by the database's clock. */
export interface LockedDeployment {
  deployment: Deployment;
  /** Whether nobody works on it, or whoever did has not been heard of for too long. */
  isFree: boolean;
  /** Until its attempt must be over; null where none has begun. */
  remainingMs: number | null;
}

/** What changes of the work on it, beside the deployment itself; what is not named stays. */
export interface WorkTimes {
  /** Its worker is heard of within so many milliseconds, or counts as dead; 0 gives it back. */
  leaseMs?: number;
  deadlineMs?: number;
  nextAttemptMs?: number;
}

export async function lockDeployment(tx: Tx<CustomersTables>, id: string): Promise<LockedDeployment | undefined> {
  const row = await tx
    .selectFrom('deployments')
    .select([...DEPLOYMENT_COLUMNS, sql<boolean>`coalesce(lease_until <= clock_timestamp(), true)`.as('isFree'), sql<number | null>`floor(extract(epoch from deadline_at - clock_timestamp()) * 1000)::bigint`.as('remainingMs')])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { isFree, remainingMs, ...deployment } = row;
  return { deployment, isFree, remainingMs };
}

/** @throws a unique violation of deployments_one_per_instance */
export async function insertDeployment(tx: Tx<CustomersTables>, deployment: Deployment): Promise<void> {
  await tx
    .insertInto('deployments')
    .values({
      ...toColumns(deployment),
      id: deployment.id,
      customer_id: deployment.customerId,
      instance_id: deployment.instanceId,
      namespace: deployment.namespace,
      host: deployment.host,
      lease_until: null,
      next_attempt_at: sql`clock_timestamp()`,
      deadline_at: null,
      created_at: deployment.createdAt,
    })
    .execute();
}

/** Writes it as the next revision, and answers that. */
export async function saveDeployment(tx: Tx<CustomersTables>, deployment: Deployment, { leaseMs, deadlineMs, nextAttemptMs }: WorkTimes): Promise<Deployment> {
  const next = { ...deployment, revision: deployment.revision + 1 };
  await tx
    .updateTable('deployments')
    .set({
      ...toColumns(next),
      ...(leaseMs === undefined ? {} : { lease_until: inMs(leaseMs) }),
      ...(deadlineMs === undefined ? {} : { deadline_at: inMs(deadlineMs) }),
      ...(nextAttemptMs === undefined ? {} : { next_attempt_at: inMs(nextAttemptMs) }),
    })
    .where('id', '=', deployment.id)
    .execute();
  return next;
}

/** The worker is alive: whether the deployment is still its own. @param life.isNew whether it has something to say */
export async function renewLease(tx: Tx<CustomersTables>, { id, fence, leaseMs, isNew }: { id: string; fence: number; leaseMs: number; isNew: boolean }): Promise<boolean> {
  const row = await tx
    .updateTable('deployments')
    .set((eb) => ({ lease_until: inMs(leaseMs), revision: eb('revision', '+', isNew ? 1 : 0) }))
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('status', '=', 'RUNNING')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Those whose work should be under way and may not be: due for so long, or given up by their worker. */
export async function listForgotten(db: Db<CustomersTables>, dueForMs: number, except: readonly string[], limit: number): Promise<{ id: string; jobId: string }[]> {
  return db
    .selectFrom('deployments')
    .select(['id', 'job_id as jobId'])
    .where((eb) => eb.or([eb.and([eb('status', '=', 'QUEUED'), eb('next_attempt_at', '<', inMs(-dueForMs))]), eb.and([eb('status', '=', 'RUNNING'), eb('lease_until', '<', inMs(0))])]))
    .where(sql<boolean>`id <> all(${except}::text[])`)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute();
}

/** What stands, of customers whose license ended before this instant or whose account did. */
export async function listUnlicensed(db: Db<CustomersTables>, endedBefore: Date, except: readonly string[], limit: number): Promise<{ instanceId: string; customerId: string }[]> {
  return db
    .selectFrom('deployments')
    .innerJoin('customers', 'customers.id', 'deployments.customer_id')
    .leftJoin('subscriptions', 'subscriptions.customer_id', 'deployments.customer_id')
    .select(['deployments.instance_id as instanceId', 'deployments.customer_id as customerId'])
    .where('deployments.operation', '=', 'DEPLOY')
    .where('deployments.status', 'in', ['SUCCEEDED', 'FAILED'])
    .where((eb) => eb.or([eb('subscriptions.licensed_until', '<', endedBefore), eb('customers.deactivated_at', '<', endedBefore)]))
    .where(sql<boolean>`deployments.instance_id <> all(${except}::text[])`)
    .orderBy('deployments.created_at')
    .limit(limit)
    .execute();
}

function inMs(milliseconds: number): RawBuilder<Date> {
  return sql<Date>`clock_timestamp() + ${milliseconds}::double precision * interval '1 millisecond'`;
}

function toColumns(deployment: Deployment) {
  return {
    operation: deployment.operation,
    status: deployment.status,
    step: deployment.step,
    progress: deployment.progress,
    url: deployment.url,
    run: deployment.run,
    attempts: deployment.attempts,
    interruptions: deployment.interruptions,
    fence: deployment.fence,
    job_id: deployment.jobId,
    job_attempt: deployment.jobAttempt,
    reason: deployment.reason,
    error: deployment.error,
    revision: deployment.revision,
    started_at: deployment.startedAt,
    finished_at: deployment.finishedAt,
    deployed_at: deployment.deployedAt,
  };
}
