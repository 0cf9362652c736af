import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { verifyLicense } from '@iotistic/contracts/license';
import type { Account, RunningContestant } from '../contestant.ts';
import { graphqlBody, type Holder } from './requests.ts';

const ASKING_AT_ONCE = 16;
/** A license is issued by a job; this is how long the last one may take. */
const ISSUED_WITHIN_MS = 60_000;
const POLL_MS = 250;

interface FetchAnswer {
  data?: { fetchLicense: { license: { token: string } | null } } | null;
}

/** Brings our fleet to where it mostly is: every instance is known and holds its customer's license. Answers who holds which. */
export async function activateFleet(server: RunningContestant, instancesPerCustomer: number): Promise<Holder[]> {
  const keys = await fetchKeys(server.url);
  const holders: Holder[] = [];
  let next = 0;
  const activateSome = async (): Promise<void> => {
    while (next < server.accounts.length) {
      const customer = next++;
      const account = server.accounts[customer] as Account;
      const token = await awaitLicense(server.url, account, customer * instancesPerCustomer);
      const { valid, claims } = verifyLicense(token, { findKey: (kid) => keys.get(kid) ?? null, now: new Date() });
      if (!valid || claims?.customerId !== account.customerId) throw new Error(`the license of ${account.customerId} is not one: ${token}`);
      for (let index = 1; index < instancesPerCustomer; index += 1) await fetchOnce(server.url, account, customer * instancesPerCustomer + index);
      holders[customer] = { account, licenseId: claims.jti };
    }
  };
  await Promise.all(Array.from({ length: ASKING_AT_ONCE }, activateSome));
  return holders;
}

/** The peer's licenses have no ids; that they are good is looked at here too. */
export async function listPeerHolders({ url, accounts }: RunningContestant): Promise<Holder[]> {
  const [account] = accounts;
  if (account === undefined) throw new Error('there is no account');
  const { publicKey } = (await (await fetch(`${url}/api/licenses/public-key`)).json()) as { publicKey: string };
  const { license } = (await (await fetch(`${url}/api/licenses/${account.customerId}`, { headers: { 'x-api-key': account.apiKey } })).json()) as { license: string };
  const [head, body, signature] = license.split('.');
  if (!verify('sha256', Buffer.from(`${head}.${body}`), createPublicKey(publicKey), Buffer.from(signature ?? '', 'base64url'))) throw new Error(`the license of ${account.customerId} is not one: ${license}`);
  return accounts.map((holder) => ({ account: holder, licenseId: null }));
}

async function awaitLicense(url: string, account: Account, index: number): Promise<string> {
  const deadline = performance.now() + ISSUED_WITHIN_MS;
  while (performance.now() < deadline) {
    const token = await fetchOnce(url, account, index);
    if (token !== null) return token;
    await delay(POLL_MS);
  }
  throw new Error(`${account.customerId} has no license after ${ISSUED_WITHIN_MS} ms`);
}

async function fetchOnce(url: string, account: Account, index: number): Promise<string | null> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': account.apiKey }, body: graphqlBody(index, null, []) });
  const text = await response.text();
  const { data } = JSON.parse(text) as FetchAnswer;
  if (data === undefined || data === null) throw new Error(`the fetch was answered with ${text}`);
  return data.fetchLicense.license?.token ?? null;
}

async function fetchKeys(url: string): Promise<Map<string, ReturnType<typeof createPublicKey>>> {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
}
