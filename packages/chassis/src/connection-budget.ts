import { CONNECTION_DEADLINES } from './connection-guard.ts';
import { ConfigError } from './config.ts';
import type { Log } from './log.ts';
import { connectSession } from './pg-session.ts';

/** How many connections the pools of a subgraph may have. */
export interface PoolSizes {
  statements: number;
  /** Of the hot path's own. */
  pipeline: number;
  /** Of locks: each holds one for as long as its work takes. */
  locks: number;
}

/** The least that a process can do with: a listener, and one connection of each pool, two for statements. */
export const MIN_CONNECTIONS = 5;
const LISTENERS = 1;
const LOCKS = 6;
const STATEMENTS = 8;
/** Queues on PostgreSQL, and the live bus there. */
const WITHOUT_REDIS = 24 + 2;

/**
 * Divides what a process may have among its pools: half and more for statements, the rest for locks and, where there is one, the pipeline.
 * @param wanted what it would take if nothing limited it.
 */
export function divideConnections(maximum: number | undefined, wanted: { statements?: number | undefined; pipeline?: number | undefined }): PoolSizes {
  const { statements = STATEMENTS, pipeline = 0 } = wanted;
  if (maximum === undefined) return { statements, pipeline, locks: LOCKS };
  const left = maximum - LISTENERS;
  const share = Math.max(1, Math.floor(left / 4));
  const sizes = { pipeline: Math.min(pipeline, share), locks: Math.min(LOCKS, share) };
  return { ...sizes, statements: left - sizes.pipeline - sizes.locks };
}

/** @returns the most that a process of one subgraph opens. */
export function countConnections({ statements, pipeline, locks }: PoolSizes, hasRedis: boolean): number {
  return LISTENERS + statements + pipeline + locks + (hasRedis ? 0 : WITHOUT_REDIS);
}

interface Places {
  maximum: number;
  reserved: number;
  used: number;
  ours: number;
}

/**
 * Holds what this process may open against what PostgreSQL has left, and says so in a sentence where it may not be enough.
 * @throws ConfigError where it can never be enough.
 */
export async function checkConnections(options: { url: string; name: string; needs: number; log: Log }): Promise<void> {
  const { needs, name } = options;
  const { maximum, reserved, used, ours } = await countPlaces(options.url);
  const free = maximum - reserved;
  const has = `PostgreSQL takes ${free} (max_connections ${maximum}, of which ${reserved} are reserved)`;
  if (needs > free) throw new ConfigError([`DATABASE_MAX_CONNECTIONS: ${name} may open ${needs} connections, and ${has}: lower it, or raise max_connections`]);
  if (used + needs > free) options.log.warn({ needs, used, ours, free }, `${name} may open ${needs} connections beside the ${used} that are open, ${ours} of them this plane's, but ${has}: lower DATABASE_MAX_CONNECTIONS of each part, or raise max_connections`);
}

async function countPlaces(url: string): Promise<Places> {
  const client = await connectSession(url, { applicationName: 'iotistic-start', queryTimeoutMs: CONNECTION_DEADLINES.query_timeout });
  try {
    const { rows } = await client.query<Places>(
      `select current_setting('max_connections')::int as maximum,
        current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int as reserved,
        (count(*) filter (where pid <> pg_backend_pid()))::int as used,
        (count(*) filter (where pid <> pg_backend_pid() and application_name like 'iotistic-%'))::int as ours
      from pg_stat_activity where usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'`,
    );
    return rows[0] as Places;
  } finally {
    await client.end();
  }
}
