import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDatabaseUnavailable } from './database.ts';
import { watchDatabaseLack } from './database-readiness.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase({ template: 'empty', migrate: () => Promise.resolve() });
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

interface Answers {
  standby?: boolean;
  fails?: string;
  never?: boolean;
}

/** A server that answers like this; `released` says of each connection whether it was thrown away. */
function fakePool(answers: Answers): { pool: pg.Pool; released: unknown[]; asked: string[] } {
  const released: unknown[] = [];
  const asked: string[] = [];
  const query = (text: string): Promise<unknown> => {
    asked.push(text);
    if (answers.never === true) return new Promise(() => undefined);
    if (text.startsWith('set local') && answers.fails !== undefined) return Promise.reject(Object.assign(new Error('failed'), { code: answers.fails }));
    return Promise.resolve({ rows: [{ standby: answers.standby ?? false }] });
  };
  return { pool: { connect: () => Promise.resolve({ query, release: (isUseless: unknown) => void released.push(isUseless) }) } as unknown as pg.Pool, released, asked };
}

describe('a database', () => {
  it('that answers, may be written to and has room lacks nothing', async () => {
    const lack = watchDatabaseLack(pool);
    expect([await lack(), await lack()]).toEqual([null, null]);
    expect(pool.totalCount).toBe(1);
  });

  it('is asked once at a time, however many want to know', async () => {
    const fake = fakePool({});
    const lack = watchDatabaseLack(fake.pool);
    expect(await Promise.all([lack(), lack(), lack()])).toEqual([null, null, null]);
    expect([fake.released, fake.asked.length]).toEqual([[false], 2]);
    await lack();
    // Room is not looked for each time.
    expect(fake.asked.length).toBe(3);
  });

  it('that is a standby is said to be, and its connection is not kept', async () => {
    const fake = fakePool({ standby: true });
    expect(await watchDatabaseLack(fake.pool)()).toMatch(/^database: it is a standby/);
    expect(fake.released).toEqual([true]);
  });

  it('whose disk is full is said to have no room, until it has', async () => {
    const answers: Answers = { fails: '53100' };
    const fake = fakePool(answers);
    const lack = watchDatabaseLack(fake.pool);
    expect([await lack(), await lack()]).toEqual(['database: its disk is full', 'database: its disk is full']);
    delete answers.fails;
    expect(await lack()).toBeNull();
  });

  it('that does not answer, or never, is said not to', async () => {
    expect(await watchDatabaseLack(fakePool({ fails: '57P01' }).pool)()).toBe('database: it does not answer');
    expect(await watchDatabaseLack({ connect: () => Promise.reject(new Error('gone')) } as unknown as pg.Pool)()).toBe('database: it does not answer');
    expect(await watchDatabaseLack(fakePool({ never: true }).pool)()).toBe('database: it does not answer in time');
  });
});

describe('an error of PostgreSQL', () => {
  it.each(['08006', '53100', '53300', '57P01', '57P03', '58030', '25006'])('%s says that it is unavailable, and may be tried again', (code) => {
    expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(true);
  });

  it.each(['23505', '42601', '22P02', '40001'])('%s says that we asked wrongly', (code) => {
    expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(false);
  });

  it('that never comes, since the statement ran out on our side, says so too', () => {
    expect(isDatabaseUnavailable(new Error('Query read timeout'))).toBe(true);
  });
});
