import { spawn } from 'node:child_process';
import { ConfigError } from '@iotistic/chassis/config';

/** Runs pg_dump or pg_restore on a database. Its URL goes by the environment: everybody can read the arguments of a process. @throws ConfigError in the tool's own words. */
export async function runPostgresTool(tool: 'pg_dump' | 'pg_restore', databaseUrl: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(tool, args, { env: { PATH: environment['PATH'], LC_ALL: 'C', ...connectionOf(databaseUrl) }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new ConfigError([`${tool}: is not on the PATH; install PostgreSQL's client programs, of the server's version or later`])));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new ConfigError([`${tool}: ${said.trim() || `ended with ${code ?? 'a signal'}`}`]))));
  });
}

/** The name of the database, as the tools want it. */
export function databaseNameOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
}

function connectionOf(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  const sslMode = url.searchParams.get('sslmode');
  const settings = {
    PGHOST: url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, ''),
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: databaseNameOf(databaseUrl),
    PGSSLMODE: sslMode ?? '',
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
}
