import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from './cli-error.ts';
import { profilesPath } from './profiles.ts';
import { resolveTarget } from './target.ts';
import { CliUnderTest, pageOf, type RunOptions } from './terminal.testkit.ts';

let cli: CliUnderTest;
beforeEach(() => {
  cli = new CliUnderTest();
});
afterEach(() => cli.close());

const answers = { ListCustomers: { customers: pageOf([]) } };
const connectedTo = async (environment: Record<string, string>, argv: string[] = []) => (await cli.run(['customers', 'list', ...argv], { answers, environment })).connectedTo;
const add = (name: string, url: string, input = 'kept-token', options: RunOptions = {}) => cli.run(['profile', 'add', name, '--url', url, '--token-file', '-', '--json'], { input, ...options });

describe('which plane is meant', () => {
  it('is this machine, unless something is said', async () => {
    expect(await connectedTo({})).toEqual({ url: 'http://127.0.0.1:3100', token: null });
  });

  it('is IOTCTL_URL with IOTCTL_TOKEN, or with a file', async () => {
    const file = join(cli.folder, 'token');
    writeFileSync(file, 'from-file\n');
    expect(await connectedTo({ IOTCTL_URL: 'http://127.0.0.1:4000/', IOTCTL_TOKEN: ' one ' })).toEqual({ url: 'http://127.0.0.1:4000', token: 'one' });
    expect(await connectedTo({ IOTCTL_TOKEN_FILE: file })).toEqual({ url: 'http://127.0.0.1:3100', token: 'from-file' });
  });

  it('is the profile in use, which --profile and IOTCTL_PROFILE exchange', async () => {
    await add('live', 'https://plane.example');
    await add('test', 'http://127.0.0.1:4000', 'other-token');
    expect(await connectedTo({})).toEqual({ url: 'https://plane.example', token: 'kept-token' });
    expect(await connectedTo({}, ['--profile', 'test'])).toEqual({ url: 'http://127.0.0.1:4000', token: 'other-token' });
    expect(await connectedTo({ IOTCTL_PROFILE: 'test', IOTCTL_URL: 'http://elsewhere.example', IOTCTL_TOKEN: 'x' })).toEqual({ url: 'http://127.0.0.1:4000', token: 'other-token' });
    await cli.run(['profile', 'use', 'test']);
    expect(await connectedTo({})).toEqual({ url: 'http://127.0.0.1:4000', token: 'other-token' });
  });

  it("never gives a profile's token to another address", async () => {
    await add('live', 'https://plane.example');
    expect(await connectedTo({ IOTCTL_URL: 'https://elsewhere.example' })).toEqual({ url: 'https://elsewhere.example', token: null });
    expect(await connectedTo({ IOTCTL_URL: 'https://plane.example' })).toEqual({ url: 'https://plane.example', token: 'kept-token' });
  });

  it.each(['plane.example', 'ftp://plane.example', 'http://user:pass@plane.example', 'http://plane.example/?token=x', ''])('is not %s', async (url) => {
    const ran = await cli.run(['profile', 'add', 'x', '--url', url, '--no-token']);
    expect(ran).toMatchObject({ code: EXIT.usage, asked: [] });
    expect(ran.stderr).not.toContain('pass@');
  });

  it('is refused with a token that is none, which is not repeated', async () => {
    const { code, stderr } = await cli.run(['customers', 'list'], { environment: { IOTCTL_TOKEN: 'two words' } });
    expect(code).toBe(EXIT.usage);
    expect(stderr).toBe('IOTCTL_TOKEN: that is not a token: its character 4 (U+0020) is in none.\n');
    expect((await cli.run(['customers', 'list'], { environment: { IOTCTL_TOKEN_FILE: '/nowhere/token' } })).code).toBe(EXIT.usage);
  });

  it.each(['"secret-token"', 'secret-token\r\n', '\ufeffsecret-token', 'IOTCTL_TOKEN=secret-token', "export ADMIN_API_TOKEN='secret-token'\n"])('takes a token as it was given out, however it was copied: %j', (text) => {
    expect(resolveTarget({ environment: { IOTCTL_TOKEN: text }, configFolder: cli.configFolder }, null).token).toBe('secret-token');
  });

  it('is warned of where the token would travel unencrypted', async () => {
    expect((await cli.run(['customers', 'list'], { answers, environment: { IOTCTL_URL: 'http://plane.example', IOTCTL_TOKEN: 'x' } })).stderr).toContain('unencrypted');
    expect((await cli.run(['customers', 'list'], { answers, environment: { IOTCTL_URL: 'http://127.0.0.1:4000', IOTCTL_TOKEN: 'x' } })).stderr).toBe('');
  });
});

describe('profiles', () => {
  it('are kept for their owner alone, and their tokens are never shown', async () => {
    const added = await add('live', 'https://plane.example');
    expect(added.json).toEqual({ profile: { name: 'live', url: 'https://plane.example', hasToken: true, isCurrent: true } });
    const path = profilesPath(cli.configFolder);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(cli.configFolder).mode & 0o777).toBe(0o700);
    expect(readFileSync(path, 'utf8')).toContain('kept-token');
    for (const argv of [['profile', 'list'], ['profile', 'list', '--json'], ['config', 'list']]) {
      const { stdout, stderr } = await cli.run(argv);
      expect(stdout).toContain('https://plane.example');
      expect(`${stdout}${stderr}${added.stdout}${added.stderr}`).not.toContain('kept-token');
    }
  });

  it('take the token from a prompt that does not show it', async () => {
    const ran = await cli.run(['profile', 'add', 'live', '--url', 'https://plane.example'], { person: { secret: 'typed-token' } });
    expect(ran).toMatchObject({ code: 0, questions: ['Token (it is not shown)'] });
    expect(await connectedTo({})).toEqual({ url: 'https://plane.example', token: 'typed-token' });
    expect((await cli.run(['profile', 'add', 'two', '--url', 'https://plane.example'])).code).toBe(EXIT.usage);
  });

  it('are not replaced unless asked to be', async () => {
    await add('live', 'https://plane.example');
    expect((await add('live', 'https://other.example')).code).toBe(EXIT.failure);
    expect((await cli.run(['profile', 'add', 'live', '--url', 'https://other.example', '--no-token', '--force'])).code).toBe(0);
    expect(await connectedTo({})).toEqual({ url: 'https://other.example', token: null });
  });

  it('are removed with their token, when somebody says yes', async () => {
    await add('live', 'https://plane.example');
    expect(await cli.run(['profile', 'remove', 'live'])).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('--yes') as string });
    expect((await cli.run(['profile', 'remove', 'live'], { person: { confirms: false } })).code).toBe(EXIT.failure);
    expect((await cli.run(['profile', 'remove', 'live', '--dry-run'])).code).toBe(0);
    expect(readFileSync(profilesPath(cli.configFolder), 'utf8')).toContain('kept-token');
    expect((await cli.run(['profile', 'remove', 'live', '--yes'])).code).toBe(0);
    expect(readFileSync(profilesPath(cli.configFolder), 'utf8')).not.toContain('kept-token');
    expect(await connectedTo({})).toEqual({ url: 'http://127.0.0.1:3100', token: null });
  });

  it('that do not exist are not found', async () => {
    for (const argv of [['profile', 'use', 'nobody'], ['profile', 'remove', 'nobody', '--yes'], ['customers', 'list', '--profile', 'nobody'], ['customers', 'list', '--profile', 'toString']]) expect((await cli.run(argv)).code, argv.join(' ')).toBe(EXIT.notFound);
  });

  it('have a name that names nothing else', async () => {
    for (const name of ['__proto__', '../x', 'a b', '']) expect((await cli.run(['profile', 'add', name, '--url', 'https://plane.example', '--no-token'])).code, name).toBe(EXIT.usage);
  });

  it('in a file that is damaged, or that others can read, are told of', async () => {
    await add('live', 'https://plane.example');
    chmodSync(profilesPath(cli.configFolder), 0o644);
    expect((await cli.run(['customers', 'list'], { answers })).stderr).toContain('Others on this machine can read');
    writeFileSync(profilesPath(cli.configFolder), '{');
    expect(await cli.run(['profile', 'list'])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('is damaged') as string });
  });

  it('where nothing can be written say so', async () => {
    writeFileSync(cli.configFolder, 'a file');
    expect(await cli.run(['profile', 'add', 'x', '--url', 'https://plane.example', '--no-token'])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining('cannot be written') as string });
  });
});
