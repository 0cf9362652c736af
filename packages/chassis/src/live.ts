import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Log } from './log.ts';
import { NotifyQueue } from './notify-queue.ts';
import type { PgListener } from './pg-listener.ts';

type LiveListener = (message: string) => void;

/**
 * Tells other processes that something happened: topics and ids, never the thing itself, so that who hears it reads the
 * truth from the database. Nothing is kept for those who were away: after onGap, read again.
 */
export interface Live {
  /** Messages are at most 7,000 bytes: split lists of ids. Resolves when handed over; a failure is logged, not thrown. */
  publish(topic: string, message: string): Promise<void>;
  subscribe(topic: string, listener: LiveListener): () => void;
  /** Called when messages may have been missed. */
  onGap(listener: () => void): () => void;
  /** Whether messages can pass. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

const CHANNEL = 'iotistic_live';
export const MAX_LIVE_MESSAGE_BYTES = 7_000;

class Topics {
  readonly #listeners = new Map<string, Set<LiveListener>>();

  add(topic: string, listener: LiveListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  deliver(topic: string, message: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(message);
  }
}

/** Local listeners hear at once; other processes by one channel, whose echo of our own messages is dropped. */
function createLiveOver(transport: { send(topic: string, message: string): Promise<unknown>; onGap(listener: () => void): () => void; ready(): Promise<boolean>; close(): Promise<void> }, topics: Topics, log: Log): Live {
  return {
    async publish(topic, message) {
      topics.deliver(topic, message);
      try {
        await transport.send(topic, message);
      } catch (err) {
        log.warn({ err, topic }, 'a live message did not reach the other processes');
      }
    },
    subscribe: (topic, listener) => topics.add(topic, listener),
    onGap: transport.onGap,
    ready: transport.ready,
    close: transport.close,
  };
}

function deliverForeign(topics: Topics, origin: string, text: string): void {
  // Our own echo is not worth parsing.
  if (text.startsWith(`["${origin}"`)) return;
  const [, ...messages] = JSON.parse(text) as [string, ...[string, string][]];
  for (const [topic, message] of messages) topics.deliver(topic, message);
}

/** The live bus on PostgreSQL's LISTEN/NOTIFY. The pool and the listener stay the caller's. */
export async function createPostgresLive(options: { pool: Pool; listener: PgListener; log: Log }): Promise<Live> {
  const topics = new Topics();
  const origin = randomUUID();
  const stop = await options.listener.listen(CHANNEL, (text) => deliverForeign(topics, origin, text));
  const queue = new NotifyQueue(options.pool, CHANNEL, (texts) => `["${origin}",${texts.join(',')}]`);
  return createLiveOver(
    {
      send: (topic, message) => queue.send(JSON.stringify([topic, message])),
      onGap: (listener) => options.listener.onGap(listener),
      ready: () =>
        options.pool.query('select 1').then(
          () => true,
          () => false,
        ),
      close() {
        stop();
        return queue.close();
      },
    },
    topics,
    options.log,
  );
}

/** The live bus on Redis pub/sub. */
export async function createRedisLive(options: { url: string; log: Log }): Promise<Live> {
  const topics = new Topics();
  const origin = randomUUID();
  const publisher = new Redis(options.url, { maxRetriesPerRequest: 1, commandTimeout: 2_000 });
  const subscriber = new Redis(options.url, { maxRetriesPerRequest: null });
  const gapListeners = new Set<() => void>();
  for (const connection of [publisher, subscriber]) connection.on('error', (err) => options.log.warn({ err }, 'the live bus lost Redis'));
  subscriber.on('message', (_channel, text) => deliverForeign(topics, origin, text));
  await subscriber.subscribe(CHANNEL);
  subscriber.on('ready', () => {
    for (const listener of gapListeners) listener();
  });
  return createLiveOver(
    {
      send: (topic, message) => publisher.publish(CHANNEL, JSON.stringify([origin, [topic, message]])),
      onGap(listener) {
        gapListeners.add(listener);
        return () => gapListeners.delete(listener);
      },
      ready: () => Promise.resolve(publisher.status === 'ready' && subscriber.status === 'ready'),
      close() {
        publisher.disconnect();
        subscriber.disconnect();
        return Promise.resolve();
      },
    },
    topics,
    options.log,
  );
}
