import type { Db } from '@iotistic/chassis/database';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import type { Deployment, DeploymentStatus } from '../domain/deployment.ts';
import type { CustomersTables } from './tables.ts';

export const DEPLOYMENT_COLUMNS = [
  'id',
  'customer_id as customerId',
  'instance_id as instanceId',
  'operation',
  'status',
  'step',
  'progress',
  'namespace',
  'host',
  'url',
  'run',
  'attempts',
  'interruptions',
  'fence',
  'job_id as jobId',
  'job_attempt as jobAttempt',
  'reason',
  'error',
  'revision',
  'created_at as createdAt',
  'started_at as startedAt',
  'finished_at as finishedAt',
  'deployed_at as deployedAt',
] as const;

/** Where a deployment stands in a list: newest first. */
export type DeploymentKey = [createdAt: string, id: string];

/** Which deployments a list shows; null shows all. */
export interface DeploymentFilter {
  customerId: string | null;
  status: DeploymentStatus | null;
}

export interface DeploymentList extends Page<Deployment> {
  /** What was asked for: the total is counted only when it is asked for. */
  filter: DeploymentFilter;
}

export function findDeployments(db: Db<CustomersTables>, ids: readonly string[]): Promise<Deployment[]> {
  return db.selectFrom('deployments').select(DEPLOYMENT_COLUMNS).where('id', 'in', ids).execute();
}

/** The newest of each of these instances, where there is one. */
export function findNewestDeployments(db: Db<CustomersTables>, instanceIds: readonly string[]): Promise<Deployment[]> {
  return db.selectFrom('deployments').distinctOn('instance_id').select(DEPLOYMENT_COLUMNS).where('instance_id', 'in', instanceIds).orderBy('instance_id').orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
}

export async function listDeploymentPage(db: Db<CustomersTables>, page: PageRequest<DeploymentKey>, filter: DeploymentFilter): Promise<DeploymentList> {
  let query = matching(db, filter).select(DEPLOYMENT_COLUMNS);
  if (page.after !== null) {
    const [createdAt, id] = page.after;
    query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(new Date(createdAt), id)));
  }
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute();
  return { filter, ...toPage(rows, page, (row): DeploymentKey => [row.createdAt.toISOString(), row.id]) };
}

export async function countDeployments(db: Db<CustomersTables>, filter: DeploymentFilter): Promise<number> {
  const row = await matching(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Those of a customer that changed of late, for who may have missed being told. */
export function listRecentDeployments(db: Db<CustomersTables>, customerId: string, count: number): Promise<Deployment[]> {
  return db.selectFrom('deployments').select(DEPLOYMENT_COLUMNS).where('customer_id', '=', customerId).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(count).execute();
}

function matching(db: Db<CustomersTables>, { customerId, status }: DeploymentFilter) {
  let query = db.selectFrom('deployments');
  if (customerId !== null) query = query.where('customer_id', '=', customerId);
  if (status !== null) query = query.where('status', '=', status);
  return query;
}
