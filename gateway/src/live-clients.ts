import { setImmediate as breath } from 'node:timers/promises';
import type { Live } from '@iotistic/chassis/live';
import type { Log } from '@iotistic/chassis/log';
import { type Caller, customerOf } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { Authenticate, Credentials } from './authenticate.ts';
import { CREDENTIAL_TOPIC } from './credential-lookup.ts';

/** A connection that stays open: a WebSocket or an event stream. */
export interface LiveClient {
  readonly caller: Caller;
  readonly credentials: Credentials;
  readonly sha256: string | null;
  /** Called on every sweep: shows proxies and the client that the line is alive. */
  ping(): void;
  /** The credential is no longer good. */
  expire(error: AppError): void;
}

/** Everyone who stays connected. */
export interface LiveClients {
  /** @throws AppError TOO_MANY_CONNECTIONS */
  add(client: LiveClient): void;
  remove(client: LiveClient): void;
  close(): void;
}

const SWEEP_EVERY_MS = 30_000;
const CLIENTS_PER_BREATH = 500;

/** One timer for all of them; a credential that ends closes its connections, at once when it is revoked and otherwise at the next sweep. */
export function createLiveClients(options: { authenticate: Authenticate; live: Live; maxPerCustomer: number; log: Log; sweepEveryMs?: number }): LiveClients {
  const bySha256 = new Map<string, Set<LiveClient>>();
  const perCustomer = new Map<string, number>();
  const clients = new Set<LiveClient>();

  async function check(client: LiveClient): Promise<void> {
    try {
      await options.authenticate(client.credentials);
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED' && clients.has(client)) client.expire(error);
    }
  }

  async function sweep(): Promise<void> {
    let seen = 0;
    for (const client of clients) {
      client.ping();
      void check(client);
      seen += 1;
      if (seen % CLIENTS_PER_BREATH === 0) await breath();
    }
  }

  const timer = setInterval(() => void sweep().catch((err: unknown) => options.log.error({ err }, 'the sweep over live clients failed')), options.sweepEveryMs ?? SWEEP_EVERY_MS).unref();
  const stopListening = options.live.subscribe(CREDENTIAL_TOPIC, (sha256) => {
    for (const client of bySha256.get(sha256) ?? []) void check(client);
  });

  return {
    add(client) {
      const customerId = customerOf(client.caller);
      if (customerId !== null) {
        const count = perCustomer.get(customerId) ?? 0;
        if (count >= options.maxPerCustomer) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_CONNECTIONS', undefined, { details: { maximum: options.maxPerCustomer } });
        perCustomer.set(customerId, count + 1);
      }
      clients.add(client);
      if (client.sha256 !== null) bySha256.set(client.sha256, (bySha256.get(client.sha256) ?? new Set()).add(client));
    },
    remove(client) {
      if (!clients.delete(client)) return;
      const customerId = customerOf(client.caller);
      if (customerId !== null) {
        const left = (perCustomer.get(customerId) ?? 1) - 1;
        if (left === 0) perCustomer.delete(customerId);
        else perCustomer.set(customerId, left);
      }
      const same = client.sha256 === null ? undefined : bySha256.get(client.sha256);
      same?.delete(client);
      if (same?.size === 0 && client.sha256 !== null) bySha256.delete(client.sha256);
    },
    close() {
      clearInterval(timer);
      stopListening();
    },
  };
}
