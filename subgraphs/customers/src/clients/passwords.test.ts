import { beforeAll, describe, expect, it } from 'vitest';
import { createPasswords, type Passwords } from './passwords.ts';

let passwords: Passwords;
beforeAll(async () => {
  passwords = await createPasswords({ atOnce: 2, waiting: 3 });
});

const quiet = { admit: async () => undefined, mismatch: async () => undefined };

describe('a password', () => {
  it('fits its own hash only, and no hash at all', async () => {
    const hash = await passwords.hash('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify({ ...quiet, hash, password: 'correct horse' })).toBe(true);
    expect(await passwords.verify({ ...quiet, hash, password: 'correct horsE' })).toBe(false);
    expect(await passwords.verify({ ...quiet, hash: null, password: 'the password of nobody' })).toBe(false);
  });

  it('has another hash each time', async () => {
    expect(await passwords.hash('twice')).not.toBe(await passwords.hash('twice'));
  });
});

describe('the queue', () => {
  it('hashes so many at once, keeps so many waiting, refuses the rest at once, and is free again afterwards', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash('crowd')));
    expect(answers.map((answer) => answer.status)).toEqual([...Array(5).fill('fulfilled'), ...Array(3).fill('rejected')]);
    expect(answers[7]).toMatchObject({ reason: { code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', details: { retryAfterSeconds: 2 } } });
    expect(await passwords.hash('later')).toMatch(/^\$argon2id/);
  });

  it('asks each one for admission in its turn, and gives the turn on when it is refused', async () => {
    let inTurn = 0;
    const most: number[] = [];
    const refused = Array.from({ length: 5 }, () =>
      passwords.verify({
        hash: null,
        password: 'refused',
        admit: async () => {
          most.push((inTurn += 1));
          await Promise.resolve();
          inTurn -= 1;
          throw new Error('not admitted');
        },
        mismatch: async () => undefined,
      }),
    );
    const answers = await Promise.allSettled(refused);
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill('rejected'));
    expect(Math.max(...most)).toBeLessThanOrEqual(2);
    expect(await passwords.hash('later')).toMatch(/^\$argon2id/);
  });
});
