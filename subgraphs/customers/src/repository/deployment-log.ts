import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { CustomersTables } from './tables.ts';

/** So many lines are kept of a deployment, and shown. */
const MAX_LINES = 500;

export interface LogLine {
  at: Date;
  line: string;
}

/** The last lines of each of these deployments, in their order, oldest first. */
export async function listLogLines(db: Db<CustomersTables>, deploymentIds: readonly string[]): Promise<LogLine[][]> {
  const { rows } = await sql<LogLine & { deploymentId: string }>`
    select l.* from unnest(${[...deploymentIds]}::text[]) as d (id) cross join lateral (
      select position, deployment_id as "deploymentId", at, line from deployment_log_lines
      where deployment_id = d.id order by position desc limit ${MAX_LINES}
    ) as l order by l.position`.execute(db);
  const groups = new Map<string, LogLine[]>(deploymentIds.map((id) => [id, []]));
  for (const { deploymentId, at, line } of rows) groups.get(deploymentId)?.push({ at, line });
  return deploymentIds.map((id) => groups.get(id) ?? []);
}

/** Adds lines at the end, and forgets those that are too far back. */
export async function addLogLines(tx: Tx<CustomersTables>, deploymentId: string, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.insertInto('deployment_log_lines').values(lines.map(({ at, line }) => ({ deployment_id: deploymentId, at, line }))).execute();
  await sql`
    delete from deployment_log_lines where deployment_id = ${deploymentId} and position <= (
      select position from deployment_log_lines where deployment_id = ${deploymentId} order by position desc offset ${MAX_LINES} limit 1
    )`.execute(tx);
}
