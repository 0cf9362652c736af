import type { Live } from './live.ts';
import { LiveIterator } from './live-iterator.ts';
import type { Log } from './log.ts';

export interface NewestOptions<T> {
  live: Live;
  log: Log;
  topics: readonly string[];
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

const MAX_WAITING = 100;
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * What is true, each time that it is another, from now on; changes that follow one another faster than they are read become
 * one. A message only says that something changed: what changed is read, as after a gap.
 */
export function watchNewest<T>(options: NewestOptions<T>): LiveIterator<T> {
  const { live, log, topics } = options;
  return new LiveIterator<T>({
    limit: MAX_WAITING,
    start(push) {
      let seen: string | null = null;
      let told: string | null = null;
      let reading = false;
      let askedAgain = false;
      let timer: NodeJS.Timeout | undefined;

      async function readAll(): Promise<void> {
        do {
          askedAgain = false;
          const value = await options.read();
          const mark = value === null ? '' : options.markOf(value);
          const isNew = seen === null ? value !== null && told !== null && (options.isTold?.(value, told) ?? false) : mark !== seen;
          if (value !== null && isNew) push(value);
          seen = mark;
        } while (askedAgain);
      }

      function read(): void {
        askedAgain = true;
        if (reading) return;
        reading = true;
        readAll()
          .catch((err: unknown) => {
            log.warn({ err, topics }, 'what may have changed could not be read');
            timer = setTimeout(read, READ_AGAIN_AFTER_MS);
          })
          .finally(() => {
            reading = false;
          });
      }

      const stops = topics.map((topic) =>
        live.subscribe(topic, (message) => {
          told = message;
          read();
        }),
      );
      stops.push(live.onGap(read));
      read();
      return () => {
        for (const stop of stops) stop();
        clearTimeout(timer);
      };
    },
  });
}
