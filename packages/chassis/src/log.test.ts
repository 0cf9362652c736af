import { describe, expect, it } from 'vitest';
import { createLog, withRequestId } from './log.ts';

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

  it('tells an error with what caused it', () => {
    const { lines } = loggedBy((log) => log.error({ err: new Error('refused', { cause: new Error('no connection') }) }, 'failed'));
    expect(lines).toMatchObject([{ level: 50, process: 'test', msg: 'failed', err: { message: 'refused', cause: { message: 'no connection' } } }]);
  });
});
