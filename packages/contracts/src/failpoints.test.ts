import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { armFailpoints, failpoint, FailpointError, type FailpointName, FAILPOINTS } from './failpoints.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NAMES = Object.keys(FAILPOINTS) as FailpointName[];
const SOURCES = ['packages/chassis/src', 'gateway/src', 'subgraphs', 'instance-agent/src', 'control-plane/src'];

function outcomes(name: FailpointName, times: number): Promise<boolean[]> {
  return Promise.all(Array.from({ length: times }, async () => (await Promise.resolve(failpoint(name)).catch((error: unknown) => error)) instanceof FailpointError));
}

afterEach(() => armFailpoints({}));

describe('while nothing is armed', () => {
  it('a failpoint does nothing, not even a promise', () => {
    for (const name of NAMES) expect(failpoint(name)).toBeUndefined();
  });

  it('an empty text arms nothing', () => {
    expect(armFailpoints({ FAILPOINTS: ' ' })).toEqual([]);
    expect(failpoint('relay.queued')).toBeUndefined();
  });
});

describe('production', () => {
  it('refuses every failpoint, and arms none', () => {
    expect(armFailpoints({ FAILPOINTS: 'relay.queued=throw', NODE_ENV: 'production' })).toEqual(['FAILPOINTS: is for tests, and refused with NODE_ENV=production']);
    expect(failpoint('relay.queued')).toBeUndefined();
  });
});

describe('what is armed', () => {
  it('throws where it says so, and nowhere else', async () => {
    expect(armFailpoints({ FAILPOINTS: 'relay.queued=throw' })).toEqual([]);
    await expect(failpoint('relay.queued')).rejects.toThrow('the failpoint relay.queued fails');
    await expect(failpoint('inbox.handled')).resolves.toBeUndefined();
  });

  it('happens once, or at the nth time alone', async () => {
    armFailpoints({ FAILPOINTS: 'relay.queued=throw@once; inbox.handled=throw@nth(3)' });
    expect(await outcomes('relay.queued', 4)).toEqual([true, false, false, false]);
    expect(await outcomes('inbox.handled', 4)).toEqual([false, false, true, false]);
  });

  it('happens about as often as its probability says, the same for the same seed and another for another', async () => {
    const drawn = async (seed: number): Promise<boolean[]> => {
      armFailpoints({ FAILPOINTS: `seed=${seed};relay.queued=throw@0.2` });
      return outcomes('relay.queued', 1_000);
    };
    const first = await drawn(7);
    expect(await drawn(7)).toEqual(first);
    expect(await drawn(8)).not.toEqual(first);
    for (const seed of [7, 8, 9]) expect((await drawn(seed)).filter(Boolean).length / 1_000).toBeCloseTo(0.2, 1);
  });

  it('kills the process at the very place, as kill -9 does', () => {
    const program = "import { armFailpoints, failpoint } from './failpoints.ts'; armFailpoints({ FAILPOINTS: 'relay.queued=kill@nth(2)' }); await failpoint('relay.queued'); console.log('first'); await failpoint('relay.queued'); console.log('second');";
    const ended = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect([ended.signal, ended.stdout]).toEqual(['SIGKILL', 'first\n']);
    expect(ended.stderr).toContain('failpoint relay.queued: kill');
  });

  it('waits where it says so', async () => {
    armFailpoints({ FAILPOINTS: 'relay.queued=delay(5)' });
    const order: string[] = [];
    const held = Promise.resolve(failpoint('relay.queued')).then(() => order.push('held'));
    await failpoint('inbox.handled');
    order.push('passed');
    await held;
    expect(order).toEqual(['passed', 'held']);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['nowhere=kill', 'there is no failpoint nowhere'],
    ['relay.queued', 'a rule is not'],
    ['relay.queued=explode', 'a rule is not'],
    ['relay.queued=kill@2', 'a rule is not'],
    ['relay.queued=kill@0', 'a rule is not'],
    ['relay.queued=delay(99999)', 'a rule is not'],
    ['relay.queued=kill;relay.queued=throw', 'is named twice'],
    ['seed=x;relay.queued=kill', 'the seed is one whole number'],
    ['seed=1;seed=2;relay.queued=kill', 'the seed is one whole number'],
  ])('%s is refused, and arms nothing', (text, problem) => {
    expect(armFailpoints({ FAILPOINTS: text })).toEqual([expect.stringContaining(problem)]);
    expect(failpoint('relay.queued')).toBeUndefined();
  });
});

describe('the list of failpoints', () => {
  it('is what the code has, each once', () => {
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...SOURCES], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    const placed = files.flatMap((path) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\bfailpoint\('([^']+)'\)/g)].map(([, name = '']) => name));
    expect(placed.toSorted()).toEqual(NAMES.toSorted());
  });

  it('is what docs/reliability.md lists, in the same words', () => {
    const section = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8').split(/^## /m).find((part) => part.startsWith('Failpoints\n')) ?? '';
    const listed = Object.fromEntries([...section.matchAll(/^\| `([a-z.-]+)` \| (.+) \|$/gm)].map(([, name = '', what = '']) => [name, what]));
    expect(listed).toEqual(FAILPOINTS);
  });
});
