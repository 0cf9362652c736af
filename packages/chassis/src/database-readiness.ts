import type pg from 'pg';
import { withDeadline } from './deadline.ts';

/** What a database lacks to serve, in words; null when it lacks nothing. */
export type Lack = () => Promise<string | null>;

const ANSWER_WITHIN_MS = 1_500;
const LOOK_FOR_ROOM_EVERY_MS = 5_000;
const DISK_FULL = '53100';
/** A sort that does not fit into memory is written to the server's disk, about a megabyte, and is gone with its answer: no table and no log is touched. */
const NEEDS_ROOM = "set local work_mem = '64kB'; select count(*) from (select repeat(md5(n::text), 32) as line from generate_series(1, 1000) n order by 1 offset 1) sorted";

/** Looks whether the database answers, may be written to and has room; however many ask, it is asked once at a time. */
export function watchDatabaseLack(pool: pg.Pool): Lack {
  let running: Promise<string | null> | null = null;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isFull = false;

  async function look(): Promise<string | null> {
    const client = await pool.connect();
    let isUseless = false;
    try {
      const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
      isUseless = rows[0]?.standby === true;
      if (isUseless) return 'database: it is a standby, which can only be read from';
      if (isFull || performance.now() - lookedAtMs >= LOOK_FOR_ROOM_EVERY_MS) {
        await client.query(NEEDS_ROOM);
        lookedAtMs = performance.now();
        isFull = false;
      }
      return null;
    } catch (error) {
      isUseless = true;
      isFull = (error as { code?: unknown }).code === DISK_FULL;
      return isFull ? 'database: its disk is full' : 'database: it does not answer';
    } finally {
      client.release(isUseless);
    }
  }

  return () => {
    running ??= look()
      .catch(() => 'database: it does not answer')
      .finally(() => {
        running = null;
      });
    return withDeadline(running, ANSWER_WITHIN_MS, 'late').catch(() => 'database: it does not answer in time');
  };
}
