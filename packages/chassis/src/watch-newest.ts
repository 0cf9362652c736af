import { createHash } from 'node:crypto';
import type { Live } from './live.ts';
import { LiveEvent } from './live-event.ts';
import type { Log } from './log.ts';
import { PulledIterator } from './pulled-iterator.ts';

export interface NewestOptions<T> {
  live: Live;
  log: Log;
  topics: readonly string[];
  /** Where the reader stood when its stream was cut: what differs from that is sent at once. */
  after?: string | null | undefined;
  /** What is true now; null where there is nothing. */
  read(): Promise<T | null>;
  /** What makes one another to those who watch. */
  markOf(value: T): string;
  /**
   * Whether what a message tells of is what is read first, though nobody saw what was there before it: the message names it.
   * Left out, the first reading is what the watching begins from.
   */
  isTold?(value: T, message: string): boolean;
}

/**
 * What is true, each time that it is another, from now on; changes that follow one another faster than they are read become
 * one, and the newest always arrives. A message only says that something changed: what changed is read, as after a gap.
 */
export function watchNewest<T>(options: NewestOptions<T>): PulledIterator<LiveEvent<T>> {
  const { live, log, topics, after = null } = options;
  let position = after;
  let told: string | null = null;
  /** What is there at the beginning is not sent, unless a message names it that comes later: it was on its way meanwhile. */
  let isFirst = after === null;

  async function read(): Promise<LiveEvent<T>[] | null> {
    const value = await options.read();
    const found = value === null ? '' : positionOf(options.markOf(value));
    const before = position;
    position = found;
    const isNamed = isFirst && value !== null && told !== null && (options.isTold?.(value, told) ?? false);
    if (found === before && !isNamed) return null;
    const isNew = isNamed || before !== null;
    if (isNew) isFirst = false;
    return [new LiveEvent(isNew ? value : null, { position: found })];
  }

  const events = new PulledIterator<LiveEvent<T>>({
    read,
    onFailure: (err) => log.warn({ err, topics }, 'what may have changed could not be read'),
    onReturn() {
      for (const stop of stops) stop();
    },
  });
  const stops = topics.map((topic) =>
    live.subscribe(topic, (message) => {
      told = message;
      events.wake();
    }),
  );
  stops.push(live.onGap(() => events.wake()));
  events.wake();
  return events;
}

/** Short, whatever the mark is made of. */
function positionOf(mark: string): string {
  return createHash('sha256').update(mark).digest('base64url').slice(0, 22);
}
