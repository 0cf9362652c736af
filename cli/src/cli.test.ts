import { afterAll, describe, expect, it } from 'vitest';
import { CliError, EXIT, InterruptedError } from './cli-error.ts';
import { CliUnderTest, pageOf } from './terminal.testkit.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const refusing = (code: string, reason: string, exitCode: (typeof EXIT)[keyof typeof EXIT]) => () => {
  throw new CliError(exitCode, 'The plane says no.', { code, reason, requestId: 'req_1' });
};

describe('a command line', () => {
  it.each([
    ['an unknown command', ['customer', 'list']],
    ['an unknown option', ['customers', 'list', '--al']],
    ['an argument too many', ['customers', 'show', 'cust_1', 'cust_2']],
    ['an argument too few', ['customers', 'show']],
    ['a required option that is missing', ['customers', 'add']],
    ['a plan that is none', ['customers', 'upgrade', 'cust_1', '--plan', 'gold']],
    ['a number that is none', ['customers', 'list', '--limit', '0x10']],
    ['a number out of range', ['usage', 'show', '--all', '--days', '0']],
    ['two that exclude each other', ['usage', 'show', '--all', '--customer', 'cust_1']],
    ['none of two', ['usage', 'show']],
    ['a command alone', ['customers']],
    ['nothing at all', []],
  ])('with %s ends with 2, says why, and asks nothing', async (_what, argv) => {
    const ran = await cli.run(argv);
    expect(ran).toMatchObject({ code: EXIT.usage, stdout: '', asked: [] });
    expect(ran.stderr).not.toBe('');
    expect(ran.stderr).not.toContain('    at ');
  });

  it('with --json has one document on standard output when it is wrong, too', async () => {
    const { code, json } = await cli.run(['customers', 'list', '--limit', 'many', '--json']);
    expect(code).toBe(EXIT.usage);
    expect(json).toMatchObject({ error: { exitCode: 2, message: expect.stringContaining('whole number') as string } });
  });

  it('with a token in it is refused, and the token is not repeated', async () => {
    for (const argv of [['--token', 'hush-hush', 'customers', 'list'], ['customers', 'list', '--token=hush-hush']]) {
      const ran = await cli.run(argv);
      expect(ran.code).toBe(EXIT.usage);
      expect(`${ran.stdout}${ran.stderr}`).not.toContain('hush-hush');
    }
  });

  it('that asks for help or the version gets it, with 0', async () => {
    expect(await cli.run(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    for (const argv of [['--help'], ['customers', '--help'], ['help', 'usage'], ['usage', 'show', '-h']]) {
      const { code, stdout } = await cli.run(argv);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Usage: iotctl /);
    }
  });
});

describe('what the plane refuses', () => {
  it.each([
    ['NOT_FOUND', EXIT.notFound],
    ['FORBIDDEN', EXIT.notAllowed],
    ['LIMIT_EXCEEDED', EXIT.limit],
    ['UNAVAILABLE', EXIT.unreachable],
    ['CONFLICT', EXIT.failure],
  ] as const)('%s ends with its code, in a sentence that names the request', async (code, exitCode) => {
    const ran = await cli.run(['customers', 'list', '--json'], { answers: { ListCustomers: refusing(code, 'SOME_REASON', exitCode) } });
    expect(ran.code).toBe(exitCode);
    expect(ran.stderr).toBe('The plane says no. (SOME_REASON, request req_1)\n');
    expect(ran.json).toEqual({ error: { message: 'The plane says no.', code, reason: 'SOME_REASON', requestId: 'req_1', exitCode } });
  });

  it('in a way that nobody foresaw ends with 1 and without a stack', async () => {
    const ran = await cli.run(['customers', 'list'], { answers: { ListCustomers: () => { throw new TypeError('undefined is not a function'); } } });
    expect(ran.code).toBe(EXIT.failure);
    expect(ran.stderr).toBe('That went wrong in a way that iotctl does not know: undefined is not a function\n');
  });
});

describe('Ctrl-C', () => {
  it('in the middle ends with 130, whatever broke because of it', async () => {
    const interrupted = new AbortController();
    const ran = await cli.run(['customers', 'list'], {
      signal: interrupted.signal,
      answers: {
        ListCustomers: () => {
          interrupted.abort(new InterruptedError());
          throw new Error('the socket was closed');
        },
      },
    });
    expect(ran).toMatchObject({ code: 130, stdout: '', stderr: '\nInterrupted.\n' });
  });
});

describe('lists', () => {
  const customer = (id: string) => ({ id, email: `${id}@example.com`, fullName: null, companyName: 'Acme', status: 'ACTIVE', createdAt: '2026-11-01T00:00:00.000Z', subscription: { status: 'ACTIVE', plan: { key: 'STARTER' } } });

  it('follow the pages up to --limit and say that there are more', async () => {
    const answers = { ListCustomers: ({ first, after }: { first: number; after: string | null }) => ({ customers: pageOf(Array.from({ length: first }, (_, index) => customer(`cust_${after ?? 'a'}${index}`)), true, `${after ?? ''}b`) }) };
    const ran = await cli.run(['customers', 'list', '--limit', '250', '--json'], { answers });
    expect(ran.asked.map(({ variables }) => [variables['first'], variables['after']])).toEqual([[100, null], [100, 'b'], [50, 'bb']]);
    expect(ran.json).toMatchObject({ hasMore: true, customers: expect.objectContaining({ length: 250 }) as unknown });
    expect((await cli.run(['customers', 'list', '--limit', '2'], { answers })).stdout).toContain('The first 2; see more with --limit.');
  });

  it('that are empty are tables without rows', async () => {
    const { code, stdout } = await cli.run(['customers', 'list'], { answers: { ListCustomers: { customers: pageOf([]) } } });
    expect(code).toBe(0);
    expect(stdout).toContain('Found 0 customer(s)');
  });

  it('do not let a customer write on the screen', async () => {
    const { stdout } = await cli.run(['customers', 'list'], { answers: { ListCustomers: { customers: pageOf([{ ...customer('cust_1'), companyName: '\u001B[2J\u001B]0;evil\u0007Acme\r\n\u202Eemca' }]) } } });
    expect(stdout).not.toMatch(/[\u001B\u0007\r\u202E]/);
    expect(stdout).toContain('Acme');
  });
});
