import type { ChaosCustomer } from './customers.ts';
import type { Difference } from './invariants.ts';
import type { ChaosPlane } from './plane.ts';

/** What stands in the tables of one deployment. */
interface DeploymentRow {
  name: string;
  status: string;
  deployments: number;
  /** Lines that say that it is done. */
  finished: number;
  keys: number;
  /** Minted for it, also those that ended. */
  minted: number;
}

/** Beside `plain`: what the simulated cluster does with instances of these names. */
export const DEPLOYED_NAMES = ['plain', 'plain', 'plain', 'flaky', 'fail'] as const;

/** Deployments that are neither done nor given up. */
export async function pendingDeployments(plane: ChaosPlane): Promise<string[]> {
  const { rows } = await plane.database.query<{ status: string; count: string }>("select status, count(*) from customers.deployments where status in ('QUEUED', 'RUNNING') group by 1 order by 1");
  return rows.map(({ status, count }) => `${count} deployments that are ${status}`);
}

/**
 * Each that was asked for, with an answer or without, is there once at most, ended once, and has a key in force where it
 * stands, and none where it does not.
 */
export async function compareDeployments(plane: ChaosPlane, customer: ChaosCustomer, asked: ReadonlyMap<string, boolean>): Promise<Difference[]> {
  const { rows } = await plane.database.query<DeploymentRow>(
    `select i.name, d.status, count(*) over (partition by i.id)::int as deployments,
      (select count(*)::int from customers.deployment_log_lines l where l.deployment_id = d.id and l.line = 'the instance is deployed') as finished,
      (select count(*)::int from customers.api_keys k where k.deployment_id = d.id and k.revoked_at is null) as keys,
      (select count(*)::int from customers.api_keys k where k.deployment_id = d.id) as minted
      from customers.deployments d join customers.instances i on i.id = d.instance_id where d.customer_id = $1 order by i.name`,
    [customer.id],
  );
  const known = new Set(rows.map(({ name }) => name));
  const lost = [...asked].filter(([name, isAnswered]) => isAnswered && !known.has(name)).map(([name]) => `${name} was answered, and is not there`);
  return [...lost, ...rows.flatMap(problemsOf)].map((what) => ({ invariant: 'deployed', what: `${customer.id}: ${what}` }));
}

function problemsOf({ name, status, deployments, finished, keys, minted }: DeploymentRow): string[] {
  const found: string[] = [];
  if (deployments !== 1) found.push(`${name} has ${deployments} deployments`);
  if (status !== 'SUCCEEDED' && status !== 'FAILED') found.push(`${name} is ${status}`);
  if (status === 'SUCCEEDED' && name.startsWith('fail-')) found.push(`${name} cannot succeed, and did`);
  if (finished !== (status === 'SUCCEEDED' ? 1 : 0)) found.push(`${name} is ${status}, and was finished ${finished} times`);
  if (keys !== (status === 'SUCCEEDED' ? 1 : 0)) found.push(`${name} is ${status}, and has ${keys} keys in force of ${minted}`);
  return found;
}
