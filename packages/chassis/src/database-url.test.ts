import { describe, expect, it } from 'vitest';
import { databaseUrl, readDatabaseUrl } from './database-url.ts';

describe('DATABASE_URL is what the driver reads', () => {
  it.each([
    ['postgres://u:p@db.example/app', { host: 'db.example', port: 5432, user: 'u', password: 'p', database: 'app' }],
    ['postgresql://u:p@db.example:6543/app?sslmode=no-verify', { host: 'db.example', port: 6543 }],
    ['postgres://u:p@/db?host=/cloudsql/p:r:i', { host: '/cloudsql/p:r:i', user: 'u', password: 'p', database: 'db' }],
    ['postgres://u:p@%2Fvar%2Frun%2Fpostgresql/app', { host: '/var/run/postgresql', database: 'app' }],
    ['postgres://u:p%40s%3A%2Fs%23@h/app', { password: 'p@s:/s#' }],
    ['postgres://u:p@[::1]:5433/app', { host: '::1', port: 5433 }],
    ['postgres://u@h/app', { user: 'u', password: undefined }],
    ['socket:/run/pg?db=app', { host: '/run/pg', database: 'app' }],
    ['/run/pg app', { host: '/run/pg', database: 'app' }],
    ['postgres://u:p,q@h/app', { host: 'h', password: 'p,q' }],
  ])('%s', (url, expected) => {
    expect(databaseUrl.parse(url)).toBe(url);
    expect(readDatabaseUrl(url)).toMatchObject(expected);
  });
});

describe('one that cannot be used is refused in a sentence without the password', () => {
  it.each([
    ['two hosts', 'postgres://u:geheim@a,b/app', /several hosts/],
    ['two hosts with ports', 'postgres://u:geheim@a:1,b:2/app', /several hosts/],
    ['two hosts as a parameter', 'postgres://u:geheim@/app?host=a,b', /several hosts/],
    ['a # in the password', 'postgres://u:geheim#x@h/app', /%23/],
    ['a / in the password', 'postgres://u:geheim/x@h/app', /%2F/],
    ['a port that is none', 'postgres://u:geheim@h:99999/app', /not a URL|port/],
    ['a port in words', 'postgres://u:geheim@h/app?port=abc', /port/],
    ['another database', 'mysql://u:geheim@h/app', /postgres:\/\//],
    ['no URL', 'geheim', /postgres:\/\//],
    ['a certificate that is not there', 'postgres://u:geheim@h/app?sslrootcert=/nowhere/ca.pem', /\/nowhere\/ca\.pem, which cannot be read \(ENOENT\)/],
  ])('%s', (_what, url, sentence) => {
    const { issues } = databaseUrl.safeParse(url).error ?? { issues: [] };
    expect(issues.map(({ message }) => message)).toEqual([expect.stringMatching(sentence)]);
    expect(issues[0]?.message).not.toContain('geheim');
    expect(issues[0]?.message).not.toContain('\n');
  });
});
