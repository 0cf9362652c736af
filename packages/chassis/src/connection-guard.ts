import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** The server ends a statement at its own limit; the client gives it up so much later, since a server that hangs ends nothing. */
const ANSWER_WITHIN_MS = 2_000;
const LONGEST_STATEMENT_MS = 15_000;
const CONNECT_WITHIN_MS = 5_000;
const HEARTBEAT_MS = 10_000;
const HEARTBEAT_WITHIN_MS = 5_000;
const READ_ONLY = '25006';
const TOO_MANY_CONNECTIONS = '53300';
const CROWDED_PAUSE_MS = 100;

/** What every connection of ours is opened with, so that no other side that falls silent is waited for without an end. */
export const CONNECTION_DEADLINES = { connectionTimeoutMillis: CONNECT_WITHIN_MS, keepAlive: true, keepAliveInitialDelayMillis: 10_000, query_timeout: LONGEST_STATEMENT_MS + ANSWER_WITHIN_MS } as const;

/** How long the client waits for a statement that the server ends after this many milliseconds. */
export function clientTimeoutMs(statementTimeoutMs: number): number {
  return statementTimeoutMs + ANSWER_WITHIN_MS;
}

/** What of a connection @types/pg does not tell. */
interface Socketed {
  connection?: { stream: { destroy(): void } };
}

/** Ends a connection without a good-bye, to which nobody may listen. */
export function cutConnection(client: pg.ClientBase): void {
  (client as unknown as Socketed).connection?.stream.destroy();
}

/** Whether the statement ran out on our side: what its connection answers next belongs to it. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Whether the server may only be read from: after a failover the connection leads to a standby. */
export function isReadOnly(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === READ_ONLY;
}

/**
 * Ends a connection that is of no more use: one on which a statement ran out, and one that leads to a standby. One that listens is
 * asked again and again whether it is alive, since it would hear nothing of its end.
 */
export function guardConnection(client: pg.ClientBase, onUseless: () => void = () => undefined): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  let heartbeat: NodeJS.Timeout | undefined;
  const onFailure = (error: unknown): void => {
    if (!isQueryTimeout(error) && !isReadOnly(error)) return;
    cutConnection(client);
    onUseless();
  };
  const beat = (): void => {
    (query({ text: 'select 1', query_timeout: HEARTBEAT_WITHIN_MS }) as Promise<unknown>).catch(() => cutConnection(client));
  };
  client.on('end', () => clearInterval(heartbeat));
  const guarded = (...args: unknown[]): unknown => {
    const [text] = args;
    if (typeof text === 'string' && /^listen /i.test(text)) heartbeat ??= setInterval(beat, HEARTBEAT_MS).unref();
    const answer = query(...args);
    // With a callback the pool asks itself, and ends what fails.
    if (answer instanceof Promise) answer.catch(onFailure);
    return answer;
  };
  client.query = guarded as typeof client.query;
}

/** Where one of a pool's connections turns out to be of no use, those that are idle most likely are neither: nobody has to find that out one by one. */
export function guardPool(pool: pg.Pool): void {
  const idle = new Set<pg.PoolClient>();
  const cutIdle = (): void => {
    for (const client of idle) cutConnection(client);
  };
  pool.on('connect', (client) => guardConnection(client, cutIdle));
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('release', (_error, client) => idle.add(client));
  pool.on('remove', (client) => idle.delete(client));
}

/** A connection of the pool. Where the server has none left, one of ours that becomes free is waited for, as long as any connection would be. */
export async function connectPatiently(pool: pg.Pool): Promise<pg.PoolClient> {
  const giveUpMs = performance.now() + CONNECT_WITHIN_MS;
  for (;;) {
    try {
      return await pool.connect();
    } catch (error) {
      if ((error as { code?: unknown }).code !== TOO_MANY_CONNECTIONS || performance.now() > giveUpMs) throw error;
    }
    await pause(CROWDED_PAUSE_MS * (0.5 + Math.random()));
  }
}
