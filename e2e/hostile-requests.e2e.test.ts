/**
 * What a stranger or a small account may send to cost us: each shape is answered as the mistake that it is, and repeats
 * nothing.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createGraphqlClient, type Credential, headersOf } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { HOSTILE_SHAPES } from '@iotistic/testkit/hostile-requests';
import { type HostileShape, SECRET } from '@iotistic/testkit/hostile-shape';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf } from './built.ts';
import { SIGN_UP } from './documents.ts';

const ADMIN_TOKEN = 'an-admin-token-for-tests';
/** Of the log at level debug, of one request. */
const MAX_LOGGED_CHARACTERS = 50_000;
/** A thousand refused reports are a thousand lines of the answer. */
const MAX_ANSWERED_CHARACTERS = 3_000_000;
const ALLOWED_STATUSES = [200, 400, 401, 403, 404, 409, 413, 415, 429];

const folder = mkdtempSync(join(tmpdir(), 'iotistic-hostile-'));
let database: TestDatabase;
let plane: StartedProcess;
let url: string;
let customerId: string;
let session: Credential;
let instance: Credential;

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'hostile', migrate: () => Promise.resolve() });
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}`;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  plane = startProcess(process.execPath, [mainOf('control-plane')], {
    NODE_ENV: 'test',
    // Each shape is answered for itself, also the last of them.
    CUSTOMER_COST_PER_MINUTE: '0',
    LOG_LEVEL: 'debug',
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    MAIL_DIR: join(folder, 'mail'),
    DATABASE_URL: database.url,
    ADMIN_API_TOKEN: ADMIN_TOKEN,
    LICENSE_PRIVATE_KEY: key,
    STRIPE_SIMULATOR: 'true',
  });
  await untilReady(`${url}/readyz`, plane);
  const client = createGraphqlClient(url);
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, {
    input: { email: 'ada@example.com', password: 'correct horse' },
  });
  customerId = signUp.customer.id;
  session = { bearer: signUp.session.token };
  const { createApiKey } = await client
    .as(session)
    .ask<{ createApiKey: { secret: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }',
      { input: { customerId, name: 'k' } },
    );
  instance = { apiKey: createApiKey.secret };
}, 300_000);
afterAll(async () => {
  await plane?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  text: string;
  logged: string;
}

let sent = 0;

async function send(shape: HostileShape, credential: Credential): Promise<Answer> {
  sent += 1;
  const { body, search } = shape.make(`T${sent}`, customerId);
  const before = plane.output().length;
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json', 'apollo-require-preflight': '1', ...headersOf(credential) };
  const answer = await fetch(`${url}/graphql${search === undefined ? '' : `?${search}`}`, {
    headers,
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  return { status: answer.status, text: await answer.text(), logged: plane.output().slice(before) };
}

/** Every shape, and what is wrong with its answer. */
async function faultsOf(credentialOf: (shape: HostileShape) => Credential): Promise<string[]> {
  const faults: string[] = [];
  for (const shape of HOSTILE_SHAPES) {
    const { status, text, logged } = await send(shape, credentialOf(shape));
    const found = [
      ...(ALLOWED_STATUSES.includes(status) ? [] : [`HTTP ${status}: ${text.slice(0, 300)}`]),
      ...(text.includes(SECRET) ? ['the answer repeats a value'] : []),
      ...(/"code":"INTERNAL"/.test(text) ? [`a fault of ours: ${text.slice(0, 300)}`] : []),
      ...(text.length > MAX_ANSWERED_CHARACTERS ? [`an answer of ${text.length} characters`] : []),
      ...(logged.includes(SECRET) ? ['the log repeats a value'] : []),
      ...(logged.length > MAX_LOGGED_CHARACTERS ? [`a log of ${logged.length} characters`] : []),
      ...(/"level":[56]0/.test(logged)
        ? [`logged as a fault: ${/.*"level":[56]0.*/.exec(logged)?.[0].slice(0, 600)}`]
        : []),
    ];
    faults.push(...found.map((fault) => `${shape.kind}, ${shape.name}: ${fault}`));
  }
  return faults;
}

describe('each of the hostile shapes', () => {
  it('there are more than two hundred of them, each with a name of its own', () => {
    expect(new Set(HOSTILE_SHAPES.map(({ kind, name }) => `${kind}, ${name}`)).size).toBe(HOSTILE_SHAPES.length);
    expect(HOSTILE_SHAPES.length).toBeGreaterThan(200);
  });

  it('sent by a stranger is refused or answered, repeats no value, and is no fault of ours', async () => {
    expect(await faultsOf(() => ({}))).toEqual([]);
  }, 900_000);

  it('sent by an account that tries the product is refused or answered, repeats no value, and is no fault of ours', async () => {
    expect(await faultsOf(({ byInstance }) => (byInstance === true ? instance : session))).toEqual([]);
  }, 900_000);

  it('leaves everybody else served', async () => {
    expect(
      (
        await createGraphqlClient(url)
          .as(session)
          .send('query ($id: ID!) { customer(id: $id) { email } }', { id: customerId })
      ).data,
    ).toEqual({ customer: { email: 'ada@example.com' } });
  });
});
