import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { CONNECTION_DEADLINES, cutConnection, guardConnection } from './connection-guard.ts';
import type { Log } from './log.ts';
import { connectSession } from './pg-session.ts';

type Listener = (payload: string) => void;

/** One connection that listens (LISTEN/NOTIFY) for many; it comes back after a loss and says that something may have been missed. */
export interface PgListener {
  /** Starts once the server confirmed it. The answer stops it. */
  listen(channel: string, listener: Listener): Promise<() => void>;
  onGap(listener: () => void): () => void;
  /** The server's process that listens; null while there is none. */
  backendPid(): Promise<number | null>;
  close(): Promise<void>;
}

const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 5_000;

/** @throws what the server says, or that it says nothing; nothing is left open then. */
async function openListening(options: { url: string; log: Log }, channels: Iterable<string>, hear: (channel: string, payload: string) => void): Promise<pg.Client> {
  const client = await connectSession(options.url, { applicationName: 'iotistic-listener', queryTimeoutMs: CONNECTION_DEADLINES.query_timeout }, (connecting) => {
    guardConnection(connecting);
    connecting.on('error', (err) => options.log.warn({ err }, 'the listening connection was lost'));
    connecting.on('notification', ({ channel, payload }) => hear(channel, payload ?? ''));
  });
  try {
    for (const channel of channels) await client.query(`listen ${channel}`);
    return client;
  } catch (error) {
    cutConnection(client);
    throw error;
  }
}

export async function createPgListener(options: { url: string; log: Log }): Promise<PgListener> {
  const listeners = new Map<string, Set<Listener>>();
  const gapListeners = new Set<() => void>();
  let client: pg.Client | null = null;
  let closed = false;

  async function connect(): Promise<void> {
    const next = await openListening(options, listeners.keys(), (channel, payload) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload);
    });
    next.on('end', () => {
      if (client === next) client = null;
      if (!closed) void reconnect();
    });
    client = next;
  }

  async function reconnect(): Promise<void> {
    for (let waitMs = RECONNECT_MIN_MS; !closed; waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS)) {
      await delay(waitMs, undefined, { ref: false });
      try {
        if (!closed) await connect();
        for (const listener of gapListeners) listener();
        return;
      } catch (err) {
        options.log.warn({ err }, 'the database cannot be listened to yet');
      }
    }
  }

  await connect();
  return {
    async listen(channel, listener) {
      const existing = listeners.get(channel);
      if (existing === undefined) {
        listeners.set(channel, new Set([listener]));
        await client?.query(`listen ${channel}`);
      } else {
        existing.add(listener);
      }
      return () => listeners.get(channel)?.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    async backendPid() {
      const answer = await client?.query<{ pid: number }>('select pg_backend_pid() as pid');
      return answer?.rows[0]?.pid ?? null;
    },
    async close() {
      closed = true;
      await client?.end();
    },
  };
}
