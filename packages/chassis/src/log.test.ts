import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLog, currentRequestId, withRequestId } from './log.ts';

function loggedBy(work: (log: ReturnType<typeof createLog>) => void): { text: string; lines: Record<string, unknown>[] } {
  let text = '';
  work(createLog({ level: 'debug', name: 'test', destination: { write: (line: string) => void (text += line) } }));
  return { text, lines: text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the log', () => {
  it.each(['password', 'secret', 'token', 'authorization', 'apiKey', 'cookie'])('never says a %s, however it came in', (name) => {
    const { text } = loggedBy((log) => {
      log.info({ [name]: 'hunter2' }, 'at the top');
      log.info({ headers: { [name]: 'hunter2' } }, 'one level below');
      log.warn({ request: { headers: { [name]: 'hunter2' } } }, 'two levels below');
      log.child({ service: 'usage' }).error({ input: { [name]: 'hunter2' } }, 'by a service');
    });
    expect(text).not.toContain('hunter2');
    expect(text.match(/\[redacted\]/g)).toHaveLength(4);
  });

  it('says on every line whose request it is part of, through promises', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'info', name: 'test', destination: { write: (line: string) => void lines.push(line) } });
    log.info('before');
    await withRequestId('req_1', async () => {
      await Promise.resolve();
      log.info('within');
    });
    expect(lines.map((line) => (JSON.parse(line) as { requestId?: string }).requestId)).toEqual([undefined, 'req_1']);
  });

  it('tells of a lost connection what happened, and not all that the connection was', () => {
    const { lines } = loggedBy((log) => log.warn({ err: Object.assign(new Error('terminated'), { code: '57P01', client: { connection: {} } }) }, 'lost'));
    expect(lines).toMatchObject([{ err: { type: 'Error', message: 'terminated', code: '57P01' } }]);
    expect(lines[0]?.['err']).not.toHaveProperty('client');
  });

  it('tells an error with what caused it', () => {
    const { lines } = loggedBy((log) => log.error({ err: new Error('refused', { cause: new Error('no connection') }) }, 'failed'));
    expect(lines).toMatchObject([{ level: 50, process: 'test', msg: 'failed', err: { message: 'refused', cause: { message: 'no connection' } } }]);
  });
});

describe('the id of a request', () => {
  it('is at hand as long as its work runs, also where that fails, and nowhere else', async () => {
    const seen: (string | null)[] = [];
    const look = async (): Promise<void> => {
      await nextTurn();
      seen.push(currentRequestId());
    };
    await withRequestId('req_1', look);
    await look();
    await expect(withRequestId('req_2', async () => look().then(() => Promise.reject(new Error('refused'))))).rejects.toThrow('refused');
    await look();
    expect(() => withRequestId('req_3', () => refuse(seen))).toThrow('refused');
    expect(withRequestId('req_4', () => currentRequestId())).toBe('req_4');
    await look();
    expect(seen).toEqual(['req_1', null, 'req_2', null, 'req_3', null]);
  });

  it('is its own of each of many at once, and the inner one within another', async () => {
    const seen: (string | null)[] = [];
    const run = (id: string, turns: number): Promise<void> =>
      withRequestId(id, async () => {
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
        await withRequestId(`${id}.inner`, async () => {
          await nextTurn();
          seen.push(currentRequestId());
        });
        seen.push(currentRequestId());
      });
    await Promise.all([run('a', 1), run('b', 4), run('c', 7)]);
    expect(seen).toEqual(['a.inner', 'a', 'b.inner', 'b', 'c.inner', 'c']);
  });
});

function refuse(seen: (string | null)[]): never {
  seen.push(currentRequestId());
  throw new Error('refused');
}
