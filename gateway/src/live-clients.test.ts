import { createLog } from '@iotistic/chassis/log';
import type { Live } from '@iotistic/chassis/live';
import { AppError } from '@iotistic/contracts/errors';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Authenticate } from './authenticate.ts';
import { createLiveClients, type LiveClient, type LiveClients } from './live-clients.ts';

const silent: Live = { publish: () => Promise.resolve(), subscribe: () => () => undefined, onGap: () => () => undefined, ready: () => Promise.resolve(true), close: () => Promise.resolve() };
const caller = { kind: 'instance', customerId: 'cust_1', credential: 'api_key', credentialId: 'akey_1' } as const;
let clients: LiveClients;
afterEach(() => clients.close());

function sweepWith(authenticate: Authenticate): { client: LiveClient; pings: () => number; expired: AppError[] } {
  clients = createLiveClients({ authenticate, live: silent, maxPerCustomer: 1, log: createLog({ level: 'silent', name: 'test' }), sweepEveryMs: 5 });
  let pings = 0;
  const expired: AppError[] = [];
  const client: LiveClient = { caller, credentials: { apiKey: 'iotk_1' }, sha256: 'x', ping: () => void (pings += 1), expire: (error) => void expired.push(error) };
  clients.add(client);
  return { client, pings: () => pings, expired };
}

describe('the sweep', () => {
  it('shows each client that the line is alive, and leaves those who left alone', async () => {
    const { client, pings, expired } = sweepWith(() => Promise.resolve({ caller, sha256: 'x' }));
    await waitFor(() => expect(pings()).toBeGreaterThan(2));
    clients.remove(client);
    const before = pings();
    const ping = vi.fn<() => void>();
    clients.add({ ...client, ping });
    await waitFor(() => expect(ping.mock.calls.length).toBeGreaterThan(2));
    expect(pings()).toBe(before);
    expect(expired).toEqual([]);
  });

  it('ends those whose credential has ended', async () => {
    const { expired } = sweepWith(() => Promise.reject(new AppError('UNAUTHENTICATED', 'SESSION_EXPIRED')));
    await waitFor(() => expect(expired[0]).toMatchObject({ reason: 'SESSION_EXPIRED' }));
  });

  it('ends nobody because those who know credentials do not answer', async () => {
    const { pings, expired } = sweepWith(() => Promise.reject(new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE')));
    await waitFor(() => expect(pings()).toBeGreaterThan(2));
    expect(expired).toEqual([]);
  });
});

describe('an account', () => {
  it('has as many connections as it may, and room again when one leaves', () => {
    const { client } = sweepWith(() => Promise.resolve({ caller, sha256: 'x' }));
    expect(() => clients.add({ ...client })).toThrow(AppError);
    clients.remove(client);
    clients.remove(client);
    expect(() => clients.add({ ...client })).not.toThrow();
  });
});
