import type { Live } from '@iotistic/chassis/live';
import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { Log } from '@iotistic/chassis/log';

export interface RowsOptions<T> {
  live: Live;
  log: Log;
  topic: string;
  /** Where the last row there is stands; 0 where there is none. Rows get their positions in the order of their commits. */
  last(): Promise<number>;
  /** Oldest first. */
  listAfter(position: number, limit: number): Promise<readonly T[]>;
}

const MAX_BUFFERED = 1_000;
const PAGE = 100;
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * Each row that is added from now on, once and in order. A message only says that there is more: the rows are read from where
 * the last one stood, as after a gap. Resolves when it watches: what is committed from then on is told.
 */
export async function watchRows<T extends { position: number }>(options: RowsOptions<T>): Promise<LiveIterator<T>> {
  const reader = new RowReader(options);
  const stops = [options.live.subscribe(options.topic, () => reader.read()), options.live.onGap(() => reader.read())];
  const stop = (): void => {
    for (const end of stops) end();
    reader.close();
  };
  try {
    const position = await options.last();
    return new LiveIterator<T>({
      limit: MAX_BUFFERED,
      start(push) {
        reader.begin(position, push);
        return stop;
      },
    });
  } catch (error) {
    stop();
    throw error;
  }
}

class RowReader<T extends { position: number }> {
  readonly #options: RowsOptions<T>;
  #position: number | null = null;
  #push: (row: T) => void = () => undefined;
  #isReading = false;
  #isWanted = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RowsOptions<T>) {
    this.#options = options;
  }

  /** What was told of meanwhile is read at once. */
  begin(position: number, push: (row: T) => void): void {
    this.#position = position;
    this.#push = push;
    if (this.#isWanted) this.read();
  }

  read(): void {
    this.#isWanted = true;
    if (this.#isReading || this.#position === null || this.#isClosed) return;
    this.#isReading = true;
    this.#readAll(this.#position)
      .catch((err: unknown) => {
        this.#options.log.warn({ err, topic: this.#options.topic }, 'live rows could not be read, trying again');
        this.#timer = setTimeout(() => this.read(), READ_AGAIN_AFTER_MS);
        this.#timer.unref();
      })
      .finally(() => {
        this.#isReading = false;
      });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #readAll(from: number): Promise<void> {
    let position = from;
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      const rows = await this.#options.listAfter(position, PAGE);
      if (rows.length === PAGE) this.#isWanted = true;
      for (const row of rows) if (!this.#isClosed) this.#push(row);
      position = rows.at(-1)?.position ?? position;
      this.#position = position;
    }
  }
}
