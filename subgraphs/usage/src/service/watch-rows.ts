import type { Live } from '@iotistic/chassis/live';
import { LiveEvent } from '@iotistic/chassis/live-event';
import type { Log } from '@iotistic/chassis/log';
import { PulledIterator } from '@iotistic/chassis/pulled-iterator';

export interface RowsOptions<T> {
  live: Live;
  log: Log;
  topic: string;
  /** Where the reader stood when its stream was cut: the rows behind that are sent first. */
  after?: string | null | undefined;
  /** Where the last row there is stands; 0 where there is none. Rows get their positions in the order of their commits. */
  last(): Promise<number>;
  /** Oldest first. */
  listAfter(position: number, limit: number): Promise<readonly T[]>;
}

const PAGE = 100;

/**
 * Each row that is added from now on, once and in order, as fast as the reader takes them. A message only says that there is
 * more: the rows are read from where the last one stood, as after a gap. Resolves when it watches: what is committed from then
 * on is told.
 */
export async function watchRows<T extends { position: number }>(options: RowsOptions<T>): Promise<PulledIterator<LiveEvent<T>>> {
  const { live, log, topic } = options;
  let events: PulledIterator<LiveEvent<T>> | null = null;
  const wake = (): void => events?.wake();
  const stops = [live.subscribe(topic, wake), live.onGap(wake)];
  const stop = (): void => {
    for (const end of stops) end();
  };
  let position: number;
  try {
    position = parsePosition(options.after) ?? (await options.last());
  } catch (error) {
    stop();
    throw error;
  }
  events = new PulledIterator<LiveEvent<T>>({
    first: [new LiveEvent<T>(null, { position: String(position) })],
    async read() {
      const rows = await options.listAfter(position, PAGE);
      position = rows.at(-1)?.position ?? position;
      return rows.length === 0 ? null : rows.map((row) => new LiveEvent(row, { position: String(row.position) }));
    },
    onFailure: (err) => log.warn({ err, topic }, 'live rows could not be read, trying again'),
    onReturn: stop,
  });
  // What was told of meanwhile is read at once.
  events.wake();
  return events;
}

function parsePosition(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
