import { ConfigError } from './config.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';

interface Failure extends Error {
  code?: unknown;
  syscall?: string;
  path?: string;
  hostname?: string;
  address?: string;
  port?: number;
  severity?: string;
}

/** Those of PostgreSQL's codes that are about the place and not about our statements. */
const DATABASE_CLASS = /^(08|25006|28|3D|42501|53|55000|57|58)/;
/** What a person can do about what PostgreSQL says, by its code or the code's class. */
const DATABASE_ADVICE: Readonly<Record<string, string>> = {
  '28': 'check its user and password, and pg_hba.conf on the server',
  '3D000': 'create the database, or name another',
  '25006': 'the server is a read-only standby; name the primary',
  '42501': 'the login has to be allowed to make schemas and roles: docs/installing.md',
  '53300': 'raise its max_connections, or lower DATABASE_MAX_CONNECTIONS of each part',
  '53': 'the server has no more disk, memory or connections to give',
  '55000': 'allow connections to it (alter database … allow_connections true)',
  '57': 'start again once it is up',
};
const FOLDERS: readonly (readonly [name: string, fallback: string | null])[] = [['MAIL_DIR', null], ['LICENSE_KEYS_DIR', null], ['AGENT_DATA_DIR', null], ['DATA_DIR', '.data']];
const FILE_TROUBLE: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write or read it',
  EPERM: 'this user may not change it',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  ENOTDIR: 'a part of it is a file, not a folder',
  EEXIST: 'it is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENOENT: 'it does not exist',
  EMFILE: 'this process may not open more files (ulimit -n)',
  ENAMETOOLONG: 'it is too long',
  ELOOP: 'it is a link that leads to itself',
};
const NETWORK_TROUBLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE']);
const CERTIFICATE_TROUBLE = /CERT|SIGNATURE|ISSUER/;

/**
 * What an ordinary place does to a process that starts, in one sentence that names the variable; null for what is a fault of
 * ours and needs its stack. No password is in it.
 */
export function startFailure(error: unknown, environment: NodeJS.ProcessEnv): ConfigError | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ConfigError) return each;
    const sentence = databaseFailure(each) ?? fileFailure(each, environment) ?? embeddedFailure(each);
    if (sentence !== null) return new ConfigError([sentence]);
  }
  return null;
}

/** For a port that a process listens at. @param variables what they are called where they are set */
export function listenFailure(error: unknown, at: { host: string; port: number }, variables: { host: string; port: string }): unknown {
  switch ((error as Failure).code) {
    case 'EADDRINUSE':
      return new ConfigError([`${variables.port}: ${at.port} is taken by another program; set ${variables.port} to a free one`]);
    case 'EACCES':
      return new ConfigError([`${variables.port}: this user may not listen at ${at.port}; take one from 1024 on`]);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new ConfigError([`${variables.host}: ${at.host} is no address of this machine (${String((error as Failure).code)}); 127.0.0.1 is for this machine only, 0.0.0.0 for all networks`]);
    default:
      return error;
  }
}

/** In words: what keeps the database from answering; null for an error that is not of this kind. */
export function databaseFailure(error: Error): string | null {
  const { code, severity, syscall, message } = error as Failure;
  const text = oneLine(message);
  if (typeof code === 'string' && severity !== undefined && DATABASE_CLASS.test(code)) return sayDatabase(code, text);
  if (/does not support SSL connections/.test(text)) return 'DATABASE_URL: the server does not speak TLS; take sslmode out of the URL (and PGSSLMODE out of the environment), or turn ssl on there';
  if (typeof code === 'string' && CERTIFICATE_TROUBLE.test(code)) return `DATABASE_URL: the server's certificate is not trusted (${code}); name its authority with sslrootcert=FILE, or leave it unchecked with sslmode=no-verify`;
  if (/client password must be a/.test(text)) return 'DATABASE_URL: the server asks for a password, and there is none';
  if (typeof code === 'string' && NETWORK_TROUBLE.has(code) && syscall !== 'listen') return `DATABASE_URL: the database does not answer (${whereOf(error, code)})`;
  if (syscall === 'connect' && (code === 'ENOENT' || code === 'EACCES')) return `DATABASE_URL: the database does not answer (${whereOf(error, code)})`;
  if (/Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|password must be a string/.test(text)) return `DATABASE_URL: the database does not answer (${text})`;
  return null;
}

function sayDatabase(code: string, text: string): string {
  if (/unsupported startup parameter|prepared statement .* does not exist/.test(text)) return `DATABASE_URL: the pooler says "${text}"; it has to be in session mode`;
  const advice = DATABASE_ADVICE[code] ?? DATABASE_ADVICE[code.slice(0, 2)];
  return `DATABASE_URL: the server says "${text}" (${code})${advice === undefined ? '' : `; ${advice}`}`;
}

function whereOf(error: Failure, code: string): string {
  const { hostname, path, address, port } = error;
  const where = hostname ?? path ?? (address === undefined ? undefined : `${address}:${port ?? ''}`);
  return where === undefined ? code : `${code} at ${where}`;
}

function fileFailure({ code, path, syscall }: Failure, environment: NodeJS.ProcessEnv): string | null {
  const trouble = typeof code === 'string' ? FILE_TROUBLE[code] : undefined;
  if (trouble === undefined || syscall === 'listen' || syscall === 'connect' || (path === undefined && code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EMFILE')) return null;
  const [name = 'DATA_DIR'] = FOLDERS.find(([variable, fallback]) => isWithin(path ?? '', environment[variable] ?? fallback)) ?? [];
  return `${name}: ${path ?? 'a file'} cannot be used: ${trouble} (${String(code)})`;
}

function isWithin(path: string, folder: string | null): boolean {
  return folder !== null && folder !== '' && path.includes(folder);
}

/** The embedded server's own words are several lines: the one that says why is worth a sentence. */
function embeddedFailure(error: Error): string | null {
  if (!(error instanceof EmbeddedPostgresError)) return null;
  const lines = error.message.split('\n');
  const why = lines.find((line) => /No space left/.test(line)) ?? lines.findLast((line) => /FATAL|PANIC|could not/.test(line));
  return `DATA_DIR: ${lines.length === 1 || why === undefined ? oneLine(error.message) : `${lines[0] ?? ''} ${why.replace(/^.*?(FATAL|PANIC): +/, '')}`}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
