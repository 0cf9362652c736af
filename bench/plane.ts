import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type Child, startChild } from './child.ts';
import type { Account, Contestant } from './contestant.ts';

const READY_TIMEOUT_MS = 180_000;
const READY_POLL_MS = 100;
const SIGN_UPS_AT_ONCE = 8;

/** Our whole control plane as it is built: gateway, four subgraphs and workers in one process, on the database that it is given. */
export const plane: Contestant = {
  name: 'ours',
  start: async ({ databaseUrl, folder, customers, nodeOptions }) => {
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    const child = startChild({ name: 'control plane', script: 'control-plane/dist/main.js', nodeOptions, env: environmentOf(databaseUrl, folder, port) });
    try {
      await untilServing(url, child);
      const accounts = await signUpAll(url, customers);
      return { url, pids: [child.pid], accounts, remark: () => remarkOn(url), stop: () => child.stop() };
    } catch (error) {
      await child.stop();
      throw error;
    }
  },
};

export function environmentOf(databaseUrl: string, folder: string, port: number): Record<string, string> {
  return { ...commonEnvironment(databaseUrl, folder), ...gatewayEnvironment(), PORT: String(port), DATA_DIR: join(folder, 'data'), STRIPE_SIMULATOR: 'true' };
}

/** As in production. */
export function commonEnvironment(databaseUrl: string, folder: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    DATABASE_URL: databaseUrl,
    REDIS_URL: '',
    MAIL_DIR: join(folder, 'mail'),
    // Calls are counted as in production, but no instance here is an ordinary one.
    REPORT_CALLS_PER_HOUR: '1000000',
    LICENSE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** All load comes from one address here: limits per address and per customer are out of the way, for they are not the question. */
export function gatewayEnvironment(): Record<string, string> {
  return { ADMIN_API_TOKEN: randomBytes(24).toString('hex'), RATE_LIMIT_ANONYMOUS: '1000000000', CUSTOMER_COST_PER_MINUTE: '0', MAX_SOCKETS_PER_CUSTOMER: '100000', MAX_PENDING_SOCKETS_PER_ADDRESS: '1000' };
}

/** @throws where the process ends, or does not serve in time. */
export async function untilServing(url: string, child: Child): Promise<void> {
  const waiting = new AbortController();
  try {
    await Promise.race([untilReady(url, waiting.signal), child.next('end', READY_TIMEOUT_MS)]);
  } finally {
    waiting.abort();
  }
}

export async function signUpAll(url: string, customers: number): Promise<Account[]> {
  const accounts: Account[] = [];
  for (let index = 0; index < customers; index += SIGN_UPS_AT_ONCE) {
    const some = Array.from({ length: Math.min(SIGN_UPS_AT_ONCE, customers - index) }, (_, offset) => signUp(url, index + offset));
    accounts.push(...(await Promise.all(some)));
  }
  return accounts;
}

async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
    await delay(READY_POLL_MS);
  }
}

/** How many calls shared a transaction. @param url of the process that keeps usage */
export async function remarkOn(url: string): Promise<string> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const valueOf = (name: string): number => Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1]);
  const perCommit = valueOf('iotistic_usage_report_calls_total') / valueOf('iotistic_usage_report_commits_total');
  return `${perCommit.toFixed(1)} calls per commit`;
}

async function signUp(url: string, index: number): Promise<Account> {
  const signedUp = await ask<{ signUp: { customer: { id: string; license: { id: string } | null }; session: { token: string } } }>(
    url,
    {},
    'mutation ($input: SignUpInput!) { signUp(input: $input) { customer { id license { id } } session { token } } }',
    { input: { email: `bench-${index}@example.com`, password: 'correct horse battery', companyName: 'Acme Corp' } },
  );
  const customerId = signedUp.signUp.customer.id;
  const authorization = `Bearer ${signedUp.signUp.session.token}`;
  const { createApiKey } = await ask<{ createApiKey: { secret: string } }>(url, { authorization }, 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'bench' } });
  return { customerId, apiKey: createApiKey.secret, connectionParams: { authorization } };
}

async function ask<T>(url: string, headers: Record<string, string>, query: string, variables: object): Promise<T> {
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await answer.json()) as { data?: T; errors?: object[] };
  if (data === undefined || data === null || errors !== undefined) throw new Error(`the plane answered ${JSON.stringify(errors)}`);
  return data;
}
