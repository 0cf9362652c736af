import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../child.ts';
import type { Account } from '../contestant.ts';

/**
 * How instances ask. `held`: each says which license it holds, and that one is in force, as nearly always. `held-noted`:
 * the same, and each time something about it is new, so that the control plane has to write it down, as it does once a
 * minute of those that ask more often. `sent`: they hold none. `rest`: the design documents' route.
 */
export type Asking = 'held' | 'held-noted' | 'sent' | 'rest';

/** A customer whose instances ask. */
export interface Holder {
  account: Account;
  /** The id of the license in force; null where the service has no such thing. */
  licenseId: string | null;
}

export interface Traffic {
  asking: Asking;
  /** host:port */
  host: string;
  holders: readonly Holder[];
  instancesPerCustomer: number;
  connections: number;
}

/** What an instance says next, as bytes: one request, or several that take turns. */
interface Instance {
  requests: readonly Buffer[];
  asked: number;
}

/** In every good answer. */
export const EXPECTED: Readonly<Record<Asking, string>> = {
  held: '"fetchLicense":{"license":null,',
  'held-noted': '"fetchLicense":{"license":null,',
  sent: '"fetchLicense":{"license":{"token":"eyJ',
  rest: '{"license":"eyJ',
};

/** The document that our own agent sends. */
const DOCUMENT = readFileSync(join(ROOT, 'schema/operations/agent/fetch-license.graphql'), 'utf8');
/** What comes and goes with an agent; any change of it is written down at once. */
const TROUBLES: Readonly<Record<Asking, readonly (readonly string[])[]>> = { held: [[]], 'held-noted': [[], ['COLLECTOR_FAILED']], sent: [[]], rest: [[]] };

/** Names count through the fleet: each instance has its own. */
export function instanceName(index: number): string {
  return `edge-${String(index).padStart(5, '0')}`;
}

/** What an instance that has these problems says of itself and asks. */
export function graphqlBody(index: number, holding: string | null, problems: readonly string[]): string {
  const license = { instance: instanceName(index), holding, agentVersion: '1.0.0', runId: `run-${instanceName(index)}`, health: { clockSkewSeconds: 0, spooledReports: 0, problems } };
  return JSON.stringify({ query: DOCUMENT, variables: { license } });
}

/** Each connection's requests: its instances by turns, each instance on one connection only. All bytes are made before the first is sent. */
export function createRequestMakers(traffic: Traffic): (() => Buffer)[] {
  const instances = traffic.holders.flatMap((holder, customer) =>
    Array.from({ length: traffic.instancesPerCustomer }, (_, index): Instance => ({ requests: requestsOf(traffic, holder, customer * traffic.instancesPerCustomer + index), asked: 0 })),
  );
  return Array.from({ length: traffic.connections }, (_, connection) => {
    const own = instances.filter((_instance, index) => index % traffic.connections === connection % instances.length);
    let turn = 0;
    return () => {
      const instance = own[turn++ % own.length] as Instance;
      return instance.requests[instance.asked++ % instance.requests.length] as Buffer;
    };
  });
}

function requestsOf({ asking, host }: Traffic, { account, licenseId }: Holder, index: number): Buffer[] {
  const head = [`Host: ${host}`, 'Connection: keep-alive', 'Accept: application/json', `X-API-Key: ${account.apiKey}`];
  if (asking === 'rest') return [Buffer.from([`GET /api/licenses/${account.customerId} HTTP/1.1`, ...head, '', ''].join('\r\n'))];
  return TROUBLES[asking].map((problems) => {
    const body = graphqlBody(index, asking === 'sent' ? null : licenseId, problems);
    return Buffer.from([`POST /graphql HTTP/1.1`, ...head, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
  });
}
