/** SIGTERM, whatever hangs on the server: each process ends with 0 and in its time, and no request of those that are being served fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { build, mainOf, ROOT } from '../built.ts';
import { ADMIN_TOKEN, holdConnection, PARTS, Replicas } from './replicas.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-stop-'));
const HANGING: readonly [what: string, text: string][] = [
  ['nothing', ''],
  ['half of the headers', 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-ty'],
  ['half of a body', 'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"query":'],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['many requests, and reads none', 'GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'.repeat(20)],
];

/** Connections of each kind to this server. */
const hangOn = (url: string): Promise<{ destroy(): void }[]> => Promise.all(HANGING.map(([, text]) => holdConnection(url, text)));

let database: TestDatabase;
beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'processes', migrate: () => Promise.resolve() });
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a plane of separate processes', () => {
  it('ends with 0, each part of it, though clients of every bad kind hang on', async () => {
    const plane = await Replicas.start({ folder: join(folder, 'parts'), databaseUrl: database.url, count: 1, environment: { DRAIN_MS: '200' } });
    const held = (await Promise.all(PARTS.map((part) => hangOn(plane.url(part))))).flat();
    const idle = new WebSocket(`${plane.url('gateway').replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    idle.on('error', () => undefined);
    const ends = await Promise.all(PARTS.map(async (part) => [part, await plane.process(part).stop('SIGTERM')]));
    for (const connection of held) connection.destroy();
    idle.terminate();
    await plane.stop();
    expect(ends).toEqual(PARTS.map((part) => [part, 0]));
  }, 600_000);
});

describe('npm start', () => {
  let port: number;
  let plane: StartedProcess;
  const agents: Agent[] = [];

  beforeAll(async () => {
    port = await findFreePort();
    const own = await createTestDatabase({ template: 'processes', migrate: () => Promise.resolve() });
    plane = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(port), DATA_DIR: join(folder, 'plane'), DATABASE_URL: own.url, ADMIN_API_TOKEN: ADMIN_TOKEN, LOG_LEVEL: 'warn' }, { cwd: ROOT });
    await untilReady(`http://127.0.0.1:${port}/readyz`, plane, 240_000);
  }, 600_000);
  afterAll(async () => {
    for (const agent of agents) agent.destroy();
    await plane?.stop('SIGKILL');
  });

  /** Nothing where it was answered; else what was said instead. */
  function ask(agent: Agent): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', agent, headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += String(chunk)));
        response.on('end', () => resolve(response.statusCode === 200 ? '' : text));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(JSON.stringify({ query: '{ customers { totalCount } }' }));
    });
  }

  it('fails no request of eight clients that keep their connections, and ends with 0 beside those that hang on', async () => {
    const held = await hangOn(`http://127.0.0.1:${port}`);
    let answered = 0;
    const ends: string[] = [];
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(agent);
      let end = '';
      while (end === '') {
        await ask(agent).then(
          (refusal) => {
            if (refusal === '') answered += 1;
            end = refusal;
          },
          (error: NodeJS.ErrnoException) => {
            end = error.code ?? error.message;
          },
        );
      }
      ends.push(end);
    };
    const clients = Array.from({ length: 8 }, client);
    await waitFor(() => expect(answered).toBeGreaterThan(200), { timeout: 120_000 });
    expect(await plane.stop('SIGTERM')).toBe(0);
    await Promise.all(clients);
    for (const connection of held) connection.destroy();
    expect(ends).toEqual(Array.from({ length: 8 }, () => 'ECONNREFUSED'));
  }, 600_000);
});

describe('the programs beside the plane', () => {
  it.each([
    ['the simulated Stripe', (port: number) => startProcess(process.execPath, [mainOf('stripe-simulator')], { PORT: String(port) }, { cwd: ROOT }), '/_sim/health'],
    ['the agent of an instance', (port: number) => startProcess(process.execPath, [join(ROOT, 'instance-agent/bin/iotistic-agent.js'), 'run'], { AGENT_PORT: String(port), BILLING_API_URL: 'http://127.0.0.1:9', IOTISTIC_API_KEY: 'iotk_none', AGENT_DATA_DIR: join(folder, 'agent'), LOG_LEVEL: 'silent' }, { cwd: ROOT }), '/healthz'],
  ])('%s ends with 0 beside clients that hang on', async (_name, start, path) => {
    const port = await findFreePort();
    const program = start(port);
    await untilReady(`http://127.0.0.1:${port}${path}`, program, 120_000);
    const held = await hangOn(`http://127.0.0.1:${port}`);
    const end = await program.stop('SIGTERM');
    for (const connection of held) connection.destroy();
    expect(end).toBe(0);
  }, 300_000);
});
