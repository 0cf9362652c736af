import { spawn } from 'node:child_process';
import { ConfigError } from '@iotistic/chassis/config';
import { readDatabaseUrl } from '@iotistic/chassis/database-url';

/** Runs pg_dump or pg_restore on a database. Its URL goes by the environment: everybody can read the arguments of a process. @throws ConfigError in the tool's own words. */
export async function runPostgresTool(tool: 'pg_dump' | 'pg_restore', databaseUrl: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  // A password that the URL leaves out may stand in the user's .pgpass; else nothing of the shell is meant for this database.
  const shell = Object.fromEntries(['PATH', 'HOME', 'PGPASSFILE', 'PGPASSWORD'].map((name) => [name, environment[name]]));
  const child = spawn(tool, args, { env: { ...shell, LC_ALL: 'C', ...connectionOf(databaseUrl) }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new ConfigError([`${tool}: is not on the PATH; install PostgreSQL's client programs, of the server's version or later`])));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new ConfigError([`${tool}: ${said.trim() || `ended with ${code ?? 'a signal'}`}`]))));
  });
}

/** The name of the database, as the tools want it. */
export function databaseNameOf(databaseUrl: string): string {
  return readDatabaseUrl(databaseUrl).database ?? '';
}

/** What of a URL's parameters the tools know, under their own names. */
const PARAMETERS: Readonly<Record<string, string>> = { sslrootcert: 'PGSSLROOTCERT', sslcert: 'PGSSLCERT', sslkey: 'PGSSLKEY', options: 'PGOPTIONS' };

function connectionOf(databaseUrl: string): Record<string, string> {
  const { host, port, user, password, database } = readDatabaseUrl(databaseUrl);
  const parameters = new URLSearchParams(databaseUrl.split('?')[1] ?? '');
  // The driver's own word for an encrypted connection whose certificate is not checked.
  const sslMode = parameters.get('sslmode')?.replace('no-verify', 'require');
  const settings: [string, string | null | undefined][] = [
    ['PGHOST', host],
    ['PGPORT', String(port)],
    ['PGUSER', user],
    ['PGPASSWORD', password],
    ['PGDATABASE', database],
    ['PGSSLMODE', sslMode],
    ...Object.entries(PARAMETERS).map(([name, variable]): [string, string | null] => [variable, parameters.get(name)]),
  ];
  return Object.fromEntries(settings.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''));
}
