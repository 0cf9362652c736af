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

interface Transport {
  send(topic: string, message: string): Promise<unknown>;
  onGap(listener: () => void): void;
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

/** Says that messages were lost on their way out, and not which. No topic of anybody's. */
const LOSS_TOPIC = '';
const REPORT_LOSS_AFTER_MS = 500;

/**
 * Messages that could not be sent are not sent again: what they named is read by whoever hears of the loss, as after a lost
 * connection. That one notice is sent until it arrives.
 */
class LossNotice {
  #isOwed = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(private readonly send: () => Promise<unknown>) {}

  owe(): void {
    this.#isOwed = true;
    this.#sendLater();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #sendLater(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#sendNow(), REPORT_LOSS_AFTER_MS).unref();
  }

  async #sendNow(): Promise<void> {
    this.#isOwed = false;
    try {
      await this.send();
    } catch {
      this.#isOwed = true;
    }
    this.#timer = undefined;
    if (this.#isOwed) this.#sendLater();
  }
}

/** Local listeners hear at once; other processes by one channel, whose echo of our own messages is dropped. */
function createLiveOver(transport: Transport, topics: Topics, log: Log): Live {
  const gapListeners = new Set<() => void>();
  const missed = (): void => {
    for (const listener of gapListeners) listener();
  };
  transport.onGap(missed);
  topics.add(LOSS_TOPIC, missed);
  const loss = new LossNotice(() => transport.send(LOSS_TOPIC, ''));
  // The process before this one may have ended between a commit and its message.
  transport.send(LOSS_TOPIC, '').catch(() => loss.owe());
  return {
    async publish(topic, message) {
      topics.deliver(topic, message);
      try {
        await transport.send(topic, message);
      } catch (err) {
        log.warn({ err, topic }, 'a live message did not reach the other processes: they are told to read what they may have missed');
        loss.owe();
      }
    },
    subscribe: (topic, listener) => topics.add(topic, listener),
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    ready: transport.ready,
    close() {
      loss.close();
      return transport.close();
    },
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
  let stopGaps = (): void => undefined;
  const queue = new NotifyQueue(options.pool, CHANNEL, (texts) => `["${origin}",${texts.join(',')}]`);
  return createLiveOver(
    {
      send: (topic, message) => queue.send(JSON.stringify([topic, message])),
      onGap: (listener) => {
        stopGaps = options.listener.onGap(listener);
      },
      ready: () =>
        options.pool.query('select 1').then(
          () => true,
          () => false,
        ),
      close() {
        stop();
        stopGaps();
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
  let hasGap = (): void => undefined;
  for (const connection of [publisher, subscriber]) connection.on('error', (err) => options.log.warn({ err }, 'the live bus lost Redis'));
  subscriber.on('message', (_channel, text) => deliverForeign(topics, origin, text));
  await subscriber.subscribe(CHANNEL);
  // What is read after a gap is read once the channel is heard again: what comes between the two would be lost.
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANNEL).then(
      () => hasGap(),
      (err: unknown) => options.log.warn({ err }, 'the live bus could not subscribe again'),
    );
  });
  return createLiveOver(
    {
      send: (topic, message) => publisher.publish(CHANNEL, JSON.stringify([origin, [topic, message]])),
      onGap: (listener) => {
        hasGap = listener;
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
