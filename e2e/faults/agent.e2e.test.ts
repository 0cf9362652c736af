/** The agent against the real thing: a machine whose clock lies, and kill -9 while it takes licenses. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestKey, DAY_MS, signLicense, START, testClaims } from '../../instance-agent/src/licenses.testkit.ts';
import { build, ROOT } from '../built.ts';
import { SIGN_UP } from '../documents.ts';
import { compileProgram } from './compile-program.ts';
import { countLives } from './lives.ts';

const KILLS = 300;
const KILLING_MS = 60_000;
const LANES = 3;
const AGENT = join(ROOT, 'instance-agent/bin/iotistic-agent.js');
const folder = mkdtempSync(join(tmpdir(), 'iotistic-agent-faults-'));
mkdirSync(join(ROOT, '.tmp'), { recursive: true });
const compiled = mkdtempSync(join(ROOT, '.tmp/license-writer-'));
afterAll(() => {
  for (const one of [folder, compiled]) rmSync(one, { recursive: true, force: true });
});

const LIBRARY = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find((path) => existsSync(path));
if (LIBRARY === undefined) process.stderr.write("no libfaketime (Debian's package faketime): the lying clocks are skipped\n");

describe.skipIf(LIBRARY === undefined)('a machine whose clock lies', () => {
  let booted: BootedPlane;
  let environment: Record<string, string>;
  const offset = join(folder, 'offset');

  /** The wall clock is what the file says; elapsed time stays true. */
  const lying = (): Record<string, string> => ({ ...environment, LD_PRELOAD: LIBRARY ?? '', FAKETIME_TIMESTAMP_FILE: offset, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' });
  const setClock = (by: string): void => writeFileSync(offset, by);
  const offline = (): Record<string, string> => ({ ...lying(), BILLING_API_URL: 'http://127.0.0.1:9' });

  /** What the agent says of its license with that clock, asking nobody. */
  function stateAt(by: string): { state: string } {
    setClock(by);
    const { stdout, stderr, status } = spawnSync(process.execPath, [AGENT, 'license', '--json'], { env: { ...process.env, ...offline() }, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { state: string };
  }

  beforeAll(async () => {
    await build();
    booted = await bootPlane();
    const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'clock@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
    const { createApiKey } = await booted.client.as({ bearer: signUp.session.token }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: signUp.customer.id, name: 'agent' } });
    environment = { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: join(folder, 'agent'), AGENT_PORT: String(await findFreePort()), LOG_LEVEL: 'silent' };
    const first = startProcess(process.execPath, [AGENT, 'once'], environment, { cwd: ROOT });
    expect(await first.exited).toBe(0);
  });
  afterAll(() => booted.stop());

  it.each([
    ['-60d', 'licensed'],
    ['-2h', 'licensed'],
    ['+10y', 'licensed'],
    ['+10d', 'licensed'],
    ['+15d', 'grace'],
    ['+22d', 'read-only'],
    ['+40d', 'expired'],
  ])('by %s, without us, finds a trial %s: back is not believed, ten years are not, a calendar is', (by, state) => {
    expect(stateAt(by).state).toBe(state);
  });

  it('while it runs is found out, and nothing follows; set right, all is well again', async () => {
    setClock('+0');
    const agent: StartedProcess = startProcess(process.execPath, [AGENT, 'run'], { ...lying(), COLLECTION_INTERVAL: '300' }, { cwd: ROOT });
    const url = `http://127.0.0.1:${environment['AGENT_PORT']}`;
    const look = async (): Promise<{ state: string; problems: string[]; controlPlane: { lastContactAt: string | null } }> => (await (await fetch(`${url}/api/v1/license`)).json()) as never;
    await untilReady(`${url}/healthz`, agent);
    await waitFor(async () => expect((await look()).controlPlane.lastContactAt).not.toBeNull());
    for (const by of ['-60d', '+2h', '+10y', '-2h']) {
      setClock(by);
      await waitFor(async () => expect(await look()).toMatchObject({ state: 'licensed', problems: ['CLOCK_SKEW'] }));
      const seen = Date.parse((await look()).controlPlane.lastContactAt ?? '');
      expect(Math.abs(seen - Date.now())).toBeLessThan(120_000);
    }
    setClock('+0');
    await waitFor(async () => expect(await look()).toMatchObject({ state: 'licensed', problems: [] }));
    expect(await agent.stop('SIGTERM')).toBe(0);
  });

  it('from its very start on is set right by its first contact', async () => {
    setClock('-60d');
    const fresh = { ...lying(), AGENT_DATA_DIR: join(folder, 'fresh') };
    const once = startProcess(process.execPath, [AGENT, 'once'], fresh, { cwd: ROOT });
    expect([await once.exited, once.output()]).toEqual([0, expect.stringContaining('licensed')]);
  });
});

describe('kill -9 while licenses are taken', () => {
  const key = createTestKey();
  const tokens = Array.from({ length: 4_000 }, (_each, index) => signLicense(key, testClaims({ version: index + 1 })));
  const file = join(folder, 'licenses.json');
  let writer: string;
  beforeAll(async () => {
    writeFileSync(file, JSON.stringify({ publicKey: key.publicKeyPem, now: new Date(START.getTime() + DAY_MS).toISOString(), tokens }));
    writer = await compileProgram(join(import.meta.dirname, 'license-writer.ts'), compiled);
  });

  /** One life: what it held when it opened, and the newest that it said it holds. */
  async function live(data: string, version: number): Promise<{ opened: [number, string, string]; taken: number }> {
    const child: ChildProcess = spawn(process.execPath, [writer, data, String(version), file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let opened: [number, string, string] | null = null;
    let taken = 0;
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      const [word = '', first = '', ...rest] = line.split(' ');
      if (word === 'accepted') taken = Number(first);
      if (word !== 'opened') return;
      opened = [Number(first), rest[0] ?? '', rest.slice(1).join(' ')];
      setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
    });
    await once(lines, 'close');
    if (opened === null) throw new Error('the process did not open its folder');
    return { opened, taken };
  }

  it('leaves a whole license, never an older one than it said it holds', async () => {
    const goesOn = countLives({ lives: KILLS, lanes: LANES, forMs: KILLING_MS });
    await Promise.all(
      Array.from({ length: LANES }, async (_each, lane) => {
        const data = mkdtempSync(join(folder, `lane-${lane}-`));
        let newest = 0;
        for (let kill = 0; goesOn(kill); kill += 1) {
          const { opened, taken } = await live(data, newest + 1);
          expect(opened[0]).toBeGreaterThanOrEqual(newest);
          expect(opened[1]).toBe(opened[0] === 0 ? 'unlicensed' : 'licensed');
          newest = Math.max(opened[0], taken);
        }
        expect(newest).toBeGreaterThan(0);
      }),
    );
  }, 400_000);
});
