import { describe, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { listenFailure, startFailure } from './start-failure.ts';

const said = (fields: object, message = 'it failed'): Error => Object.assign(new Error(message), fields);
const server = (code: string, message: string): Error => said({ code, severity: 'FATAL' }, message);

describe('what an ordinary place does is one sentence that names the variable', () => {
  it.each<[string, Error, RegExp]>([
    ['a full disk', said({ code: 'ENOSPC', path: '/data/plane/keys/a.pem', syscall: 'open' }), /^DATA_DIR: \/data\/plane\/keys\/a\.pem cannot be used: the disk is full \(ENOSPC\)$/],
    ['a full disk that names no file', said({ code: 'ENOSPC', syscall: 'write' }), /^DATA_DIR: a file cannot be used: the disk is full/],
    ['a read-only file system', said({ code: 'EROFS', path: '/mail/x.eml', syscall: 'open' }), /^MAIL_DIR: .*read-only file system/],
    ["another user's folder", said({ code: 'EACCES', path: '.data/admin-token', syscall: 'open' }), /^DATA_DIR: .*this user may not/],
    ['a standby', server('25006', 'cannot execute CREATE SCHEMA in a read-only transaction'), /^DATABASE_URL: the server says "cannot execute CREATE SCHEMA .*read-only standby; name the primary$/],
    ['a server that starts up', server('57P03', 'the database system is starting up'), /^DATABASE_URL: .*start again once it is up$/],
    ['a server that is full', server('53100', 'could not extend file'), /^DATABASE_URL: .*no more disk, memory or connections/],
    ['a server without a connection left', server('53300', 'too many connections'), /^DATABASE_URL: .*raise its max_connections, or lower DATABASE_MAX_CONNECTIONS/],
    ['a pooler of another mode', server('08P01', 'unsupported startup parameter: options'), /^DATABASE_URL: .*session mode$/],
    ['a certificate that nobody knows', said({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), /^DATABASE_URL: .*sslrootcert=FILE/],
    ['a server that says nothing', said({}, 'Connection terminated due to connection timeout'), /^DATABASE_URL: the database does not answer/],
    ['a cause of a failed migration', new Error('the migrations failed', { cause: server('28P01', 'password authentication failed') }), /^DATABASE_URL: .*pg_hba/],
    ['the embedded server on a full disk', new EmbeddedPostgresError('PostgreSQL did not start:\nLOG:  starting\nFATAL:  could not write lock file: No space left on device\nLOG:  shut down'), /^DATA_DIR: PostgreSQL did not start: could not write lock file: No space left on device$/],
  ])('%s', (_what, error, sentence) => {
    const { problems } = startFailure(error, { DATA_DIR: '/data/plane', MAIL_DIR: '/mail' }) ?? new ConfigError([]);
    expect(problems).toEqual([expect.stringMatching(sentence)]);
    expect(problems.join('')).not.toContain('\n');
  });

  it.each([
    ['EADDRINUSE', /^AGENTS_PORT: 99 is taken/], ['EACCES', /^AGENTS_PORT: this user may not listen at 99/], ['EADDRNOTAVAIL', /^AGENTS_HOST: h is no address of this machine/], ['ENOTFOUND', /^AGENTS_HOST: h is no address/],
  ])('a port or an address: %s', (code, sentence) => {
    expect((listenFailure(said({ code, syscall: 'listen' }), { host: 'h', port: 99 }, { host: 'AGENTS_HOST', port: 'AGENTS_PORT' }) as ConfigError).problems).toEqual([expect.stringMatching(sentence)]);
  });

  it('what is a fault of ours keeps its stack', () => {
    for (const error of [new TypeError('x is not a function'), server('42P01', 'relation "a" does not exist'), server('23505', 'duplicate key'), said({ code: 'ENOENT' }), null]) expect(startFailure(error, {})).toBeNull();
  });
});
