import { z } from 'zod';
import { pg } from './pg-driver.ts';

const AUTHORITY = /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i;

/** Where a URL of PostgreSQL leads, as the driver reads it. */
export interface DatabaseAddress {
  /** A name, an address, or a folder with the server's socket. */
  host: string;
  port: number;
  user: string | undefined;
  password: string | undefined;
  database: string | undefined;
}

/** @throws Error saying what is wrong, without the text itself: a password may be in it. */
export function readDatabaseUrl(text: string): DatabaseAddress {
  if (!/^(postgres|postgresql|socket):/i.test(text) && !text.startsWith('/')) throw new Error('is not a URL such as postgres://user:password@host:5432/database');
  const host = new URLSearchParams(text.split('?')[1] ?? '').get('host') ?? AUTHORITY.exec(text)?.[1] ?? '';
  if (host.includes(',')) throw new Error('names several hosts; name one that always leads to the primary: a pooler, a proxy or a floating address');
  const client = clientOf(text);
  const password = typeof client.password === 'string' && client.password !== '' ? client.password : undefined;
  return { host: client.host, port: client.port, user: client.user, password, database: client.database };
}

function clientOf(text: string): pg.Client {
  let client: pg.Client;
  try {
    client = new pg.Client({ connectionString: text });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path !== undefined) throw new Error(`names the file ${path}, which cannot be read (${String(code)})`, { cause: error });
    if (code === 'ERR_INVALID_URL' || error instanceof URIError) throw new Error('is not a URL of PostgreSQL; characters such as @ : / ? # % in the password are written %40 %3A %2F %3F %23 %25', { cause: error });
    throw error;
  }
  if (!Number.isInteger(client.port) || client.port < 1 || client.port > 65_535) throw new Error('names a port that is none');
  return client;
}

/** As the driver reads it: sockets (`?host=/cloudsql/…`), encoded passwords and `sslmode` too. What is wrong is said without the text. */
export const databaseUrl = z.string().superRefine((text, context) => {
  try {
    readDatabaseUrl(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
