import { createTestDatabase } from '@iotistic/testkit/database';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isDatabaseUnavailable } from './database.ts';
import { createLog } from './log.ts';
import { toAppError, toGraphQLErrors } from './public-error.ts';

const errorOf = (code: string): Error => Object.assign(new Error('said by the database'), { code });

describe('a database that cannot serve now', () => {
  it.each([
    '08000',
    '08006',
    '53300',
    '53100',
    '55000',
    '55P03',
    '57P01',
    '57P02',
    '57P03',
    '57P04',
    '58030',
    '25006',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'EAI_AGAIN',
  ])('is unavailable, and asked again: %s', (code) => {
    expect(isDatabaseUnavailable(errorOf(code))).toBe(true);
    expect(toAppError(errorOf(code))).toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_UNAVAILABLE' });
  });

  it.each(['22P02', '23505', '25001', '42P01', 'XX000', 'ERR_INVALID_ARG', '550'])(
    'is not, where what was asked is wrong: %s',
    (code) => {
      expect(isDatabaseUnavailable(errorOf(code))).toBe(false);
    },
  );

  it('nor is one that takes no connections, or only reads', async () => {
    const database = await createTestDatabase({ template: 'unavailable', migrate: () => Promise.resolve() });
    const name = new URL(database.url).pathname.slice(1);
    const refusalOf = async (url: string, statement: string): Promise<unknown> => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query(statement);
        return null;
      } catch (error) {
        return error;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    const elsewhere = new URL(database.url);
    elsewhere.pathname = '/postgres';
    const readOnly = await refusalOf(database.url, 'begin read only; create table t ()');
    expect(await refusalOf(elsewhere.href, `alter database "${name}" with allow_connections false`)).toBeNull();
    const closed = await refusalOf(database.url, 'select 1');
    await refusalOf(elsewhere.href, `alter database "${name}" with allow_connections true`);
    await database.drop();
    for (const refusal of [readOnly, closed])
      expect(toAppError(refusal)).toMatchObject({ code: 'UNAVAILABLE', reason: 'DATABASE_UNAVAILABLE' });
  });
});

describe('the log of an error of the database', () => {
  it('repeats no value of a row or a parameter', async () => {
    const database = await createTestDatabase({ template: 'logged', migrate: () => Promise.resolve() });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("create table t (a text primary key, b int check (b > 0)); insert into t values ('hunter2', 1)");
    const lines: string[] = [];
    const log = createLog({ level: 'debug', name: 'test', destination: { write: (line) => void lines.push(line) } });
    for (const statement of [
      "insert into t values ('hunter2', 1)",
      "insert into t values ('hunter2', -1)",
      "select 'hunter2'::int",
      `select '"hunter2"x'::json`,
      "select 'hunter2'::timestamptz",
    ]) {
      const error: unknown = await client.query(statement).then(
        () => null,
        (refusal: unknown) => refusal,
      );
      expect(error).not.toBeNull();
      toGraphQLErrors([error, new Error('within', { cause: error })], 'req_1', log);
    }
    await client.end();
    await database.drop();
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.join('')).not.toContain('hunter2');
  });
});
